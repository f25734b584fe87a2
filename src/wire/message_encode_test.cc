#include <gtest/gtest.h>

#include "src/base/base64.h"
#include "src/base/limits.h"
#include "src/json/document.h"
#include "src/wire/message.h"

namespace apitoolkit::wire {
namespace {

constexpr auto kMessageBytesMax = static_cast<std::size_t>(limits::kMessageBytesMax);

Exchange get() {
  Exchange exchange;
  exchange.method = "GET";
  exchange.raw_url = "/a";
  return exchange;
}

TEST(Encode, CutsBodiesSoThatTheMessageFits) {
  struct Case {
    std::size_t request_bytes, response_bytes;
    bool is_request_cut, is_response_cut;
  };
  const Case cases[] = {
      {100, 8'000'000, false, true},        {8'000'000, 100, true, false},
      {8'000'000, 8'000'000, true, true},   {3'000'000, 4'000'000, false, true},
      {3'300'000, 3'300'000, false, false}, {0, 6'749'000, false, false},
  };
  for (const Case& c : cases) {
    Exchange exchange = get();
    exchange.request_body.bytes.assign(c.request_bytes, 'q');
    exchange.response_body.bytes.assign(c.response_bytes, 's');
    const std::string message = encode_message(exchange);
    EXPECT_LE(message.size(), kMessageBytesMax);
    const auto read = decode_message(message);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->request_body.truncated, c.is_request_cut) << c.request_bytes;
    EXPECT_EQ(read->response_body.truncated, c.is_response_cut) << c.response_bytes;
    if (c.is_request_cut || c.is_response_cut) {
      EXPECT_GT(message.size(), kMessageBytesMax - 1000) << "more was cut than needed";
    }
    if (c.is_response_cut) {
      EXPECT_EQ(read->response_body.size, static_cast<std::int64_t>(c.response_bytes));
    }
  }
}

TEST(Encode, KeepsTheSizeOfABodyThatWasCutBefore) {
  Exchange exchange = get();
  exchange.response_body = {std::string(8'000'000, 's'), -1, true};
  const auto read = decode_message(encode_message(exchange));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->response_body.size, -1);
}

TEST(Encode, FitsWhateverIsInIt) {
  Exchange exchange = get();
  const std::string long_text(200'000, '\x01');  // six bytes each when escaped
  for (int i = 0; i < 2000; ++i) {
    exchange.request_headers.push_back({"h" + std::to_string(i), long_text.substr(0, 20'000)});
    exchange.query_params.push_back({"q" + std::to_string(i), long_text.substr(0, 20'000)});
    exchange.tags.push_back(long_text.substr(0, 1000));
  }
  for (int i = 0; i < 200; ++i) {
    exchange.errors.push_back({1, "E", long_text, "", "", long_text, R"({"a":1})"});
  }
  exchange.host = exchange.url_path = long_text;
  exchange.response_body.bytes = "kept as far as there is room";
  const std::string message = encode_message(exchange);
  EXPECT_LE(message.size(), kMessageBytesMax);
  const auto read = decode_message(message);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->request_headers.size(), static_cast<std::size_t>(limits::kHeadersMax));
  EXPECT_EQ(read->errors.size(), static_cast<std::size_t>(limits::kErrorsMax));
  EXPECT_EQ(read->response_body.bytes, exchange.response_body.bytes);
}

TEST(Encode, CutsStackTracesBetweenCharacters) {
  Exchange exchange = get();
  std::string trace = "x";
  while (trace.size() < 2 * limits::kStackTraceBytesMax) trace += "å";
  exchange.errors.emplace_back().stack_trace = trace;
  const auto read = decode_message(encode_message(exchange));
  ASSERT_TRUE(read);
  const std::string& cut = read->errors[0].stack_trace;
  EXPECT_EQ(cut, trace.substr(0, cut.size()));
  EXPECT_EQ(cut.size(), static_cast<std::size_t>(limits::kStackTraceBytesMax) - 1);
}

TEST(Encode, IsValidJsonWhateverTheBytes) {
  Exchange exchange = get();
  exchange.host = "\xFF\xC3(\0";
  exchange.request_headers = {{"\xFF", "\xED\xA0\x80"}, {"", ""}};
  exchange.path_params = {{"a", "not json", true}, {"b", "[1, 2]", true}};
  exchange.errors.emplace_back().other_json = "{bad";
  exchange.sample_weight = 0.25;
  const std::string message = encode_message(exchange);
  const auto document = json::Document::parse(message);
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_TRUE(decode_message(message));
}

TEST(Encode, WritesAHostileNumberOfNamesInTime) {
  // A quadratic search for repeated names would take minutes here.
  Exchange exchange = get();
  for (int i = 0; i < 300'000; ++i) exchange.query_params.push_back({std::to_string(i / 2), "v"});
  EXPECT_NE(identity(exchange), Uuid{});
}

}  // namespace
}  // namespace apitoolkit::wire
