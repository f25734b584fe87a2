// Server-sent events (WHATWG HTML, section 9.2), read as they come.
//
//   stream = *event    event = *( field EOL ) EOL    field = name [ ":" [ " " ] value ] / comment
//
// EOL is LF, CRLF or CR. A field `data` that is there several times is joined by LF.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "apitoolkit/result.h"

namespace apitoolkit::cli {

struct SseEvent {
  std::string name;  // "message" where there was none
  std::string data;
};

class SseReader {
 public:
  // Called for each event that has data, in order; false ends the reading.
  explicit SseReader(std::function<bool(const SseEvent&)> take) : take_(std::move(take)) {}

  // False once `take` has returned false, or where a line is longer than 4 MiB.
  bool feed(std::string_view piece);

  // Of the last event that had one, also without data: where to go on from.
  const std::string& last_id() const { return last_id_; }

 private:
  bool end_line();
  bool end_event();

  std::function<bool(const SseEvent&)> take_;
  std::string line_;
  bool after_cr_ = false;
  SseEvent event_;
  bool has_data_ = false;
  std::string id_;  // of the event that is read
  std::string last_id_;
};

}  // namespace apitoolkit::cli
