#include "src/net/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace apitoolkit::net {
namespace {

constexpr int kWindowBits = 15;
constexpr int kDetectHeader = 32;  // added to the window: gzip or zlib, whichever comes

Bytef* input(std::string_view bytes) {
  // zlib's interface is older than const; it only reads.
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

}  // namespace

Result<std::string> inflate(std::string_view compressed, std::int64_t bytes_max) {
  z_stream stream{};
  if (inflateInit2(&stream, kWindowBits + kDetectHeader) != Z_OK) {
    return fail(ErrorCode::kInternal, "zlib could not be started");
  }
  stream.next_in = input(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string out;
  std::array<char, 16 << 10> piece{};
  Status status;
  while (status) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const int code = ::inflate(&stream, Z_NO_FLUSH);
    const std::size_t made = piece.size() - stream.avail_out;
    if (static_cast<std::int64_t>(out.size() + made) > bytes_max) {
      status = fail(ErrorCode::kResourceExhausted,
                    "the inflated body would exceed " + std::to_string(bytes_max) + " bytes");
      break;
    }
    out.append(piece.data(), made);
    if (code == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      // A further member of the same file; anything else fails in the next round.
      if (inflateReset(&stream) == Z_OK) continue;
    }
    if (code != Z_OK || (made == 0 && stream.avail_in == 0)) {
      status = fail(ErrorCode::kCorrupt, "the compressed body is damaged or ends early");
    }
  }
  inflateEnd(&stream);
  if (!status) return tl::unexpected<Error>(status.error());
  return out;
}

}  // namespace apitoolkit::net
