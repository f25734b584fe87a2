// What is read of a segment whose bytes are not as they were written: never something else than
// what was, and all that the damage does not touch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "src/base/limits.h"
#include "src/sdk/spool/record.h"
#include "src/sdk/spool/segment_format.h"
#include "src/sdk/spool/test_directory.h"

namespace apitoolkit::sdk {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using Messages = std::vector<std::string>;

const std::vector<Messages> kBatches = {{"one", "two"}, {"three"}, {"four", "", "five"}};

// A segment of kBatches that nobody owns any more, and where its records end.
struct Segment {
  TestDirectory directory;
  std::string path;
  std::string bytes;
  std::vector<std::size_t> ends;

  Segment() {
    const auto spool = directory.open();
    for (const Messages& batch : kBatches) {
      append(*spool, batch);
      path = directory.segments().at(0);
      ends.push_back(read_whole(path).size());
    }
    bytes = read_whole(path);
  }

  struct Found {
    Messages messages;
    std::int64_t corrupt_records = 0;
  };
  // What a Spool finds that comes when `changed` is in the place of the segment.
  Found found(std::string_view changed) const {
    write_whole(path, changed);
    Found found;
    const auto spool = directory.open();
    found.messages = drain(*spool);
    found.corrupt_records = spool->corrupt_records();
    EXPECT_THAT(directory.segments(), IsEmpty()) << "what is read is gone, damaged or not";
    return found;
  }
};

// What the batches hold, one after the other.
Messages flat(const std::vector<Messages>& batches) {
  Messages all;
  for (const Messages& batch : batches) all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

TEST(Segment, IsReadWhole) {
  const Segment segment;
  const auto found = segment.found(segment.bytes);
  EXPECT_EQ(found.messages, flat(kBatches));
  EXPECT_EQ(found.corrupt_records, 0);
}

TEST(Segment, ATornTailOfAnyLengthCostsTheRecordsThatItTookAndNoOther) {
  const Segment segment;
  for (std::size_t length = 0; length <= segment.bytes.size(); ++length) {
    SCOPED_TRACE(length);
    const auto found = segment.found(segment.bytes.substr(0, length));
    // Padding that is missing takes nothing away.
    std::vector<Messages> expected;
    for (std::size_t i = 0; i < kBatches.size(); ++i) {
      const std::size_t begin = i == 0 ? kSegmentHeadBytes : segment.ends[i - 1];
      if (begin + kRecordHeadBytes > length) break;
      const auto head = parse_record_head(
          segment.bytes.substr(begin, kRecordHeadBytes),
          {mark_of(
               parse_segment_name(segment.path.substr(segment.directory.path().size() + 1))->owner),
           static_cast<std::int64_t>(begin)});
      if (begin + kRecordHeadBytes + head.value().length <= length) expected.push_back(kBatches[i]);
    }
    EXPECT_EQ(found.messages, flat(expected));
    EXPECT_EQ(found.corrupt_records, 0) << "what was being written is no damage";
  }
}

TEST(Segment, ATornTailDoesNotStopLaterSegments) {
  Segment segment;
  {
    const auto spool = segment.directory.open();
    append(*spool, {"later"});
  }
  segment.bytes.resize(segment.ends[1] - kRecordAlignment);  // more than padding
  const auto found = segment.found(segment.bytes);
  // In one millisecond, either may be the first.
  EXPECT_THAT(found.messages, testing::UnorderedElementsAre("one", "two", "later"));
}

TEST(Segment, AFlippedBitCostsTheRecordThatItIsInAndNoOther) {
  const Segment segment;
  for (std::size_t bit = 0; bit < 8 * segment.bytes.size(); ++bit) {
    SCOPED_TRACE("byte " + std::to_string(bit / 8) + ", bit " + std::to_string(bit % 8));
    std::string flipped = segment.bytes;
    flipped[bit / 8] ^= static_cast<char>(1 << bit % 8);
    const auto found = segment.found(flipped);
    // Which record it is in; none for the segment's head.
    std::vector<Messages> others = kBatches;
    if (bit / 8 >= kSegmentHeadBytes) {
      const auto end = std::upper_bound(segment.ends.begin(), segment.ends.end(), bit / 8);
      others.erase(others.begin() + (end - segment.ends.begin()));
    }
    // The state, the zeros and the padding do not matter.
    const bool is_unharmed = found.messages == flat(kBatches);
    EXPECT_TRUE(is_unharmed || found.messages == flat(others));
    if (bit / 8 < kSegmentHeadBytes) {
      EXPECT_TRUE(is_unharmed);
      EXPECT_EQ(found.corrupt_records, 1);
    } else {
      EXPECT_EQ(found.corrupt_records, is_unharmed ? 0 : 1);
    }
  }
}

TEST(Segment, AZeroedPageCostsWhatItCovers) {
  const TestDirectory directory;
  std::vector<std::string> all;
  {
    const auto spool = directory.open();
    for (int i = 0; i < 400; ++i) {
      all.push_back("message " + std::to_string(i));
      append(*spool, {all.back()});
    }
  }
  const std::string path = directory.segments().at(0);
  const std::string whole = read_whole(path);
  constexpr std::size_t kPage = 4096;
  ASSERT_GT(whole.size(), 5 * kPage);
  for (std::size_t page = 0; page < whole.size() / kPage; ++page) {
    SCOPED_TRACE(page);
    std::string zeroed = whole;
    std::fill_n(zeroed.begin() + static_cast<std::ptrdiff_t>(page * kPage), kPage, '\0');
    write_whole(path, zeroed);
    const auto spool = directory.open();
    const auto found = drain(*spool);
    EXPECT_TRUE(std::includes(all.begin(), all.end(), found.begin(), found.end(),
                              [&](const std::string& a, const std::string& b) {
                                return std::stoi(a.substr(8)) < std::stoi(b.substr(8));
                              }));
    EXPECT_GE(spool->corrupt_records(), 1);
    EXPECT_LE(spool->corrupt_records(), 2);  // the segment's head, too
    EXPECT_GT(found.size(), all.size() - kPage / kRecordHeadBytes);
    EXPECT_LT(found.size(), all.size());
  }
}

TEST(Segment, WhatIsNoSegmentAtAllIsCountedAndRemoved) {
  const Segment segment;
  for (const std::string& bytes : {std::string(100'000, '\0'), std::string(3'000, 'x'),
                                   segment.bytes.substr(1), segment.bytes.substr(7) + "1234567"}) {
    const auto found = segment.found(bytes);
    EXPECT_THAT(found.messages, IsEmpty());
    EXPECT_GE(found.corrupt_records, 1);
  }
}

// A body is whatever a stranger sent: it must not become messages, should a reader look for the
// next record in it. Random bytes around it keep it from being compressed.
TEST(Segment, RecordsWithinAMessageAreNone) {
  const Segment inner;
  Segment outer;
  std::mt19937 random(1);
  std::string message;
  for (int i = 0; i < 50'000; ++i) message += static_cast<char>(random());
  for (int i = 0; i < 9; ++i) message += inner.bytes + "x";  // at every alignment
  for (int i = 0; i < 50'000; ++i) message += static_cast<char>(random());
  {
    const auto spool = outer.directory.open();
    append(*spool, {message});
    append(*spool, {"after"});
  }
  ASSERT_EQ(outer.directory.segments().size(), 2U);
  outer.path = outer.directory.segments()[1];
  outer.bytes = read_whole(outer.path);
  ASSERT_NE(outer.bytes.find(inner.bytes), std::string::npos);
  outer.bytes[kSegmentHeadBytes] ^= 1;  // the outer record's mark
  const auto found = outer.found(outer.bytes);
  Messages expected = flat(kBatches);
  expected.emplace_back("after");
  EXPECT_EQ(found.messages, expected);
  EXPECT_EQ(found.corrupt_records, 1);
}

TEST(Segment, OfAnotherVersionIsLeftAlone) {
  const Segment segment;
  std::string later = segment.bytes;
  later.replace(0, kSegmentHeadBytes, std::string("APITSPOL\x02\0\0\0", 12) + "\x2c\x04\xc4\xd4");
  ASSERT_TRUE(is_of_another_version(later)) << "the checksum of version 2";
  write_whole(segment.path, later);
  const auto spool = segment.directory.open();
  const auto refused = spool->oldest();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(refused.error().message, testing::HasSubstr(segment.path));
  EXPECT_THAT(peek(*spool), IsEmpty()) << "it is told once";
  append(*spool, {"mine"});
  EXPECT_THAT(drain(*spool), ElementsAre("mine"));
  EXPECT_EQ(read_whole(segment.path), later);
}

}  // namespace
}  // namespace apitoolkit::sdk
