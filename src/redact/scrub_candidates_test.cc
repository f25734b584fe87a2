#include "src/redact/scrub_candidates.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "src/redact/scrub_finder.h"
#include "src/redact/scrub_reference.h"

namespace apitoolkit::redact {
namespace {

std::vector<json::SimdLevel> levels() {
  std::vector<json::SimdLevel> supported;
  for (const json::SimdLevel level :
       {json::SimdLevel::kPortable, json::SimdLevel::kAvx2, json::SimdLevel::kAvx512}) {
    if (json::simd_level_supported(level)) supported.push_back(level);
  }
  return supported;
}

std::vector<std::pair<std::size_t, int>> candidates(std::string_view text, std::uint8_t kinds,
                                                    json::SimdLevel level) {
  std::vector<std::pair<std::size_t, int>> found;
  CandidateScan scan(text, kinds, level);
  while (scan.next()) {
    for (const Candidate& candidate : scan) found.emplace_back(candidate.at, candidate.kind);
  }
  return found;
}

// Pieces of values, and what may stand beside them.
std::string random_text(std::mt19937& random, std::size_t pieces) {
  static const std::string kPieces[] = {"4111111111111111",
                                        "4111",
                                        " ",
                                        "-",
                                        "1111",
                                        "378282246310005",
                                        "3782",
                                        "822463",
                                        "10005",
                                        "12",
                                        "5",
                                        "bob",
                                        "@",
                                        "example",
                                        ".",
                                        "com",
                                        "a@b.cc",
                                        "DE89370400440532013000",
                                        "DE89",
                                        "3704",
                                        "0044",
                                        "0532",
                                        "0130",
                                        "00",
                                        "NO9386011117947",
                                        "123-45-6789",
                                        "123",
                                        "45",
                                        "6789",
                                        "Bearer",
                                        "bearer ",
                                        "abcdefgh",
                                        "eyJhbGciOiJIUzI1NiJ9",
                                        ".e30.",
                                        "c2ln",
                                        "eyJ",
                                        "ewo",
                                        "eyA",
                                        "\\",
                                        "\\u",
                                        "n",
                                        "=",
                                        "\"",
                                        "'",
                                        "\xC3\xA9",
                                        "\xE2\x80\x9C",
                                        "_",
                                        "+",
                                        "/",
                                        "x",
                                        "deadbeef",
                                        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0",
                                        "..",
                                        "beA",
                                        "be",
                                        "\n",
                                        "@@",
                                        "xn--p1ai"};
  std::uniform_int_distribution<std::size_t> pick(0, std::size(kPieces) - 1);
  std::string text;
  for (std::size_t i = 0; i < pieces; ++i) text += kPieces[pick(random)];
  return text;
}

TEST(CandidateScan, FindsTheSamePlacesAtEveryLevel) {
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string text = random_text(random, static_cast<std::size_t>(round % 90));
    if (round % 3 == 0) {
      for (char& c : text) {
        if (random() % 16 == 0) c = static_cast<char>(random());
      }
    }
    const auto kinds = static_cast<std::uint8_t>(round % 2 == 0 ? 0xFF : random());
    const auto expected = candidates(text, kinds, json::SimdLevel::kPortable);
    for (const json::SimdLevel level : levels()) {
      EXPECT_EQ(candidates(text, kinds, level), expected) << text;
    }
  }
}

TEST(CandidateScan, ReportsEveryByteWhereEveryByteMayBeOne) {
  for (const std::size_t size : {1U, 63U, 64U, 65U, 66U, 127U, 128U, 129U, 130U, 131U, 1000U}) {
    const std::string text(size, '@');
    for (const json::SimdLevel level : levels()) {
      const auto found = candidates(text, 0xFF, level);
      ASSERT_EQ(found.size(), size);
      for (std::size_t i = 0; i < size; ++i) EXPECT_EQ(found[i].first, i);
    }
  }
}

TEST(FindValues, AgreesWithAskingEveryDetectorEverywhere) {
  std::mt19937 random(2);
  int with_values = 0;
  for (int round = 0; round < 6000; ++round) {
    const std::string text = random_text(random, static_cast<std::size_t>(round % 70));
    const std::vector<Span> expected = find_values_slowly(all_detectors(), text);
    with_values += expected.empty() ? 0 : 1;
    for (const json::SimdLevel level : levels()) {
      std::vector<Span> found;
      EXPECT_EQ(find_values(all_detectors(), text, found, level), !expected.empty()) << text;
      EXPECT_EQ(found, expected) << text;
    }
  }
  EXPECT_GT(with_values, 1000);  // the texts are not too tame
}

}  // namespace
}  // namespace apitoolkit::redact
