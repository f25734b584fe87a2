#include "src/redact/records.h"

#include <gtest/gtest.h>

#include <vector>

#include "src/base/limits.h"

namespace apitoolkit::redact {
namespace {

Redactor compile(const std::vector<std::string>& paths) {
  auto redactor = Redactor::compile(paths, "paths");
  EXPECT_TRUE(redactor) << redactor.error().message;
  return *redactor;
}

struct Streamed {
  std::string text;
  std::int64_t records = 0;
  std::int64_t masked = 0;
};

Streamed stream(const Redactor& redactor, const std::vector<std::string_view>& pieces,
                bool json_seq = false, const Scrubber& scrubber = {}) {
  RecordStream records(redactor.engine(), scrubber, json_seq);
  Streamed out;
  for (const std::string_view piece : pieces) records.feed(piece, out.text);
  records.finish(out.text);
  out.records = records.records();
  out.masked = records.masked();
  return out;
}

TEST(RecordStream, GivesWhatTheWholeBodyGivesWhereverItIsCut) {
  const Redactor redactor = compile({"$.p"});
  for (const bool json_seq : {false, true}) {
    const std::string body =
        json_seq ? "\x1e{\"p\":1}\n\x1e{\"p\":\"a\\n\"}\n\x1enope\n\x1e\n\x1e{\"q\":2}\n"
                 : "\xEF\xBB\xBF{\"p\":1}\r\n\n {\"p\":[2]} \nnot json {\"p\":3}\n{\"q\":4}";
    const std::string whole = redact_records(body, json_seq, false, redactor.engine()).body;
    ASSERT_NE(whole, body);
    for (std::size_t a = 0; a <= body.size(); ++a) {
      for (std::size_t b = a; b <= body.size(); ++b) {
        const std::string_view view = body;
        const Streamed out =
            stream(redactor, {view.substr(0, a), view.substr(a, b - a), view.substr(b)}, json_seq);
        ASSERT_EQ(out.text, whole) << a << ' ' << b;
        ASSERT_EQ(out.records, 4);
        ASSERT_EQ(out.masked, 1);
      }
    }
  }
}

TEST(RecordStream, MasksOneRecordWhereABodyWouldFailAsAWhole) {
  std::string ones = "[1";
  for (int i = 0; i < 500'000; ++i) ones += ",1";
  ones += "]";
  const Streamed out = stream(compile({"$[*]"}), {"[1]\n", ones, "\n[2]\n"});
  EXPECT_EQ(out.text, "[\"[CLIENT_REDACTED]\"]\n\"[CLIENT_REDACTED]\"\n[\"[CLIENT_REDACTED]\"]\n");
  EXPECT_EQ(out.masked, 1);
}

TEST(RecordStream, MasksARecordThatDoesNotEndAndGoesOnAfterIt) {
  const Redactor redactor = compile({"$.p"});
  RecordStream records(redactor.engine(), {}, false);
  std::string out;
  const std::string piece(8 << 20, ' ');
  records.feed("{\"p\":1,\"secret\":\"", out);
  for (std::int64_t fed = 0; fed <= limits::kStreamRecordBytesMax + (32 << 20);
       fed += static_cast<std::int64_t>(piece.size())) {
    records.feed(piece, out);
  }
  records.feed("\"}\n{\"p\":2}\n", out);
  records.finish(out);
  EXPECT_EQ(out, "\"[CLIENT_REDACTED]\"\n{\"p\":\"[CLIENT_REDACTED]\"}\n");
  EXPECT_EQ(records.masked(Reason::kBudget), 1);
  EXPECT_EQ(records.records(), 2);
}

TEST(RecordStream, ScrubsValuesToo) {
  DetectorSet detectors;
  detectors.add(Detector::kEmail);
  const Streamed out =
      stream(compile({"$.p"}), {R"({"p":1,"q":"bob@example.com"})"}, false, Scrubber(detectors));
  EXPECT_EQ(out.text, R"({"p":"[CLIENT_REDACTED]","q":"[CLIENT_REDACTED]"})");
}

TEST(RecordStream, IsEmptyForNothing) {
  EXPECT_EQ(stream(compile({"$.p"}), {}).text, "");
  EXPECT_EQ(stream(compile({"$.p"}), {"\n\n"}).text, "\n\n");
}

}  // namespace
}  // namespace apitoolkit::redact
