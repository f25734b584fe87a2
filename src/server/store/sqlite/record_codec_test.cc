#include "src/server/store/sqlite/record_codec.h"

#include <gtest/gtest.h>

#include "src/base/limits.h"
#include "src/server/store/random_records.h"
#include "src/server/store/sqlite/tagged_fields.h"

namespace apitoolkit::server::store {
namespace {

std::string encode(const Record& record, RecordPart part) {
  RecordEncoder encoder;
  const auto payload = encoder.encode(record, part);
  EXPECT_TRUE(payload) << payload.error().message;
  return std::string(payload.value_or(std::string_view()));
}

Record only_columns(const Record& record) {
  Record columns;
  columns.project = record.project;
  columns.identity = record.identity;
  columns.exchange.start_ns = record.exchange.start_ns;
  columns.exchange.direction = record.exchange.direction;
  columns.exchange.status_code = record.exchange.status_code;
  columns.exchange.method = record.exchange.method;
  columns.exchange.url_path = record.exchange.url_path;
  columns.exchange.parent_id = record.exchange.parent_id;
  return columns;
}

TEST(RecordCodec, RoundTripsWholeAndWithoutColumns) {
  RandomRecords random(1);
  RecordDecoder decoder;
  for (int i = 0; i < 500; ++i) {
    const Record record = random.record();
    Record whole;
    ASSERT_TRUE(decoder.decode(encode(record, RecordPart::kWhole), whole));
    EXPECT_EQ(describe(whole), describe(record));
    Record rest = only_columns(record);
    ASSERT_TRUE(decoder.decode(encode(record, RecordPart::kWithoutColumns), rest));
    EXPECT_EQ(describe(rest), describe(record));
  }
}

TEST(RecordCodec, CompressesBodies) {
  Record record = sample_record(kSampleTimeNs, 1);
  record.exchange.response_body.bytes = std::string(100'000, 'x');
  EXPECT_LT(encode(record, RecordPart::kWithoutColumns).size(), 1000u);
}

TEST(RecordCodec, SkipsFieldsOfLaterVersions) {
  const Record record = sample_record(kSampleTimeNs, 1);
  std::string payload = encode(record, RecordPart::kWhole);
  ASSERT_EQ(payload[0], 1) << "this sample is meant to be too small to be compressed";
  append_varint(1000, payload);
  append_varint(3, payload);
  payload += "new";
  Record read;
  ASSERT_TRUE(RecordDecoder().decode(payload, read));
  EXPECT_EQ(describe(read), describe(record));
}

TEST(RecordCodec, RefusesEveryCutAndSurvivesEveryChangedByte) {
  RandomRecords random(3);
  RecordDecoder decoder;
  for (int i = 0; i < 30; ++i) {
    const std::string payload = encode(random.record(), RecordPart::kWhole);
    const bool compressed = payload[0] == 2;
    for (std::size_t size = 0; size < payload.size(); ++size) {
      Record read;
      const Status decoded = decoder.decode(std::string_view(payload).substr(0, size), read);
      // Fields that end early may by chance end between two fields.
      if (compressed || size == 0) {
        EXPECT_FALSE(decoded) << size;
      }
      if (!decoded) {
        EXPECT_EQ(decoded.error().code, ErrorCode::kCorrupt);
      }
    }
    for (std::size_t at = 0; at < payload.size(); ++at) {
      std::string changed = payload;
      changed[at] = static_cast<char>(changed[at] ^ (1 << random.below(8)));
      Record read;
      const Status decoded = decoder.decode(changed, read);
      if (!decoded) {
        EXPECT_EQ(decoded.error().code, ErrorCode::kCorrupt);
      }
    }
  }
}

TEST(RecordCodec, RefusesWhatIsNoPayload) {
  const std::string frame_of_2_gigabytes("\x02\x28\xb5\x2f\xfd\xa0\x00\x00\x00\x80\x01\x00\x00",
                                         13);
  for (const std::string& payload :
       {std::string(), std::string("\x03"), std::string("\x02"), std::string("\x02garbage"),
        frame_of_2_gigabytes, std::string("\x01\x06\x7f"), std::string("\x01\xff"),
        std::string(1, '\1') + std::string(11, '\xff'), std::string("\x01\x01\x01x"),
        std::string("\x01\x04\x01\x08")}) {
    Record read;
    const Status decoded = RecordDecoder().decode(payload, read);
    ASSERT_FALSE(decoded) << ::testing::PrintToString(payload);
    EXPECT_EQ(decoded.error().code, ErrorCode::kCorrupt);
  }
}

TEST(RecordCodec, RefusesRecordsOverTheLimit) {
  Record record = sample_record(kSampleTimeNs, 1);
  record.exchange.request_body.bytes.resize(limits::kStoredRecordBytesMax + 1);
  const auto payload = RecordEncoder().encode(record, RecordPart::kWhole);
  ASSERT_FALSE(payload);
  EXPECT_EQ(payload.error().code, ErrorCode::kInvalidArgument);
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
