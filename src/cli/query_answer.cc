#include "src/cli/query_answer.h"

#include <utility>

#include "src/cli/terminal_text.h"
#include "src/cli/text_table.h"
#include "src/json/writer.h"
#include "src/server/query/value.h"
#include "src/server/serve/csv_cell.h"

namespace apitoolkit::cli {
namespace {

using json::Type;

tl::unexpected<Error> no_answer() {
  return fail(ErrorCode::kCorrupt, "the server's answer is not one to a query");
}

bool is_number(std::string_view type) {
  return type == "integer" || type == "double" || type == "duration";
}

}  // namespace

Result<QueryAnswer> QueryAnswer::parse(std::string json) {
  auto source = std::make_unique<std::string>(std::move(json));
  auto document = json::Document::parse(*source);
  if (!document || (*document)[0].type != Type::kObject) return no_answer();
  QueryAnswer answer(std::move(source), std::move(*document));
  const json::Document& d = answer.document_;
  const auto columns = d.member(0, "columns");
  const auto rows = d.member(0, "rows");
  const auto stats = d.member(0, "stats");
  if (!columns || !rows || !stats || d[*columns].type != Type::kArray ||
      d[*rows].type != Type::kArray || d[*stats].type != Type::kObject) {
    return no_answer();
  }
  std::uint32_t column = *columns + 1;
  for (std::uint32_t i = 0; i < d[*columns].count; ++i, column = d[column].next) {
    if (d[column].type != Type::kObject) return no_answer();
    const auto name = d.member(column, "name");
    const auto type = d.member(column, "type");
    if (!name || !type || d[*name].type != Type::kString || d[*type].type != Type::kString) {
      return no_answer();
    }
    answer.columns_.push_back({d.text(*name), d.text(*type)});
  }
  std::uint32_t row = *rows + 1;
  for (std::uint32_t i = 0; i < d[*rows].count; ++i, row = d[row].next) {
    if (d[row].type != Type::kArray || d[row].count != answer.columns_.size()) return no_answer();
  }
  answer.rows_ = *rows;
  const auto truncated = d.member(*stats, "truncated");
  answer.truncated_ = truncated && d[*truncated].type == Type::kTrue;
  return answer;
}

template <class Visit>
void QueryAnswer::for_each_row(Visit visit) const {
  std::uint32_t row = rows_ + 1;
  std::vector<std::uint32_t> values(columns_.size());
  for (std::uint32_t i = 0; i < document_[rows_].count; ++i, row = document_[row].next) {
    std::uint32_t value = row + 1;
    for (std::uint32_t& node : values) {
      node = value;
      value = document_[value].next;
    }
    visit(values);
  }
}

std::string QueryAnswer::table(std::size_t columns) const {
  std::vector<std::string> headings;
  std::vector<bool> right;
  for (const Column& column : columns_) {
    headings.push_back(shown(column.name));
    right.push_back(is_number(column.type));
  }
  std::vector<std::vector<std::string>> rows;
  for_each_row([&](const std::vector<std::uint32_t>& values) {
    std::vector<std::string>& row = rows.emplace_back();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string_view raw = document_.raw(values[i]);
      const auto ns = columns_[i].type == "duration" ? json::to_int64(raw) : std::nullopt;
      switch (document_[values[i]].type) {
        case Type::kNull:
          row.emplace_back();
          break;
        case Type::kString:
          row.push_back(shown(document_.text(values[i])));
          break;
        default:
          row.push_back(ns ? server::query::format_duration(*ns) : shown(raw));
      }
    }
  });
  return text_table(headings, rows, right, columns);
}

std::string QueryAnswer::ndjson() const {
  std::string out;
  for_each_row([&](const std::vector<std::uint32_t>& values) {
    json::Writer w;
    w.begin_object();
    for (std::size_t i = 0; i < values.size(); ++i) {
      w.key(columns_[i].name).raw(document_.raw(values[i]));
    }
    w.end_object();
    out += w.str();
    out += '\n';
  });
  return out;
}

std::string QueryAnswer::csv() const {
  std::string out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) out += ',';
    out += server::serve::csv_cell(columns_[i].name);
  }
  out += "\r\n";
  for_each_row([&](const std::vector<std::uint32_t>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Type type = document_[values[i]].type;
      if (i > 0) out += ',';
      if (type == Type::kNumber) {
        out += document_.raw(values[i]);
      } else if (type != Type::kNull) {
        out +=
            server::serve::csv_cell(type == Type::kString ? document_.text(values[i])
                                                          : std::string(document_.raw(values[i])));
      }
    }
    out += "\r\n";
  });
  return out;
}

}  // namespace apitoolkit::cli
