// GET /api/v1/dead-letters.
#include <algorithm>
#include <utility>

#include "src/base/limits.h"
#include "src/json/writer.h"
#include "src/server/serve/exchange_query.h"
#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {
namespace {

// A dead letter can be as large as a message may be, so they are read a few at a time and the page
// ends early rather than exceed limits::kPageBytesMax by more than these.
constexpr int kReadAtOnce = 4;

void write_letter(const store::DeadLetter& letter, json::Writer& w) {
  w.begin_object()
      .key("id")
      .value(letter.id)
      .key("received_at")
      .value(base::format_rfc3339(letter.received_ns))
      .key("source")
      .value(letter.source)
      .key("reason")
      .value(letter.reason)
      .key("bytes")
      .base64(letter.bytes)
      .end_object();
}

net::ServerResponse list(const Services& services, const net::ServerRequest& request,
                         const Caller& caller) {
  const auto query = parse_dead_letter_query(request.query);
  if (!query) return problem_answer(query.error());
  json::Writer w;
  w.begin_object().key("data").begin_array();
  std::optional<std::int64_t> before = query->before;
  int left = query->limit;
  bool at_end = false;
  while (left > 0 && !at_end && static_cast<std::int64_t>(w.size()) < limits::kPageBytesMax) {
    const int wanted = std::min(left, kReadAtOnce);
    const auto letters = services.store.dead_letters(caller.project->id, before, wanted);
    if (!letters) return problem_answer(problem_of(letters.error()));
    for (const store::DeadLetter& letter : *letters) {
      write_letter(letter, w);
      before = letter.id;
    }
    left -= static_cast<int>(letters->size());
    at_end = static_cast<int>(letters->size()) < wanted;
  }
  if (!at_end) {
    const auto more = services.store.dead_letters(caller.project->id, before, 1);
    at_end = more && more->empty();
  }
  w.end_array().key("next_cursor");
  at_end || !before ? w.null() : w.value(encode_dead_letter_cursor(*before));
  w.end_object();
  return json_answer(std::move(w).str());
}

}  // namespace

void add_dead_letter_routes(net::Router& router, const Services& services) {
  add_guarded(router, services, "GET", "/api/v1/dead-letters",
              [services](const net::ServerRequest& request, const net::PathParams&,
                         const Caller& caller) { return list(services, request, caller); });
}

}  // namespace apitoolkit::server::serve
