#include "src/sdk/spool/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "src/base/limits.h"
#include "src/sdk/spool/little_endian.h"

namespace apitoolkit::sdk {
namespace {

using testing::ElementsAre;

constexpr RecordPlace kPlace{0x0123456789abcdef, 4096};

std::vector<std::string> make(const std::vector<std::string>& messages) {
  const std::vector<std::string_view> views(messages.begin(), messages.end());
  auto records = make_records(views);
  EXPECT_TRUE(records.has_value());
  return std::move(*records);
}

std::optional<RecordHead> head_of(std::string_view record, RecordPlace place = kPlace) {
  return parse_record_head(record.substr(0, kRecordHeadBytes), place);
}

std::optional<std::vector<std::string>> messages_of(std::string_view record) {
  const auto head = head_of(record);
  if (!head) return std::nullopt;
  return parse_record_body(record.substr(kRecordHeadBytes, head->length), *head);
}

// A record that is sound but for what its body says: what only a hostile writer makes.
std::string record_around(std::string_view body, std::uint32_t size, std::uint32_t count) {
  std::string record(kRecordHeadBytes, '\0');
  record += body;
  put(record.data() + 16, static_cast<std::uint32_t>(body.size()));
  put(record.data() + 20, size);
  put(record.data() + 24, count);
  put(record.data() + 28, static_cast<std::uint32_t>(crc32_z(
                              0, reinterpret_cast<const Bytef*>(body.data()), body.size())));
  place_record(record, kPlace);
  return record;
}

std::string frame(std::string_view content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 1));
  return out;
}

TEST(Record, HoldsItsMessages) {
  auto records = make({"one", "", "three"});
  ASSERT_EQ(records.size(), 1U);
  place_record(records[0], kPlace);
  EXPECT_EQ(records[0].size() % kRecordAlignment, 0U);
  EXPECT_EQ(head_of(records[0])->bytes(), static_cast<std::int64_t>(records[0].size()));
  EXPECT_FALSE(head_of(records[0])->is_removed);
  EXPECT_THAT(messages_of(records[0]).value(), ElementsAre("one", "", "three"));
}

TEST(Record, IsNoneInAnotherPlaceOrAnotherOwnersFile) {
  auto record = make({"one"})[0];
  place_record(record, kPlace);
  EXPECT_FALSE(head_of(record, {kPlace.mark, kPlace.offset + 8}));
  EXPECT_FALSE(head_of(record, {kPlace.mark + 1, kPlace.offset}));
}

TEST(Record, IsRemovedByItsStateAndAFlippedBitChangesNothing) {
  auto record = make({"one"})[0];
  place_record(record, kPlace);
  for (const bool is_removed : {false, true}) {
    if (is_removed) record.replace(kRecordStateOffset, kRecordRemoved.size(), kRecordRemoved);
    for (std::size_t bit = 0; bit < 64; ++bit) {
      std::string flipped = record;
      flipped[kRecordStateOffset + bit / 8] ^= static_cast<char>(1 << bit % 8);
      EXPECT_EQ(head_of(flipped)->is_removed, is_removed) << bit;
    }
  }
}

TEST(Record, MoreThanFitsIsSplit) {
  const std::vector<std::string> many(limits::kPublishMessagesMax + 1, "x");
  EXPECT_EQ(make(many).size(), 2U);
  const std::string largest(limits::kMessageBytesMax, 'x');
  EXPECT_EQ(make({largest, largest}).size(), 2U);
}

TEST(Record, AMessageThatIsTooLongIsRefused) {
  const std::string message(limits::kMessageBytesMax + 1, 'x');
  const std::vector<std::string_view> messages = {"x", message};
  const auto records = make_records(messages);
  ASSERT_FALSE(records);
  EXPECT_EQ(records.error().code, ErrorCode::kInvalidArgument);
}

// "0003abc"
const std::string kContent = std::string("\x03\0\0\0", 4) + "abc";

TEST(Record, TheHelperOfTheNextTestMakesASoundOne) {
  EXPECT_THAT(messages_of(record_around(frame(kContent), 7, 1)).value(), ElementsAre("abc"));
}

TEST(Record, AHostileHeadIsRefusedBeforeAnythingIsAllocated) {
  const std::uint32_t huge = 0xffff'fff0;
  EXPECT_FALSE(head_of(record_around(frame(kContent), huge, 1)));
  EXPECT_FALSE(head_of(record_around(frame(kContent), 7, huge)));
  EXPECT_FALSE(head_of(record_around(frame(kContent), limits::kSpoolRecordBytesMax + 1, 1)));
  std::string record = record_around(frame(kContent), 7, 1);
  put(record.data() + 16, huge);
  place_record(record, kPlace);
  EXPECT_FALSE(head_of(record));
}

TEST(Record, ABodyThatIsNotWhatItsHeadSaysIsRefused) {
  const std::string too_long = std::string("\x04\0\0\0", 4) + "abc";
  const std::string longest = std::string("\xff\xff\xff\xff", 4) + "abc";
  for (const std::string& record : {
           record_around(frame(kContent), 6, 1),
           record_around(frame(kContent), 8, 1),
           record_around(frame(kContent), 7, 0),
           record_around(frame(kContent), 7, 2),
           record_around(frame(too_long), 7, 1),
           record_around(frame(longest), 7, 1),
           record_around(frame("\x03"), 1, 1),
           record_around("no frame", 7, 1),
           record_around(frame(kContent).substr(0, 12), 7, 1),
           record_around("", 0, 0),
           record_around(frame(""), 0, 0),
           // A bomb: more than it says.
           record_around(frame(std::string(1 << 20, '\0')), 7, 1),
       }) {
    ASSERT_TRUE(head_of(record));
    EXPECT_FALSE(messages_of(record));
  }
}

}  // namespace
}  // namespace apitoolkit::sdk
