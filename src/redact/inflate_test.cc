#include "src/redact/inflate.h"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "src/base/limits.h"
#include "src/redact/redactor.h"

namespace apitoolkit::redact {
namespace {

std::string deflate_with(std::string_view text, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string gzip(std::string_view text) {
  return deflate_with(text, 31);
}

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string brotli(std::string_view text) {
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size()) + 64;
  std::string out(size, '\0');
  EXPECT_TRUE(BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, text.size(),
                                    reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                    reinterpret_cast<std::uint8_t*>(out.data())));
  out.resize(size);
  return out;
}

const std::string kText = R"({"p":"secret","q":[)" + std::string(5000, '1') + "]}";

struct Case {
  std::string encoding;
  std::string body;
};

std::vector<Case> cases() {
  return {{"gzip", gzip(kText)},
          {"X-GZIP", gzip(kText)},
          {"gzip", gzip(kText.substr(0, 100)) + gzip(kText.substr(100))},
          {"deflate", deflate_with(kText, 15)},
          {"deflate", deflate_with(kText, -15)},
          {"br", brotli(kText)},
          {"zstd", zstd(kText)},
          {"zstd", zstd(kText.substr(0, 100)) + zstd(kText.substr(100))},
          {" identity , gzip", gzip(kText)},
          {"gzip, br", brotli(gzip(kText))}};
}

TEST(Inflate, UndoesEveryCodingItKnows) {
  for (const Case& c : cases()) {
    std::string out;
    EXPECT_EQ(inflate(c.body, c.encoding, out), Reason::kNone) << c.encoding;
    EXPECT_EQ(out, kText) << c.encoding;
  }
}

TEST(Inflate, SaysWhatIsCorruptCutOrFollowedBySomethingElse) {
  for (const Case& c : cases()) {
    std::string out;
    EXPECT_EQ(inflate(c.body.substr(0, c.body.size() - 3), c.encoding, out), Reason::kInflate)
        << c.encoding;
    EXPECT_TRUE(out.empty());
  }
  std::string out;
  std::string broken = gzip(kText);
  broken[broken.size() - 8] ^= 1;  // in the checksum
  EXPECT_EQ(inflate(broken, "gzip", out), Reason::kInflate);
  EXPECT_EQ(inflate(gzip(kText) + "x", "gzip", out), Reason::kInflate);
  EXPECT_EQ(inflate(brotli(kText) + "\xFF", "br", out), Reason::kInflate);
}

TEST(Inflate, RefusesCodingsItDoesNotKnow) {
  std::string out;
  EXPECT_EQ(inflate("x", "compress", out), Reason::kUnknownEncoding);
  EXPECT_EQ(inflate("x", "gzip, aes128gcm", out), Reason::kUnknownEncoding);
  EXPECT_EQ(inflate("x", "gzip, gzip, gzip, gzip, gzip", out), Reason::kUnknownEncoding);
}

std::string encode(std::string_view encoding, std::string_view text) {
  if (encoding == "gzip") return gzip(text);
  if (encoding == "deflate") return deflate_with(text, 15);
  return encoding == "br" ? brotli(text) : zstd(text);
}

constexpr std::string_view kEncodings[] = {"gzip", "deflate", "br", "zstd"};

TEST(Inflate, TakesWhatFillsItsBufferExactly) {
  // zstd's decoder, asked once more behind the end of a frame, waits for another.
  for (const std::string_view encoding : kEncodings) {
    for (const std::size_t size : {32'767U, 32'768U, 32'769U, 65'536U}) {
      std::string out;
      EXPECT_EQ(inflate(encode(encoding, std::string(size, '1')), encoding, out), Reason::kNone)
          << encoding << ' ' << size;
      EXPECT_EQ(out.size(), size);
    }
  }
}

TEST(Inflate, StopsABomb) {
  const std::string zeros(static_cast<std::size_t>(limits::kInflatedBodyBytesMax) + 1, '0');
  for (const std::string_view encoding : kEncodings) {
    std::string out;
    EXPECT_EQ(inflate(encode(encoding, zeros), encoding, out), Reason::kInflate) << encoding;
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(inflate(encode(encoding, zeros.substr(1)), encoding, out), Reason::kNone) << encoding;
    EXPECT_EQ(out.size(), zeros.size() - 1);
  }
}

TEST(Inflate, StopsABombInABomb) {
  const std::string zeros(static_cast<std::size_t>(limits::kInflatedBodyBytesMax) + 1, '0');
  std::string out;
  EXPECT_EQ(inflate(gzip(zstd(zeros)), "zstd, gzip", out), Reason::kInflate);
  EXPECT_EQ(inflate(gzip(zeros), "br, gzip", out), Reason::kInflate) << "the outer one is enough";
}

TEST(Inflate, IsBoundedByWhatAMessageHoldsAndNotByWhatAServerReads) {
  EXPECT_EQ(limits::kInflatedBodyBytesMax, 16 << 20) << "docs/redaction.md says so";
  EXPECT_GT(limits::kInflatedBodyBytesMax, limits::kMessageBytesMax);
}

TEST(Inflate, TakesWhatAClientHasDecodedAlready) {
  for (const std::string_view encoding : kEncodings) {
    std::string out;
    EXPECT_EQ(inflate(kText, encoding, out), Reason::kNone) << encoding;
    EXPECT_EQ(out, kText);
  }
}

TEST(Redactor, InflatesEveryCodingRedactsAndSendsPlain) {
  const auto redactor = Redactor::compile(std::vector<std::string>{"$.p"}, "redact_request_body");
  const std::string blanks = "[1" + std::string(9 << 20, ' ') + std::string(9 << 20, ' ') + "]";
  for (const std::string_view encoding : kEncodings) {
    const BodyType type{.content_type = "application/json", .content_encoding = encoding};
    const Redacted out = redactor->redact(encode(encoding, R"({"p":"secret", "q":1})"), type);
    EXPECT_EQ(out.body, R"({"p":"[CLIENT_REDACTED]", "q":1})") << encoding;
    EXPECT_EQ(out.reason, Reason::kNone) << encoding;
    const std::string whole = encode(encoding, kText);
    const Redacted cut = redactor->redact(std::string_view(whole).substr(0, 20), type);
    EXPECT_EQ(cut.body, kMarkerJson) << encoding;
    EXPECT_EQ(cut.reason, Reason::kInflate) << encoding;
    const Redacted bomb = redactor->redact(encode(encoding, blanks), type);
    EXPECT_TRUE(bomb.body == kMarkerJson) << encoding << ", of " << bomb.body.size();
    EXPECT_EQ(bomb.reason, Reason::kInflate) << encoding;
    const BodyType form{.content_type = "application/x-www-form-urlencoded",
                        .content_encoding = encoding};
    EXPECT_EQ(redactor->redact(encode(encoding, "p=secret"), form).body,
              R"({"p":"[CLIENT_REDACTED]"})")
        << encoding;
  }
}

TEST(Redactor, InflatesRedactsAndSendsPlain) {
  const auto redactor = Redactor::compile(std::vector<std::string>{"$.p"}, "redact_request_body");
  const BodyType json{.content_type = "application/json", .content_encoding = "gzip"};
  const Redacted out = redactor->redact(gzip(R"({"p":"secret"})"), json);
  EXPECT_EQ(out.body, R"({"p":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(out.reason, Reason::kNone);
  EXPECT_EQ(redactor->redact(gzip(kText).substr(0, 30), json).reason, Reason::kInflate);
  const Redacted cut = redactor->redact(
      gzip(kText),
      {.content_type = "application/json", .content_encoding = "gzip", .truncated = true});
  EXPECT_EQ(cut.reason, Reason::kTruncated);
  const Redacted unknown =
      redactor->redact("{}", {.content_type = "application/json", .content_encoding = "snappy"});
  EXPECT_EQ(unknown.reason, Reason::kUnknownEncoding);
  EXPECT_EQ(unknown.body, kMarkerJson);
  const Redactor none;
  EXPECT_EQ(none.redact(gzip(kText), json).body, kText) << "sent plain, so that it can be read";
  EXPECT_EQ(none.redact("\x1F\x8B\xFF", json).body, "\x1F\x8B\xFF");
}

}  // namespace
}  // namespace apitoolkit::redact
