#include "src/server/redaction/rule_uptake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace apitoolkit::server::redaction {
namespace {

using account::RedactionRule;
using testing::SizeIs;

account::RulesOfProject rules(const std::vector<std::string>& headers,
                              const std::string& note = "") {
  auto all = std::make_shared<std::vector<RedactionRule>>();
  for (const std::string& header : headers) {
    RedactionRule rule;
    rule.id = static_cast<std::int64_t>(all->size()) + 1;
    rule.value = header;
    rule.note = note;
    all->push_back(rule);
  }
  return all;
}

class RuleUptakeTest : public testing::Test {
 protected:
  Uptake only() {
    const auto all = uptake_.of(kProject);
    EXPECT_THAT(all, SizeIs(1));
    return all.empty() ? Uptake{} : all.front();
  }

  static constexpr Uuid kProject{1};
  const SdkOnHost flask_{1, "flask/1", "10.0.0.1"};
  RuleUptake uptake_;
};

TEST_F(RuleUptakeTest, WhatWasGivenIsConfirmedByWhoComesBackWithItsTag) {
  uptake_.asked(kProject, flask_, rules({"A"}), false, 10);
  EXPECT_EQ(only().confirmed_ns, std::nullopt);
  uptake_.asked(kProject, flask_, rules({"A"}), true, 20);
  uptake_.asked(kProject, flask_, rules({"A"}), true, 30);
  EXPECT_EQ(only().first_ns, 10);
  EXPECT_EQ(only().last_ns, 30);
  EXPECT_EQ(only().confirmed_ns, 20);
}

TEST_F(RuleUptakeTest, OtherRulesMustBeConfirmedAnew) {
  uptake_.asked(kProject, flask_, rules({"A"}), true, 10);
  uptake_.asked(kProject, flask_, rules({"A"}, "a note that SDKs do not get"), false, 20);
  EXPECT_EQ(only().confirmed_ns, 10);
  uptake_.asked(kProject, flask_, rules({"A", "B"}), false, 30);
  EXPECT_EQ(only().confirmed_ns, std::nullopt);
  EXPECT_THAT(*only().rules, SizeIs(2));
}

TEST_F(RuleUptakeTest, VersionsHostsKeysAndProjectsAreApart) {
  for (const SdkOnHost& who :
       {flask_, SdkOnHost{1, "flask/2", "10.0.0.1"}, SdkOnHost{1, "flask/1", "10.0.0.2"},
        SdkOnHost{2, "flask/1", "10.0.0.1"}, SdkOnHost{1, "flask/1", "10.0.0.1", false}}) {
    uptake_.asked(kProject, who, rules({}), false, 10);
  }
  uptake_.asked(Uuid{2}, flask_, rules({}), false, 10);
  EXPECT_THAT(uptake_.of(kProject), SizeIs(5));
  EXPECT_THAT(uptake_.of(Uuid{2}), SizeIs(1));
  EXPECT_THAT(uptake_.of(Uuid{3}), SizeIs(0));
}

TEST_F(RuleUptakeTest, WhoeverAskedLongestAgoIsForgotten) {
  const auto count = static_cast<std::int64_t>(kSdksPerProjectMax);
  for (std::int64_t n = 0; n <= count; ++n) {
    uptake_.asked(kProject, {n, "flask/1", "10.0.0.1"}, rules({}), false, n);
  }
  const auto all = uptake_.of(kProject);
  ASSERT_THAT(all, SizeIs(kSdksPerProjectMax));
  EXPECT_EQ(all.front().who.key_id, count);
  EXPECT_EQ(all.back().who.key_id, 1);
}

TEST_F(RuleUptakeTest, ANameIsShortAndPrintable) {
  uptake_.asked(kProject, {1, "a\x1b\n\xff" + std::string(1000, 'b'), "10.0.0.1"}, rules({}), false,
                1);
  EXPECT_EQ(only().who.sdk, "a???" + std::string(kSdkNameBytesMax - 4, 'b'));
}

}  // namespace
}  // namespace apitoolkit::server::redaction
