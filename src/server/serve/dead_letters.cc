// /api/v1/dead-letters: what could not be read; to look at, to send through the pipeline once more,
// to delete.
#include <algorithm>
#include <utility>

#include "src/base/limits.h"
#include "src/json/writer.h"
#include "src/server/serve/exchange_query.h"
#include "src/server/serve/list.h"
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

const Problem kMissing{404, "there is no such dead letter", "id"};

// The letter that the path names, if this caller has it.
tl::expected<store::DeadLetter, Problem> find(const Services& services,
                                              const net::PathParams& params, const Caller& caller) {
  const auto id = id_of(params);
  if (!id) return tl::unexpected<Problem>(kMissing);
  auto letter = services.store.dead_letter(caller.project->id, *id);
  if (!letter) return tl::unexpected<Problem>(problem_of(letter.error()));
  if (!*letter) return tl::unexpected<Problem>(kMissing);
  return std::move(**letter);
}

net::ServerResponse fetch(const Services& services, const net::PathParams& params,
                          const Caller& caller) {
  const auto letter = find(services, params, caller);
  if (!letter) return problem_answer(letter.error());
  json::Writer w;
  write_letter(*letter, w);
  return json_answer(std::move(w).str());
}

net::ServerResponse drop(const Services& services, const store::DeadLetter& letter,
                         const std::string& action, const Caller& caller) {
  const auto gone = services.store.delete_dead_letter(caller.project->id, letter.id);
  if (!gone) return problem_answer(problem_of(gone.error()));
  if (!*gone) return problem_answer(kMissing);
  const auto noted = services.accounts.record(caller.project->id, action, std::to_string(letter.id),
                                              letter.source, caller.actor);
  return noted ? nothing_answer() : problem_answer(problem_of(noted.error()));
}

net::ServerResponse remove(const Services& services, const net::PathParams& params,
                           const Caller& caller) {
  const auto letter = find(services, params, caller);
  if (!letter) return problem_answer(letter.error());
  return drop(services, *letter, "dead_letter.delete", caller);
}

// The letter goes only after its exchange is durable: what happens in between stores it once.
net::ServerResponse replay(const Services& services, const net::PathParams& params,
                           const Caller& caller) {
  const auto letter = find(services, params, caller);
  if (!letter) return problem_answer(letter.error());
  account::KeyHolder holder;
  holder.project = caller.project;
  holder.name = caller.actor.name;
  if (const auto stored = services.replay(holder, *letter); !stored) {
    const bool unreadable = stored.error().code == ErrorCode::kCorrupt ||
                            stored.error().code == ErrorCode::kUnsupported;
    return problem_answer(unreadable ? Problem{409, stored.error().message, "id"}
                                     : problem_of(stored.error()));
  }
  return drop(services, *letter, "dead_letter.replay", caller);
}

}  // namespace

void add_dead_letter_routes(net::Router& router, const Services& services) {
  add_guarded(router, services, "GET", "/api/v1/dead-letters",
              [services](const net::ServerRequest& request, const net::PathParams&,
                         const Caller& caller) { return list(services, request, caller); });
  const auto add = [&](const char* method, const char* pattern, account::Role least, auto handler) {
    add_guarded(
        router, services, method, pattern,
        [services, handler](const net::ServerRequest&, const net::PathParams& params,
                            const Caller& caller) { return handler(services, params, caller); },
        {least});
  };
  add("GET", "/api/v1/dead-letters/{id}", account::Role::kViewer, fetch);
  add("DELETE", "/api/v1/dead-letters/{id}", account::Role::kMember, remove);
  add("POST", "/api/v1/dead-letters/{id}/replay", account::Role::kMember, replay);
}

}  // namespace apitoolkit::server::serve
