// Where the fields of one exchange come from, while a query looks at it: an Exchange in memory, or
// the columns of a store.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "src/json/document.h"
#include "src/server/query/ast.h"
#include "src/server/query/text_search.h"

namespace apitoolkit::server::query {

// An exchange as it is stored, with what only the server knows of it. A view.
struct StoredExchange {
  const Exchange* exchange = nullptr;
  Uuid identity{};  // msg_id
  std::int64_t received_ns = 0;
  bool timestamp_corrected = false;
};

// One thread at a time.
class Source {
 public:
  virtual ~Source() = default;

  // The value at the end of the path: null where nothing is there, a list where the path has [*] or
  // leads to several (tags, a header that was sent twice) and there is at least one.
  virtual Value get(FieldId field, std::span<const Step> steps) = 0;

  // The whole text of a text field or a body, where that is at hand without a copy and without
  // reading JSON; else nullopt, and get() says what it is. Valid as long as the source stays where
  // it is. Empty stands for null.
  virtual std::optional<std::string_view> view(FieldId) { return std::nullopt; }

  // Free text: whether the URL, a header, a body or an error has it.
  virtual bool contains(const SearchText& text) = 0;

  // The order of exchanges: newest first by these two.
  virtual std::int64_t start_ns() = 0;
  virtual const Uuid& identity() = 0;
};

// Bodies are read as JSON at most once for each exchange, and only if a path leads into them. Keeps
// its memory from one exchange to the next.
class ExchangeSource final : public Source {
 public:
  // The exchange must stay alive and unchanged until the next reset().
  void reset(const StoredExchange& row);

  Value get(FieldId field, std::span<const Step> steps) override;
  std::optional<std::string_view> view(FieldId field) override;
  bool contains(const SearchText& text) override;
  std::int64_t start_ns() override { return row_.exchange->start_ns; }
  const Uuid& identity() override { return row_.identity; }

 private:
  struct ParsedBody {
    bool tried = false;
    bool is_json = false;
    json::Document document;
  };
  Value body(const Body& bytes, ParsedBody& parsed, std::span<const Step> steps);
  Value scalar(FieldId field) const;

  StoredExchange row_;
  ParsedBody request_;
  ParsedBody response_;
};

// The body without white space around it and without a byte order mark, which is the text that
// operators see.
std::string_view trimmed_body(std::string_view bytes);

}  // namespace apitoolkit::server::query
