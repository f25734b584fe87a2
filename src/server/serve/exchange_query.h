// The query parameters of lists.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/serve/answer.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::serve {

// What a list of exchanges is answered with: a page of JSON, or a file (download.h).
enum class ListFormat { kPage, kNdjson, kCsv, kHar };

// What a list of exchanges was asked for. `filter.project` is for the caller to set.
struct ExchangeQuery {
  store::Filter filter;
  std::string query;  // a condition of the query language, as text; empty for none
  std::optional<store::Position> after;
  std::optional<Uuid> after_id;  // the exchange that `after` is to be the position of
  int limit = 0;
  ListFormat format = ListFormat::kPage;
  std::vector<std::size_t> fields;     // indexes into exchange_fields(); empty: all of them
  std::vector<query::FieldRef> paths;  // whose values each row of a page has besides
  std::optional<Uuid> query_id;        // the client's own name for the search
  bool logs = false;                   // with the lines of logs beside them; of messages only
};

// Of a list; each of them is read out of every row.
inline constexpr std::size_t kListPathsMax = 16;

// A parameter that is unknown, given twice, or has a bad value is a problem with its name as the
// pointer. `only_paging` allows limit, cursor and fields alone. `format` is what it is without a
// parameter of that name.
tl::expected<ExchangeQuery, Problem> parse_exchange_query(std::string_view query,
                                                          std::int64_t now_ns, bool only_paging,
                                                          ListFormat format = ListFormat::kPage);

// What a list of dead letters was asked for.
struct DeadLetterQuery {
  std::optional<std::int64_t> before;
  int limit = 0;
};
tl::expected<DeadLetterQuery, Problem> parse_dead_letter_query(std::string_view query);

// What a live tail was asked for.
struct TailQuery {
  std::string query;                // as text; empty for everything
  std::vector<std::size_t> fields;  // as ExchangeQuery's
  std::vector<query::FieldRef> paths;
};
tl::expected<TailQuery, Problem> parse_tail_query(std::string_view query);

// RFC 3339, "now", or relative to `now_ns`: a minus sign, then numbers with s, m, h, d or w
// ("-1h30m").
std::optional<std::int64_t> parse_time(std::string_view text, std::int64_t now_ns);

// Opaque to clients: where the next page begins.
std::string encode_cursor(const store::Position& position);
std::optional<store::Position> decode_cursor(std::string_view cursor);
std::string encode_dead_letter_cursor(std::int64_t id);
std::optional<std::int64_t> decode_dead_letter_cursor(std::string_view cursor);

}  // namespace apitoolkit::server::serve
