#include <gtest/gtest.h>

#include "src/base/uuid.h"
#include "src/wire/message.h"

namespace apitoolkit::wire {
namespace {

TEST(Identity, IsTheMessageIdWhereThereIsOne) {
  Exchange exchange;
  exchange.id = base::make_uuid_v4();
  EXPECT_EQ(identity(exchange), exchange.id);
}

TEST(Identity, DependsOnWhatIsSaidAndNotOnHow) {
  const auto a = decode_message(
      R"({"method":"GET","raw_url":"/a","request_headers":{"A":"1","B":["2"]},"project_id":"x"})");
  const auto b = decode_message(
      R"({"request_headers": {"B":"2","A":["1"]}, "raw_url":"\/a", "method":"GET", "colour":1})");
  const auto c = decode_message(R"({"method":"GET","raw_url":"/a","request_headers":{"A":"1"}})");
  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(identity(*a), identity(*b));
  EXPECT_NE(identity(*a), identity(*c));
  EXPECT_FALSE(base::is_nil(identity(*a)));
}

TEST(Identity, SeesEveryMember) {
  Exchange exchange;
  exchange.method = "GET";
  const Uuid before = identity(exchange);
  const auto changed = [&](auto change) {
    Exchange other = exchange;
    change(other);
    return identity(other) != before;
  };
  EXPECT_TRUE(changed([](Exchange& e) { e.start_ns = 1'000; }));
  EXPECT_TRUE(changed([](Exchange& e) { e.response_body.bytes = "x"; }));
  EXPECT_TRUE(changed([](Exchange& e) { e.tags = {"x"}; }));
  EXPECT_TRUE(changed([](Exchange& e) { e.errors.emplace_back(); }));
  EXPECT_TRUE(changed([](Exchange& e) { e.parent_id = base::make_uuid_v4(); }));
}

}  // namespace
}  // namespace apitoolkit::wire
