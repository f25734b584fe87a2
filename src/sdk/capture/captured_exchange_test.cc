#include "apitoolkit/captured_exchange.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/sdk/capture/capture.h"

namespace apitoolkit::sdk {
namespace {

using Kind = CapturedTexts::Kind;

constexpr Uuid kId = {0x01, 0x8f, 2, 3, 4, 5, 0x76, 7, 0x88, 9, 10, 11, 12, 13, 14, 0xff};

void capture_something(CapturedExchange& captured) {
  captured.exchange.id = kId;
  captured.exchange.status_code = 201;
  captured.exchange.request_body.bytes = "{}";
  captured.exchange.consumer = "ann";
  captured.has_own_span = true;
  CapturedTexts& texts = captured.texts;
  texts.add(Kind::kMethod, "POST");
  texts.add(Kind::kHost, "shop.example");
  texts.add(Kind::kRawUrl, "/orders/7?page=2");
  texts.add(Kind::kUrlPath, "/orders/<int:order>");
  texts.add(Kind::kReferer, "https://shop.example/");
  texts.add(Kind::kClientIp, "127.0.0.1");
  texts.add(Kind::kJsonPathParam, "order", "7");
  texts.add(Kind::kPathParam, "name", "a");
  texts.add(Kind::kRequestHeader, "Accept", "*/*");
  texts.add(Kind::kRequestHeader, "X-Empty", "");
  texts.add(Kind::kResponseHeader, "Set-Cookie", "a=1");
  texts.add(Kind::kResponseHeader, "Set-Cookie", "b=2");
}

TEST(CapturedExchange, UnpacksToWhatWasCaptured) {
  CapturedExchange captured;
  capture_something(captured);
  const Exchange whole = captured.unpack();
  EXPECT_EQ(whole.id, kId);
  EXPECT_EQ(whole.status_code, 201);
  EXPECT_EQ(whole.request_body.bytes, "{}");
  EXPECT_EQ(whole.consumer, "ann");
  EXPECT_EQ(whole.method, "POST");
  EXPECT_EQ(whole.host, "shop.example");
  EXPECT_EQ(whole.raw_url, "/orders/7?page=2");
  EXPECT_EQ(whole.url_path, "/orders/<int:order>");
  EXPECT_EQ(whole.referer, "https://shop.example/");
  EXPECT_EQ(whole.client_ip, "127.0.0.1");
  EXPECT_EQ(whole.path_params, (std::vector<Param>{{"order", "7", true}, {"name", "a", false}}));
  EXPECT_EQ(whole.request_headers, (std::vector<Header>{{"Accept", "*/*"}, {"X-Empty", ""}}));
  EXPECT_EQ(whole.response_headers,
            (std::vector<Header>{{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}}));
  EXPECT_EQ(whole.trace_id, "018f02030405760788090a0b0c0d0eff");
  EXPECT_EQ(whole.span_id, "88090a0b0c0d0eff");
}

TEST(CapturedExchange, KeepsTheTraceThatItIsAPartOf) {
  CapturedExchange captured;
  captured.exchange.id = kId;
  captured.exchange.trace_id = "11111111111111111111111111111111";
  EXPECT_EQ(captured.unpack().span_id, "") << "an exchange of the C++ API says what it has";
  captured.has_own_span = true;
  EXPECT_EQ(captured.unpack().trace_id, "11111111111111111111111111111111");
  EXPECT_EQ(captured.unpack().span_id, own_span_id(kId));
}

TEST(CapturedExchange, TheLastTextCountsAndListsMayBeginAnew) {
  CapturedExchange captured;
  capture_something(captured);
  captured.texts.add(Kind::kUrlPath, "/later");
  captured.texts.add(Kind::kPathParamsAnew);
  captured.texts.add(Kind::kResponseHeadersAnew);
  captured.texts.add(Kind::kResponseHeader, "Vary", "*");
  const Exchange whole = captured.unpack();
  EXPECT_EQ(whole.url_path, "/later");
  EXPECT_TRUE(whole.path_params.empty());
  EXPECT_EQ(whole.response_headers, (std::vector<Header>{{"Vary", "*"}}));
  EXPECT_EQ(whole.request_headers.size(), 2U);
}

TEST(CapturedExchange, HasThePathOfItsUrlWhereNoneMatched) {
  CapturedExchange captured;
  captured.texts.add(Kind::kRawUrl, "/nowhere?a=/b");
  EXPECT_EQ(captured.unpack().url_path, "/nowhere");
}

TEST(CapturedExchange, TextsOfAnySizeFit) {
  CapturedExchange captured;
  std::vector<Header> expected;
  for (std::size_t size = 1; size < 1 << 20; size *= 3) {
    expected.push_back({std::string(size, 'n'), std::string(2 * size, 'v')});
    captured.texts.add(Kind::kRequestHeader, expected.back().name, expected.back().value);
  }
  EXPECT_EQ(captured.unpack().request_headers, expected);
  EXPECT_GE(footprint(captured), std::int64_t{3} << 18);
}

TEST(CapturedExchange, CountsTheMemoryThatItHoldsAndNotOnlyWhatItUses) {
  CapturedExchange captured;
  captured.exchange.response_body.bytes = std::string(500'000, 'x');
  captured.clear();
  captured.exchange.response_body.bytes = "{}";
  EXPECT_GE(footprint(captured), 500'000) << "a queue of these would be larger than its bound";
}

TEST(CapturedExchange, IsAsNewWhenItIsClear) {
  CapturedExchange captured;
  capture_something(captured);
  captured.exchange.response_body.bytes = std::string(5000, 'x');
  captured.exchange.errors.push_back({});
  captured.exchange.aborted = true;
  const std::size_t capacity = captured.capacity();
  captured.clear();
  EXPECT_EQ(captured.capacity(), capacity) << "its memory stays";
  const Exchange whole = captured.unpack();
  EXPECT_EQ(whole.id, Uuid{});
  EXPECT_EQ(whole.method, "");
  EXPECT_EQ(whole.consumer, "");
  EXPECT_EQ(whole.span_id, "");
  EXPECT_TRUE(whole.request_headers.empty());
  EXPECT_TRUE(whole.response_headers.empty());
  EXPECT_TRUE(whole.errors.empty());
  EXPECT_FALSE(whole.aborted);
  EXPECT_EQ(whole.request_body.bytes, "");
  EXPECT_EQ(whole.response_body.bytes, "");
}

}  // namespace
}  // namespace apitoolkit::sdk
