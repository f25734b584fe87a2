// What resources with a list have in common.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "src/base/clock.h"
#include "src/json/writer.h"
#include "src/net/router.h"
#include "src/server/serve/answer.h"

namespace apitoolkit::server::serve {

// {"data": […], "next_cursor": null}: a list that is short enough to come whole. `write` is called
// with each element and the writer.
template <class List, class Write>
net::ServerResponse list_answer(const List& list, Write write) {
  json::Writer w;
  w.begin_object().key("data").begin_array();
  for (const auto& element : list) write(element, w);
  w.end_array().key("next_cursor").null().end_object();
  return json_answer(std::move(w).str());
}

// 204.
inline net::ServerResponse nothing_answer() {
  return {204, {{"Cache-Control", "no-store"}}, ""};
}

// The number {id} of a path; nothing where it is none.
inline std::optional<std::int64_t> id_of(const net::PathParams& params) {
  const std::string& text = params["id"];
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

inline void write_time(const std::optional<std::int64_t>& unix_ns, json::Writer& w) {
  unix_ns ? w.value(base::format_rfc3339(*unix_ns)) : w.null();
}

}  // namespace apitoolkit::server::serve
