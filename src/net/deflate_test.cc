#include "src/net/deflate.h"

#include <gtest/gtest.h>

#include "src/net/inflate.h"

namespace apitoolkit::net {
namespace {

constexpr std::int64_t kEnough = 16 << 20;

TEST(Gzip, IsReadAgainAsItWas) {
  std::string noise;
  for (std::uint32_t x = 1; noise.size() < 1'000'000; x = x * 1'664'525 + 1'013'904'223) {
    noise += static_cast<char>(x >> 24);
  }
  for (const std::string& bytes :
       {std::string(), std::string("a"), std::string(1000, '\0'), noise, noise + noise}) {
    const std::string compressed = gzip(bytes);
    ASSERT_FALSE(compressed.empty());
    EXPECT_EQ(inflate(compressed, kEnough).value(), bytes);
  }
}

TEST(Gzip, IsTheSameInPieces) {
  std::string text;
  for (int i = 0; text.size() < 500'000; ++i) text += R"({"id":)" + std::to_string(i * i) + "},";
  for (const std::size_t size : {1U, 100U, 40'000U, 400'000U}) {
    GzipWriter writer;
    for (std::size_t at = 0; at < text.size(); at += size) {
      writer.append(std::string(text, at, size));  // gone before the next
    }
    EXPECT_EQ(inflate(writer.finish(), kEnough).value(), text) << size;
  }
}

TEST(Gzip, MakesRepetitionsShort) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += R"({"method":"GET","status_code":200},)";
  EXPECT_LT(gzip(text).size() * 20, text.size());
}

}  // namespace
}  // namespace apitoolkit::net
