// The answer of POST /api/v1/query, in the forms that a user may want.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/result.h"
#include "src/json/document.h"

namespace apitoolkit::cli {

class QueryAnswer {
 public:
  // kCorrupt for what is no such answer.
  static Result<QueryAnswer> parse(std::string json);

  bool truncated() const { return truncated_; }

  // For people: durations with units, everything shown (terminal_text.h).
  std::string table(std::size_t columns) const;
  // An object for each row.
  std::string ndjson() const;
  // RFC 4180; no cell is a formula.
  std::string csv() const;

 private:
  struct Column {
    std::string name;
    std::string type;
  };

  QueryAnswer(std::unique_ptr<std::string> source, json::Document document)
      : source_(std::move(source)), document_(std::move(document)) {}
  // Calls visit(row's values, as nodes) for each.
  template <class Visit>
  void for_each_row(Visit visit) const;

  std::unique_ptr<std::string> source_;  // what the document points into
  json::Document document_;
  std::vector<Column> columns_;
  std::uint32_t rows_ = 0;
  bool truncated_ = false;
};

}  // namespace apitoolkit::cli
