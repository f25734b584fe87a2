// One JSON text as a stream of tokens: for each, its first byte and its position.
//
//   "{ "a": [1, "x"] }"   bytes      {  "  :  [  1  ,  "  ]  }
//                         positions  0  2  5  7  8  9 11 14 16
//
// Reading checks the text completely (RFC 8259, valid UTF-8, depth) and finds where each container
// ends, so that whoever walks the tokens afterwards checks nothing and skips a container of any
// size in one step. It costs a twelfth of a cycle to half a cycle a byte, and no memory once warm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "src/json/scan_state.h"
#include "src/json/simd_level.h"

namespace apitoolkit::json {

// Memory that grows and is never initialised: what is read was written.
template <class T>
class ScanBuffer {
 public:
  T* data() { return memory_.get(); }
  const T* data() const { return memory_.get(); }
  std::size_t capacity() const { return capacity_; }

  // Room for `wanted` entries; keeps the first `kept`. At least doubles, so that growing in steps
  // stays linear.
  void reserve(std::size_t wanted, std::size_t kept) {
    if (wanted <= capacity_) return;
    const std::size_t capacity = wanted > capacity_ * 2 ? wanted : capacity_ * 2;
    std::unique_ptr<T[]> memory(new T[capacity]);
    kept = kept < capacity_ ? kept : capacity_;
    for (std::size_t i = 0; i < kept; ++i) memory[i] = memory_[i];
    memory_ = std::move(memory);
    capacity_ = capacity;
  }

  void release() {
    memory_.reset();
    capacity_ = 0;
  }

 private:
  std::unique_ptr<T[]> memory_;
  std::size_t capacity_ = 0;
};

// Reused from text to text; one thread at a time. Positions are bytes from the start of the source.
class TokenStream {
 public:
  TokenStream() {}  // buffers stay uninitialised  NOLINT(cppcoreguidelines-pro-type-member-init)

  enum class Fault : std::uint8_t {
    kNone,
    kSyntax,   // not one JSON value with white space around it
    kUtf8,     // invalid UTF-8, whatever else may be wrong
    kTooDeep,  // over limits::kJsonDepthMax levels
    kTooLong,  // over 2^32 - 2 bytes
  };

  // Reads the text, which must stay alive while the stream is used. A leading byte order mark is
  // skipped. The stream is to be walked only after kNone.
  Fault read(std::string_view source, SimdLevel level = simd_level());

  std::string_view source() const { return source_; }
  SimdLevel level() const { return level_; }  // that the text was read with
  std::uint32_t size() const { return count_; }
  // Token size() is a sentinel: byte 0, at the end of the source.
  const std::uint8_t* bytes() const { return bytes_.data() + kBytesBefore; }
  const std::uint32_t* positions() const { return positions_.data(); }
  // By ordinal: container k is the k-th that opens.
  const Container* containers() const { return containers_.data(); }
  std::uint32_t container_count() const { return container_count_; }
  // By token / 64.
  const TokenGroup* groups() const { return groups_.data(); }

  // What is allocated. release() gives it back.
  std::size_t memory_bytes() const;
  void release();

 private:
  static constexpr std::uint32_t kBytesBefore = 64;  // in bytes_, for the linker's comma

  std::uint8_t* writable_bytes() { return bytes_.data() + kBytesBefore; }
  void scan(const ScanKernel& kernel, ScanState& state, std::uint32_t from, std::uint32_t to);
  void link(const ScanKernel& kernel, LinkState& state, std::uint32_t from, std::uint32_t to);
  void reserve(std::uint32_t more_bytes);
  bool is_one_value() const;

  std::string_view source_;
  SimdLevel level_ = SimdLevel::kPortable;
  std::uint32_t count_ = 0;
  std::uint32_t container_count_ = 0;
  ScanBuffer<std::uint8_t> bytes_;
  ScanBuffer<std::uint32_t> positions_;
  ScanBuffer<Container> containers_;
  ScanBuffer<TokenGroup> groups_;
  std::uint32_t stack_[limits::kJsonDepthMax + 1];  // of the linker
};

}  // namespace apitoolkit::json
