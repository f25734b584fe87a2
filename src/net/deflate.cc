#include "src/net/deflate.h"

#include <isa-l/igzip_lib.h>

#include <cstdint>
#include <memory>
#include <new>

namespace apitoolkit::net {
namespace {

// What cannot be compressed is stored in blocks of at most 64 KiB - 1, with five bytes before each.
std::size_t bound(std::size_t bytes) {
  constexpr std::size_t kBlockBytesMax = 65'535;
  constexpr std::size_t kBlockHeadBytes = 5;
  constexpr std::size_t kMemberBytes = 64;  // head, tail and what ISA-L keeps free
  return bytes + (bytes / kBlockBytesMax + 1) * kBlockHeadBytes + kMemberBytes;
}

}  // namespace

std::string gzip(std::string_view bytes) {
  constexpr std::uint32_t kWorkBytes = ISAL_DEF_LVL1_DEFAULT;
  const std::unique_ptr<std::uint8_t[]> work(new (std::nothrow) std::uint8_t[kWorkBytes]);
  // Not a string: most of it is never written to, and need not be cleared.
  const std::size_t out_bytes = bound(bytes.size());
  const std::unique_ptr<std::uint8_t[]> out(new (std::nothrow) std::uint8_t[out_bytes]);
  if (work == nullptr || out == nullptr) return {};
  // NOLINTNEXTLINE(*-member-init): what follows does; its 64 KiB need not be cleared twice
  isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  stream.level = 1;
  stream.level_buf = work.get();
  stream.level_buf_size = kWorkBytes;
  stream.gzip_flag = IGZIP_GZIP;
  stream.end_of_stream = 1;
  stream.flush = NO_FLUSH;
  // ISA-L's interface knows no const; it only reads.
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<std::uint32_t>(bytes.size());
  stream.next_out = out.get();
  stream.avail_out = static_cast<std::uint32_t>(out_bytes);
  if (isal_deflate_stateless(&stream) != COMP_OK) return {};
  return {reinterpret_cast<const char*>(out.get()), stream.total_out};
}

}  // namespace apitoolkit::net
