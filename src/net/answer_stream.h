// An answer that goes on: the head now, then pieces as they come, such as server-sent events.
//
//   auto stream = responder.stream({200, {{"Content-Type", "text/event-stream"}}, ""}, {.gone =
//   …}); stream->write("data: 1\n\n");   // from any thread stream->end();
//
// Sent chunked (RFC 9112, section 7.1); to HTTP/1.0 until the connection closes. Nothing is sent
// that was not written here: heart-beats are the caller's business.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "src/base/limits.h"

namespace apitoolkit::net {

struct StreamOptions {
  // Written, and not yet taken by the kernel. A write that would exceed it is refused.
  std::int64_t backlog_bytes_max = limits::kStreamBacklogBytesMax;
  // After a refused write: all that was taken before is sent. On an I/O thread; must not block.
  std::function<void()> drained;
  // Once, unless end() was reached before: the client left or took nothing for too long, or the
  // server stops. On an I/O thread; must not block.
  std::function<void()> gone;
};

// Thread-safe. Its end is the answer's end: a stream that is destroyed is ended.
class AnswerStream {
 public:
  virtual ~AnswerStream() = default;

  // Takes all of `piece` or nothing: false where the backlog is full or the stream is over.
  virtual bool write(std::string_view piece) = 0;
  // What was written is still sent; nothing more is taken. Idempotent.
  virtual void end() = 0;
  // Breaks the connection off, so that the client can tell that what it has is not all. What was
  // written and not yet sent is lost. Idempotent; does nothing after end().
  virtual void abort() = 0;
  // False after the end, and where the client is gone.
  virtual bool is_open() const = 0;
};

}  // namespace apitoolkit::net
