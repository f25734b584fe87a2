#include "src/server/query/conformance.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include "src/base/file.h"

namespace apitoolkit::server::query {
namespace {

std::string id_text(int number) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "019b7000-0000-7000-8000-000000000000";
  out[out.size() - 2] = kHex[static_cast<std::size_t>(number / 16)];
  out[out.size() - 1] = kHex[static_cast<std::size_t>(number % 16)];
  return out;
}

// "1 4 5" as the column that the query of a "?" line answers with.
std::string ids_table(std::string_view numbers, const std::string& data_set) {
  std::string out = "msg_id";
  if (numbers == "none") return out;
  const auto count = static_cast<int>(test_data_set(data_set).size());
  const auto add = [&out](int number) { out += "\n\"" + id_text(number) + "\""; };
  if (numbers == "all") {
    for (int i = 1; i <= count; ++i) add(i);
    return out;
  }
  while (!numbers.empty()) {
    int number = 0;
    const auto [end, error] =
        std::from_chars(numbers.data(), numbers.data() + numbers.size(), number);
    if (error != std::errc()) return "what is '" + std::string(numbers) + "'?";
    add(number);
    numbers.remove_prefix(static_cast<std::size_t>(end - numbers.data()));
    numbers.remove_prefix(std::min(numbers.find_first_not_of(' '), numbers.size()));
  }
  return out;
}

// "7+10 message": the error of a "!" line.
std::string error_text(const QueryError& error) {
  std::string out =
      std::to_string(error.at + 1) + "+" + std::to_string(error.width) + " " + error.message;
  if (!error.suggestion.empty()) out += "; did you mean '" + error.suggestion + "'?";
  return out;
}

class FileReader {
 public:
  FileReader(std::string name, std::vector<ConformanceCase>& out)
      : name_(std::move(name)), out_(out) {}

  void line(const std::string& text) {
    ++number_;
    if (text.starts_with("--- ")) {
      finish_block();
      begin_block();
      return;
    }
    const bool outside = !in_query_ && !in_answer_;
    if (text.starts_with("data ") && !in_query_) {
      finish_block();
      data_set_ = text.substr(5);
    } else if (in_query_) {
      if (text == "===") {
        in_query_ = false;
        in_answer_ = true;
      } else {
        block_.query += (block_.query.empty() ? "" : "\n") + text;
      }
    } else if (is_short(text)) {
      finish_block();
      add_short(text);
    } else if (!outside) {
      block_.expected += (block_.expected.empty() ? "" : "\n") + text;
    }
  }

  void finish_block() {
    if (!in_answer_) return;
    in_answer_ = false;
    // Empty lines and comments between the answer and what follows.
    while (true) {
      const std::size_t last = block_.expected.rfind('\n');
      const std::string tail = last == std::string::npos ? "" : block_.expected.substr(last + 1);
      if (last == std::string::npos || !(tail.empty() || tail[0] == '#')) break;
      block_.expected.resize(last);
    }
    out_.push_back(block_);
  }

 private:
  static bool is_short(const std::string& text) {
    return text.size() > 2 && text[1] == ' ' &&
           std::string_view("?=!").find(text[0]) != std::string_view::npos;
  }

  std::string place() const { return name_ + ":" + std::to_string(number_); }

  void begin_block() {
    block_ = {place(), data_set_, "", ""};
    in_query_ = true;
  }

  void add_short(const std::string& text) {
    const std::size_t arrow = text.rfind(" -> ");
    if (arrow == std::string::npos) {
      out_.push_back({place(), data_set_, text, "a line with ' -> '"});
      return;
    }
    const std::string left = text.substr(2, arrow - 2);
    const std::string right = text.substr(arrow + 4);
    if (text[0] == '?') {
      out_.push_back({place(), data_set_,
                      "where " + left + "\n| sort by timestamp | project msg_id",
                      ids_table(right, data_set_)});
    } else if (text[0] == '!') {
      out_.push_back({place(), data_set_, left, "! " + right});
    } else {
      const std::size_t colon = left.find(": ");
      const std::string id = id_text(std::atoi(left.c_str()));
      out_.push_back({place(), data_set_,
                      "where msg_id == \"" + id + "\" | project v = " + left.substr(colon + 2),
                      "v\n" + right});
    }
  }

  std::string name_;
  std::vector<ConformanceCase>& out_;
  std::string data_set_;
  int number_ = 0;
  ConformanceCase block_;
  bool in_query_ = false;
  bool in_answer_ = false;
};

}  // namespace

std::vector<ConformanceCase> read_conformance_suite(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".test") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<ConformanceCase> out;
  for (const std::filesystem::path& file : files) {
    FileReader reader(file.filename().string(), out);
    const auto text = read_file(file.string());
    if (!text) {
      out.push_back({file.string(), "empty", "", text.error().message});
      continue;
    }
    for (std::size_t at = 0; at < text->size();) {
      const std::size_t end = std::min(text->find('\n', at), text->size());
      reader.line(text->substr(at, end - at));
      at = end + 1;
    }
    reader.finish_block();
  }
  return out;
}

std::string outcome_of(const ConformanceCase& one, const Answerer& answer) {
  static const auto* const data_sets =
      new std::map<std::string, std::vector<TestExchange>>{{"shop", test_data_set("shop")},
                                                           {"hours", test_data_set("hours")},
                                                           {"empty", test_data_set("empty")}};
  const auto query = parse(one.query);
  if (!query) {
    if (one.expected.starts_with("! ")) return "! " + error_text(query.error());
    std::string sentence = "error: " + describe(query.error(), one.query);
    if (one.expected.find('\n') == std::string::npos) return sentence;
    return sentence + "\n" + point_at(query.error(), one.query);
  }
  const auto answered = answer(*query, data_sets->at(one.data_set));
  return answered ? describe(*answered) : "error: " + answered.error();
}

}  // namespace apitoolkit::server::query
