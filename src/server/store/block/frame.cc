#include "src/server/store/block/frame.h"

#include <zstd.h>

#include <vector>

namespace apitoolkit::server::store {

namespace {

constexpr std::size_t kKeptBytesMax = 8 << 20;

}  // namespace

struct FrameWriter::Memory {
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> zstd{ZSTD_createCCtx(), ZSTD_freeCCtx};
  std::vector<char> out;
};

FrameWriter::FrameWriter() : memory_(std::make_unique<Memory>()) {}
FrameWriter::~FrameWriter() = default;
FrameWriter::FrameWriter(FrameWriter&&) noexcept = default;
FrameWriter& FrameWriter::operator=(FrameWriter&&) noexcept = default;

Result<std::string> FrameWriter::compress(std::string_view bytes, int level) {
  ZSTD_CCtx* const zstd = memory_->zstd.get();
  ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
  std::vector<char>& out = memory_->out;
  const std::size_t bound = ZSTD_compressBound(bytes.size());
  if (out.size() < bound) out.resize(bound);
  const std::size_t size = ZSTD_compress2(zstd, out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size)) return fail(ErrorCode::kInternal, ZSTD_getErrorName(size));
  std::string frame(out.data(), size);
  if (out.size() > kKeptBytesMax) out = {};
  return frame;
}

struct FrameReader::Memory {
  std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> zstd{ZSTD_createDCtx(), ZSTD_freeDCtx};
};

FrameReader::FrameReader() : memory_(std::make_unique<Memory>()) {}
FrameReader::~FrameReader() = default;
FrameReader::FrameReader(FrameReader&&) noexcept = default;
FrameReader& FrameReader::operator=(FrameReader&&) noexcept = default;

Result<std::string> FrameReader::inflate(std::string_view frame, std::int64_t bytes_max) {
  std::string bytes;
  if (Status done = inflate(frame, bytes_max, bytes); !done) return tl::unexpected(done.error());
  return bytes;
}

Status FrameReader::inflate(std::string_view frame, std::int64_t bytes_max, std::string& bytes) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  // The two error values are far above any limit, too.
  if (size > static_cast<unsigned long long>(bytes_max)) {
    return fail(ErrorCode::kCorrupt, "a stored block is damaged: a size is wrong");
  }
  bytes.resize(static_cast<std::size_t>(size));
  const std::size_t got = ZSTD_decompressDCtx(memory_->zstd.get(), bytes.data(), bytes.size(),
                                              frame.data(), frame.size());
  if (ZSTD_isError(got) || got != bytes.size()) {
    return fail(ErrorCode::kCorrupt, "a stored block is damaged: a part cannot be inflated");
  }
  return {};
}

}  // namespace apitoolkit::server::store
