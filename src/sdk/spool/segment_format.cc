#include "src/sdk/spool/segment_format.h"

#include <zlib.h>

#include "src/sdk/spool/little_endian.h"

namespace apitoolkit::sdk {
namespace {

constexpr std::string_view kMagic = "APITSPOL";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kCrcOffset = 12;

std::uint32_t crc_of_head(std::string_view head) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(head.data()), kCrcOffset));
}

}  // namespace

std::string make_segment_head() {
  std::string head(kMagic);
  head.resize(kSegmentHeadBytes);
  put(head.data() + kMagic.size(), kVersion);
  put(head.data() + kCrcOffset, crc_of_head(head));
  return head;
}

bool is_of_another_version(std::string_view bytes) {
  return bytes.starts_with(kMagic) &&
         get<std::uint32_t>(bytes.data() + kCrcOffset) == crc_of_head(bytes) &&
         get<std::uint32_t>(bytes.data() + kMagic.size()) != kVersion;
}

bool is_segment_head(std::string_view bytes) {
  return bytes == make_segment_head();
}

std::uint64_t mark_of(const Uuid& owner) {
  return get<std::uint64_t>(reinterpret_cast<const char*>(owner.data()) + 8);
}

}  // namespace apitoolkit::sdk
