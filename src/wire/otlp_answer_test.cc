#include "src/wire/otlp_answer.h"

#include <gtest/gtest.h>

#include <string>

namespace apitoolkit::wire {
namespace {

using namespace std::string_literals;

TEST(OtlpAnswer, SaysHowManySpansWereRefused) {
  EXPECT_EQ(decode_rejected_spans(""), 0);
  EXPECT_EQ(decode_rejected_spans("\x0a\x00"s), 0) << "an empty partial_success";
  EXPECT_EQ(decode_rejected_spans("\x0a\x02\x08\x07"s), 7);
  EXPECT_EQ(decode_rejected_spans("\x0a\x05\x12\x03why"s), 0) << "a warning only";
  EXPECT_EQ(decode_rejected_spans("\x0a\x08\x12\x03why\x08\xac\x02"s), 300);
  EXPECT_EQ(decode_rejected_spans("\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s), -1);
}

TEST(OtlpAnswer, SkipsFieldsThatItDoesNotKnow) {
  EXPECT_EQ(decode_rejected_spans("\x10\x05\x1a\x02hi\x21"s + "12345678" + "\x2d" + "1234" +
                                  "\x0a\x02\x08\x07"),
            7);
}

TEST(OtlpAnswer, IsRefusedWhereItIsSomethingElse) {
  for (const std::string& bad : {"{}"s, "<html>"s, "\x0a"s, "\x0a\x05\x08"s, "\x0a\x01\x08"s,
                                 "\x08"s, "\x08\xff"s, "\x00\x00"s, "\x0b\x01"s,
                                 "\x21"
                                 "1234567"s,
                                 "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s}) {
    EXPECT_EQ(decode_rejected_spans(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace apitoolkit::wire
