#include "src/wire/protobuf_reader.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "src/wire/protobuf_writer.h"

namespace apitoolkit::wire {
namespace {

using namespace std::string_literals;

TEST(ProtobufReader, ReadsWhatTheWriterWrites) {
  ProtobufWriter writer;
  writer.integer(1, -1);
  writer.fixed64(2, 0x0102'0304'0506'0708);
  writer.bytes(3, "a\0b"s);
  writer.message(1000, [&] { writer.text(1, "inner"); });
  writer.real(5, -2.5);
  writer.integer(6, std::numeric_limits<std::int64_t>::min());
  const std::string bytes = std::move(writer).str() + "\x3d\x04\x03\x02\x01"s;
  ProtobufReader reader(bytes);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.number(), 1u);
  EXPECT_EQ(reader.type(), ProtobufReader::Type::kVarint);
  EXPECT_EQ(reader.int64(), -1);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.integer(), 0x0102'0304'0506'0708u);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.bytes(), "a\0b"s);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.number(), 1000u);
  ProtobufReader inner(reader.bytes());
  ASSERT_TRUE(inner.next());
  EXPECT_EQ(inner.bytes(), "inner");
  EXPECT_FALSE(inner.next());
  EXPECT_FALSE(inner.failed());
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.real(), -2.5);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.int64(), std::numeric_limits<std::int64_t>::min());
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.type(), ProtobufReader::Type::kFixed32);
  EXPECT_EQ(reader.integer(), 0x0102'0304u);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.failed());
}

TEST(ProtobufReader, FailsOnWhatIsNoMessageAndStaysAtItsEnd) {
  for (const std::string& bad :
       {"\x0a"s, "\x0a\x05"s + "abcd", "\x08"s, "\x08\xff"s, "\x00\x00"s, "\x0b\x01"s, "\x0c"s,
        "\x0e\x01"s, "\x0f\x01"s, "\x21"s + "1234567", "\x25"s + "123", "\x80"s,
        // A varint of eleven bytes, a length beyond 64 bits' addition, a number beyond 29 bits.
        "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,
        "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s, "\x88\x80\x80\x80\x10\x01"s}) {
    ProtobufReader reader(bad);
    EXPECT_FALSE(reader.next()) << testing::PrintToString(bad);
    EXPECT_TRUE(reader.failed()) << testing::PrintToString(bad);
    EXPECT_FALSE(reader.next());
  }
}

TEST(ProtobufReader, FindsNothingInAnEmptyMessage) {
  ProtobufReader reader("");
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.failed());
}

TEST(ProtobufReader, FailsOnlyBehindWhatIsWhole) {
  const std::string bytes = "\x08\x07\x12\x05Hi"s;
  ProtobufReader reader(bytes);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.integer(), 7u);
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.failed());
}

}  // namespace
}  // namespace apitoolkit::wire
