#include "src/redact/inflate.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "src/base/limits.h"
#include "src/json/utf8.h"
#include "src/redact/ascii.h"

namespace apitoolkit::redact {
namespace {

enum class Coding { kIdentity, kGzip, kDeflate, kBrotli, kZstd, kUnknown };

constexpr std::size_t kOutputMax = limits::kInflatedBodyBytesMax;
using Chunk = std::array<char, std::size_t{32} << 10>;

Coding coding_of(std::string_view name) {
  const std::string lower = to_lower(trim(name));
  if (lower.empty() || lower == "identity") return Coding::kIdentity;
  if (lower == "gzip" || lower == "x-gzip") return Coding::kGzip;
  if (lower == "deflate") return Coding::kDeflate;
  if (lower == "br") return Coding::kBrotli;
  if (lower == "zstd") return Coding::kZstd;
  return Coding::kUnknown;
}

// In the order in which they were applied.
std::vector<Coding> codings_of(std::string_view header) {
  std::vector<Coding> codings;
  while (true) {
    const std::size_t comma = header.find(',');
    const Coding coding = coding_of(header.substr(0, comma));
    if (coding != Coding::kIdentity) codings.push_back(coding);
    if (comma == std::string_view::npos) return codings;
    header.remove_prefix(comma + 1);
  }
}

bool append(const Chunk& chunk, std::size_t size, std::string& out) {
  if (out.size() + size > kOutputMax) return false;
  out.append(chunk.data(), size);
  return true;
}

// `window_bits` as zlib has them: 15 + 16 for gzip, 15 for zlib, -15 for a bare deflate stream.
bool inflate_zlib(std::string_view body, int window_bits, std::string& out) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) return false;
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  // zlib's interface is older than const; it does not write here.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  Chunk chunk;
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    const int status = ::inflate(&stream, Z_NO_FLUSH);
    if (!append(chunk, chunk.size() - stream.avail_out, out)) return false;
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) return true;
      // A gzip file may have several members; nothing else may follow.
      if (window_bits <= 15 || inflateReset(&stream) != Z_OK) return false;
    } else if (status != Z_OK) {
      return false;  // also Z_BUF_ERROR: the input ended too early
    }
  }
}

bool inflate_brotli(std::string_view body, std::string& out) {
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance);
  if (!state) return false;
  std::size_t available_in = body.size();
  const auto* next_in = reinterpret_cast<const std::uint8_t*>(body.data());
  Chunk chunk;
  while (true) {
    std::size_t available_out = chunk.size();
    auto* next_out = reinterpret_cast<std::uint8_t*>(chunk.data());
    const BrotliDecoderResult result = BrotliDecoderDecompressStream(
        state.get(), &available_in, &next_in, &available_out, &next_out, nullptr);
    if (!append(chunk, chunk.size() - available_out, out)) return false;
    if (result == BROTLI_DECODER_RESULT_SUCCESS) return available_in == 0;
    if (result != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) return false;
  }
}

bool inflate_zstd(std::string_view body, std::string& out) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        ZSTD_freeDCtx);
  // RFC 9659: a window of 8 MB at most.
  if (!context || ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 23))) {
    return false;
  }
  ZSTD_inBuffer input{body.data(), body.size(), 0};
  Chunk chunk;
  while (true) {
    ZSTD_outBuffer output{chunk.data(), chunk.size(), 0};
    const std::size_t status = ZSTD_decompressStream(context.get(), &output, &input);
    if (ZSTD_isError(status) || !append(chunk, output.pos, out)) return false;
    // At a status of 0 a frame is at its end and all of it was given; to go on would begin another.
    const bool drained = status == 0 || output.pos < output.size;
    if (input.pos == input.size && drained) return status == 0;  // else a frame is cut
  }
}

bool starts_as(Coding coding, std::string_view body) {
  if (coding == Coding::kGzip) return body.starts_with("\x1F\x8B");
  if (coding == Coding::kZstd) return body.starts_with("\x28\xB5\x2F\xFD");
  return false;  // the others have no mark
}

bool inflate_one(Coding coding, std::string_view body, std::string& out) {
  switch (coding) {
    case Coding::kGzip:
      return inflate_zlib(body, 15 + 16, out);
    case Coding::kDeflate:
      // The standard says zlib; some senders mean a bare stream.
      if (inflate_zlib(body, 15, out)) return true;
      out.clear();
      return inflate_zlib(body, -15, out);
    case Coding::kBrotli:
      return inflate_brotli(body, out);
    case Coding::kZstd:
      return inflate_zstd(body, out);
    case Coding::kIdentity:
    case Coding::kUnknown:
      break;
  }
  return false;
}

}  // namespace

bool is_encoded(std::string_view content_encoding) {
  return !codings_of(content_encoding).empty();
}

Reason inflate(std::string_view body, std::string_view content_encoding, std::string& out) {
  const std::vector<Coding> codings = codings_of(content_encoding);
  if (codings.size() > static_cast<std::size_t>(limits::kContentCodingsMax) ||
      std::find(codings.begin(), codings.end(), Coding::kUnknown) != codings.end()) {
    return Reason::kUnknownEncoding;
  }
  std::string plain(body);
  for (auto coding = codings.rbegin(); coding != codings.rend(); ++coding) {
    std::string next;
    if (!inflate_one(*coding, plain, next)) {
      const bool decoded_before =
          coding == codings.rbegin() && !starts_as(*coding, body) && json::is_valid_utf8(body);
      if (!decoded_before) return Reason::kInflate;
      break;
    }
    plain = std::move(next);
  }
  out = std::move(plain);
  return Reason::kNone;
}

}  // namespace apitoolkit::redact
