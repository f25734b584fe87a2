// An exchange as the request's thread leaves it for the worker: in few pieces of memory, which are
// used again once it is delivered.
//
// An Exchange's texts are some twenty allocations, made by one thread and freed by another: the
// allocator's slow path in both, and memory that the other core's cache has. Without them a request
// of bench/capture pays 6.5 µs where it paid 8.3 (interleaved rounds).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "apitoolkit/exchange.h"

namespace apitoolkit {

// Texts, each with what it is, one behind the other in one buffer that only grows. Not
// synchronised.
class CapturedTexts {
 public:
  static constexpr std::size_t kTextBytesMax = 1 << 30;

  enum class Kind : std::uint8_t {
    kMethod,
    kHost,
    kRawUrl,
    kUrlPath,
    kReferer,
    kClientIp,
    kPathParam,  // with a name, as the headers
    kJsonPathParam,
    kRequestHeader,
    kResponseHeader,
    kPathParamsAnew,  // those before this one do not count
    kResponseHeadersAnew,
  };

  // Of what stands there once only, the last one counts. Texts are cut at kTextBytesMax. May throw
  // std::bad_alloc, and has then added nothing.
  void add(Kind kind, std::string_view text = {}) { add_named(kind, 0, text); }
  void add(Kind kind, std::string_view name, std::string_view value) {
    name = name.substr(0, kTextBytesMax);
    char* const at = add_named(kind, name.size(), value);
    if (!name.empty()) std::memcpy(at, name.data(), name.size());
  }
  // The same, for a name that the caller writes to where this returns: `name_size` characters, at
  // most kTextBytesMax.
  char* add_named(Kind kind, std::size_t name_size, std::string_view value);

  // Keeps the buffer.
  void clear() { size_ = 0; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }

  // Calls visit(Kind, std::string_view name, std::string_view value) for each, in their order.
  template <class Visit>
  void each(Visit&& visit) const {
    for (std::size_t at = 0; at < size_;) {
      Head head{};
      std::memcpy(&head, buffer_.get() + at, sizeof head);
      const char* name = buffer_.get() + at + sizeof head;
      visit(head.kind, std::string_view(name, head.name_size),
            std::string_view(name + head.name_size, head.value_size));
      at += sizeof head + head.name_size + head.value_size;
    }
  }

 private:
  struct Head {
    std::uint32_t name_size;
    std::uint32_t value_size;
    Kind kind;
  };
  void grow(std::size_t size);

  std::unique_ptr<char[]> buffer_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

struct CapturedExchange {
  // All that is no text or seldom there, and the bodies; whatever `texts` does not have.
  Exchange exchange;
  CapturedTexts texts;
  // The span's id is the exchange's own (its random half), and so is the trace's where `exchange`
  // has none: written out only where it is read.
  bool has_own_span = false;

  // The whole. Its path is its URL's where `texts` have a URL and nothing has a path. May throw
  // std::bad_alloc.
  Exchange unpack() const;

  // As if it were new, but for the memory that `texts` and the bodies have.
  void clear();

  // Bytes that it holds on to, also when it is clear.
  std::size_t capacity() const;
};

// The W3C trace context's ids (lower-case hex) of an exchange that begins a trace or a span.
std::string own_trace_id(const Uuid& id);
std::string own_span_id(const Uuid& id);

}  // namespace apitoolkit
