#include "src/server/store/block/record_fields.h"

#include <gtest/gtest.h>

#include "src/base/limits.h"
#include "src/server/store/block/columns.h"
#include "src/server/store/block/tagged_fields.h"
#include "src/server/store/random_records.h"

namespace apitoolkit::server::store {
namespace {

std::string fields_of(const Record& record) {
  std::string bytes;
  const Status appended = append_record_fields(record, bytes);
  EXPECT_TRUE(appended) << appended.error().message;
  return bytes;
}

Record only_columns(const Record& record) {
  Record copy;
  copy.project = record.project;
  copy.identity = record.identity;
  for (int i = 0; i < kNumberColumns; ++i) {
    const auto column = static_cast<NumberColumn>(i);
    set_number(copy, column, number_of(record, column));
  }
  std::string scratch;
  for (int i = 0; i < kTextColumns; ++i) {
    const auto column = static_cast<TextColumn>(i);
    EXPECT_TRUE(set_text(copy, column, text_of(record, column, scratch))) << i;
  }
  return copy;
}

TEST(RecordFields, MakeARecordWholeWithItsColumns) {
  RandomRecords random(1);
  for (int i = 0; i < 500; ++i) {
    const Record record = random.record();
    Record read = only_columns(record);
    ASSERT_TRUE(read_record_fields(fields_of(record), read));
    EXPECT_EQ(describe(read), describe(record));
  }
}

TEST(RecordFields, OfLaterVersionsAreSkipped) {
  const Record record = sample_record(kSampleTimeNs, 1);
  std::string bytes = fields_of(record);
  append_varint(1000, bytes);
  append_varint(3, bytes);
  bytes += "new";
  Record read = only_columns(record);
  ASSERT_TRUE(read_record_fields(bytes, read));
  EXPECT_EQ(describe(read), describe(record));
}

TEST(RecordFields, SurviveEveryCutAndEveryChangedByte) {
  RandomRecords random(3);
  for (int i = 0; i < 30; ++i) {
    const std::string bytes = fields_of(random.record());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      std::string changed = bytes;
      changed[size] = static_cast<char>(changed[size] ^ (1 << random.below(8)));
      for (const std::string_view given :
           {std::string_view(bytes).substr(0, size), std::string_view(changed)}) {
        Record read;
        const Status decoded = read_record_fields(given, read);
        if (!decoded) {
          EXPECT_EQ(decoded.error().code, ErrorCode::kCorrupt);
        }
      }
    }
  }
}

TEST(RecordFields, AreRefusedWhereTheyAreNone) {
  for (const std::string& bytes :
       {std::string("\x06\x7f"), std::string("\xff"), std::string(11, '\xff'),
        std::string("\x01\x01x"), std::string("\x03\x02\x01\x7f")}) {
    Record read;
    const Status decoded = read_record_fields(bytes, read);
    ASSERT_FALSE(decoded) << ::testing::PrintToString(bytes);
    EXPECT_EQ(decoded.error().code, ErrorCode::kCorrupt);
  }
}

TEST(RecordFields, OverTheLimitAreRefused) {
  Record record = sample_record(kSampleTimeNs, 1);
  record.exchange.request_body.bytes.resize(limits::kStoredRecordBytesMax + 1);
  std::string bytes = "before";
  const Status appended = append_record_fields(record, bytes);
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(bytes, "before");
}

TEST(TaggedFields, VarintsReachTheEndsOfTheScale) {
  for (const std::uint64_t value : {0ull, 127ull, 128ull, 300ull, 1ull << 63, ~0ull}) {
    std::string bytes;
    append_varint(value, bytes);
    std::string_view rest = bytes;
    EXPECT_EQ(take_varint(rest), value);
    EXPECT_TRUE(rest.empty());
  }
}

}  // namespace
}  // namespace apitoolkit::server::store
