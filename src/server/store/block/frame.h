// Compressed bytes that notice when they are damaged: one zstd frame that tells its size and
// carries the checksum of its content (RFC 8878, sections 3.1.1 and 3.1.1.3).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "apitoolkit/result.h"

namespace apitoolkit::server::store {

// Keeps zstd's working memory between frames. Used by one thread at a time.
class FrameWriter {
 public:
  FrameWriter();
  ~FrameWriter();
  FrameWriter(FrameWriter&&) noexcept;
  FrameWriter& operator=(FrameWriter&&) noexcept;

  Result<std::string> compress(std::string_view bytes, int level);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

// As FrameWriter, the other way.
class FrameReader {
 public:
  FrameReader();
  ~FrameReader();
  FrameReader(FrameReader&&) noexcept;
  FrameReader& operator=(FrameReader&&) noexcept;

  // Any bytes may be given: kCorrupt where they are no frame, are damaged, or would inflate to more
  // than `bytes_max`.
  Result<std::string> inflate(std::string_view frame, std::int64_t bytes_max);
  // Into `bytes`, whose memory is used again.
  Status inflate(std::string_view frame, std::int64_t bytes_max, std::string& bytes);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace apitoolkit::server::store
