#include "src/net/deflate.h"

#include <zlib.h>

namespace apitoolkit::net {

std::string gzip(std::string_view bytes, GzipLevel level) {
  constexpr int kWindowBits = 15;
  constexpr int kGzipHeader = 16;  // added to the window
  constexpr int kMemoryLevel = 9;  // the most: 256 KiB
  z_stream stream{};
  if (deflateInit2(&stream, static_cast<int>(level), Z_DEFLATED, kWindowBits + kGzipHeader,
                   kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  // zlib's interface is older than const; it only reads.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = ::deflate(&stream, Z_FINISH);
  out.resize(code == Z_STREAM_END ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

}  // namespace apitoolkit::net
