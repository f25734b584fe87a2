#include "src/server/ingest/message_logs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/limits.h"
#include "src/json/document.h"

namespace apitoolkit::server::ingest {
namespace {

using testing::EndsWith;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kMessage = R"({"method":"GET","trace_id":"abc"})";

store::LogEntry line(std::int64_t time_ns, const std::string& body) {
  store::LogEntry one;
  one.trace_id = "abc";
  one.span_id = "00f067aa0ba902b7";
  one.time_ns = time_ns;
  one.severity = 9;
  one.body = body;
  one.attributes_json = R"({"a":1.0,"b":["x"]})";
  return one;
}

TEST(MessageLogs, ComeBackAsTheyWere) {
  store::LogEntry bare;
  bare.trace_id = "abc";
  bare.time_ns = 1;
  bare.attributes_json = "{}";
  const std::vector<store::LogEntry> logs{line(1'700'000'000'123'456'789, "a \"line\"\n\x01é"),
                                          bare};
  std::string message = kMessage;
  add_logs(logs, message);
  EXPECT_EQ(logs_of(message, "abc"), logs);
  EXPECT_THAT(logs_of(message, ""), IsEmpty());
  EXPECT_EQ(without_logs(message), R"({"method":"GET","trace_id":"abc","logs":null})");
}

TEST(MessageLogs, AMessageWithoutThemStaysAsItIs) {
  std::string message = kMessage;
  add_logs({}, message);
  EXPECT_EQ(message, kMessage);
  EXPECT_THAT(logs_of(message, "abc"), IsEmpty());
  EXPECT_EQ(logs_text(message), "");
  EXPECT_EQ(without_logs(message), message);
}

TEST(MessageLogs, WhatDoesNotFitIsCutAndSaysSo) {
  const std::vector<store::LogEntry> logs(300, line(1, std::string(64 << 10, 'x')));
  std::string message = kMessage;
  add_logs(logs, message);
  EXPECT_LE(static_cast<std::int64_t>(message.size()), limits::kMessageBytesMax);
  EXPECT_THAT(message, EndsWith(R"(],"logs_cut":true})"));
  const std::size_t fitting = limits::kMessageBytesMax / (64 << 10) - 1;
  EXPECT_GE(logs_of(message, "abc").size(), fitting);
}

// Others may have a member of that name.
TEST(MessageLogs, WhatIsNoLineIsLeftOut) {
  for (const char* logs :
       {"7", "null", R"("text")", "{}", "[]", R"([7,"x",null,{}])",
        R"([{"timestamp":"2026-01-01T00:00:00Z"}])", R"([{"body":"x"}])",
        R"([{"timestamp":"yesterday","body":"x"}])", R"([{"timestamp":7,"body":"x"}])",
        R"([{"timestamp":"2026-01-01T00:00:00Z","body":{}}])"}) {
    const std::string message = R"({"method":"GET","logs":)" + std::string(logs) + "}";
    EXPECT_THAT(logs_of(message, "abc"), IsEmpty()) << logs;
  }
  EXPECT_THAT(logs_of(R"(["logs"])", "abc"), IsEmpty());
  EXPECT_THAT(logs_of(R"({"logs")", "abc"), IsEmpty());
  const auto read = logs_of(
      R"({"logs":[{"timestamp":"2026-01-01T00:00:00Z","body":"x","severity":99,"span_id":"Q",)"
      R"("attributes":[]}]})",
      "abc");
  ASSERT_THAT(read, SizeIs(1));
  EXPECT_EQ(read[0].severity, 24);
  EXPECT_EQ(read[0].span_id, "");
  EXPECT_EQ(read[0].attributes_json, "");
}

}  // namespace
}  // namespace apitoolkit::server::ingest
