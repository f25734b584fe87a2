#include "src/base/base64.h"

#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <string_view>

namespace apitoolkit::base {
namespace {

TEST(Base64, EncodesTheVectorsOfRfc4648) {
  EXPECT_EQ(base64_encode(""), "");
  EXPECT_EQ(base64_encode("f"), "Zg==");
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  EXPECT_EQ(base64_encode("foo"), "Zm9v");
  EXPECT_EQ(base64_encode("foob"), "Zm9vYg==");
  EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url_encode("\xFB\xFF"), "-_8");
}

// Bit by bit, as the RFC's text has it.
std::string encoded_slowly(const std::string& bytes) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 6) {
    int field = 0;
    for (std::size_t i = bit; i < bit + 6; ++i) {
      const bool is_set = i < bytes.size() * 8 && (bytes[i / 8] >> (7 - i % 8) & 1) != 0;
      field = field * 2 + (is_set ? 1 : 0);
    }
    out += kAlphabet[field];
  }
  while (out.size() % 4 != 0) out += '=';
  return out;
}

TEST(Base64, EncodesEveryLengthAndEveryByteAsTheRfcSays) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(base64_encode(bytes), encoded_slowly(bytes)) << i;
    std::string appended = "before";
    base64_append(bytes, appended);
    ASSERT_EQ(appended, "before" + encoded_slowly(bytes)) << i;
    bytes += static_cast<char>(i * 167 + i / 256);
  }
}

TEST(Base64, DecodesBothAlphabetsWithAndWithoutPadding) {
  EXPECT_EQ(base64_decode("Zm9vYg=="), "foob");
  EXPECT_EQ(base64_decode("Zm9vYg"), "foob");
  EXPECT_EQ(base64_decode("-_8"), "\xFB\xFF");
  EXPECT_EQ(base64_decode("+/8="), "\xFB\xFF");
  EXPECT_EQ(base64_decode(""), "");
}

TEST(Base64, RoundTripsEveryByteAtEveryLength) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
    EXPECT_EQ(base64_decode(base64url_encode(bytes)), bytes);
    bytes += static_cast<char>(i * 7);
  }
}

TEST(Base64, DecodesAMixtureAndRefusesABadByteWhereverItStands) {
  std::string text;
  for (int i = 0; i < 160; ++i) text += "AZaz09+/QRqr48-_"[i % 14];
  const std::string bytes = base64_decode(text).value();
  ASSERT_EQ(encoded_slowly(bytes), text);
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      const char c = static_cast<char>(byte);
      std::string changed = text;
      changed[at] = c;
      std::string standard = changed;
      if (c == '-') standard[at] = '+';
      if (c == '_') standard[at] = '/';
      if (c == '=' && at + 1 == text.size()) continue;  // padding
      const bool is_good =
          std::isalnum(byte) != 0 || std::string_view("+/-_").find(c) != std::string_view::npos;
      const auto decoded = base64_decode(changed);
      ASSERT_EQ(decoded.has_value(), is_good) << at << ' ' << byte;
      if (!is_good) continue;
      ASSERT_EQ(encoded_slowly(*decoded), standard) << at << ' ' << byte;
    }
  }
}

TEST(Base64, RefusesWhatIsNotBase64) {
  for (const char* text :
       {"A", "AAAAA", "A===", "AA=", "AAA==", "A A=", "Zm9v\n", "*AAA", "=", "AA=A"}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace apitoolkit::base
