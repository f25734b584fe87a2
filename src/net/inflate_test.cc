#include "src/net/inflate.h"

#include <gtest/gtest.h>

#include "src/net/deflate.h"

namespace apitoolkit::net {
namespace {

constexpr std::int64_t kEnough = 1 << 20;

TEST(Inflate, ReadsWhatGzipWrote) {
  std::string text;
  for (int i = 0; i < 20'000; i++) text += std::to_string(i);
  EXPECT_EQ(inflate(gzip(text), kEnough).value(), text);
  EXPECT_EQ(inflate(gzip(""), kEnough).value(), "");
}

TEST(Inflate, ReadsSeveralMembersInARow) {
  EXPECT_EQ(inflate(gzip("one ") + gzip("two"), kEnough).value(), "one two");
}

TEST(Inflate, ReadsAZlibStream) {
  // zlib.compress(b"hello") of Python.
  const std::string zlib("\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15", 13);
  EXPECT_EQ(inflate(zlib, kEnough).value(), "hello");
}

TEST(Inflate, StopsABombAtTheBound) {
  const std::string bomb = gzip(std::string(64 << 20, '\0'));
  ASSERT_LT(bomb.size(), 400'000u);
  const auto result = inflate(bomb, kEnough);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kResourceExhausted);
}

TEST(Inflate, AcceptsExactlyTheBound) {
  EXPECT_TRUE(inflate(gzip(std::string(1000, 'x')), 1000));
  EXPECT_FALSE(inflate(gzip(std::string(1001, 'x')), 1000));
}

TEST(Inflate, RefusesDamagedShortAndTrailingBytes) {
  const std::string good = gzip("some text that is long enough to be cut");
  std::string flipped = good;
  flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] ^ 0x55);
  for (const std::string& bad :
       {std::string("plain text"), std::string(), good.substr(0, good.size() - 1),
        good.substr(0, 5), flipped, good + "garbage"}) {
    const auto result = inflate(bad, kEnough);
    ASSERT_FALSE(result) << bad.size();
    EXPECT_EQ(result.error().code, ErrorCode::kCorrupt);
  }
}

}  // namespace
}  // namespace apitoolkit::net
