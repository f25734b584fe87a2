#include "src/cli/tail_line.h"

#include "src/cli/terminal_text.h"
#include "src/json/document.h"
#include "src/server/query/value.h"

namespace apitoolkit::cli {
namespace {

using json::Type;

constexpr std::size_t kTimeBegin = 11;  // of 2026-01-02T03:04:05.678901+00:00
constexpr std::size_t kTimeBytes = 12;

std::string text_of(const json::Document& document, std::uint32_t object, std::string_view name) {
  const auto node = document.member(object, name);
  if (!node || document[*node].type != Type::kString) return {};
  return shown(document.text(*node));
}

std::int64_t number_of(const json::Document& document, std::uint32_t object,
                       std::string_view name) {
  const auto node = document.member(object, name);
  if (!node || document[*node].type != Type::kNumber) return 0;
  return json::to_int64(document.raw(*node)).value_or(0);
}

const char* colour_of(std::int64_t status) {
  if (status >= 500 || status == 0) return "31";
  if (status >= 400) return "33";
  return status >= 300 ? "36" : "32";
}

std::string error_of(const json::Document& document) {
  const auto errors = document.member(0, "errors");
  if (!errors || document[*errors].type != Type::kArray || document[*errors].count == 0) return {};
  const std::uint32_t first = *errors + 1;
  if (document[first].type != Type::kObject) return {};
  return text_of(document, first, "error_type") + ": " + text_of(document, first, "message");
}

}  // namespace

std::string tail_line(std::string_view exchange, bool coloured) {
  const auto document = json::Document::parse(exchange);
  if (!document || (*document)[0].type != Type::kObject) return {};
  const auto text = [&](std::string_view name) { return text_of(*document, 0, name); };
  const std::string time = text("timestamp");
  const std::int64_t status = number_of(*document, 0, "status_code");
  std::string line =
      time.size() > kTimeBegin + kTimeBytes ? time.substr(kTimeBegin, kTimeBytes) : time;
  line +=
      "  " + in_colour(status == 0 ? "---" : std::to_string(status), colour_of(status), coloured);
  line += "  " + text("method") + (text("request_type") == "outgoing" ? " > " : "  ");
  line += text("host") + text("raw_url");
  line += "  " + server::query::format_duration(number_of(*document, 0, "duration"));
  if (const std::string who = text("consumer"); !who.empty()) line += "  " + who;
  if (const std::string error = error_of(*document); !error.empty()) {
    line += "  " + in_colour(error, "31", coloured);
  }
  return line + "\n";
}

}  // namespace apitoolkit::cli
