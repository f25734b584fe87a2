#include "src/server/query/completion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "src/server/query/names.h"
#include "src/server/query/parse.h"

namespace apitoolkit::server::query {
namespace {

TEST(Completion, OffersOnlyWhatTheLanguageReads) {
  for (const FieldInfo& info : fields()) {
    for (const std::string_view op : operators_for(info.type)) {
      const bool list = op.ends_with("in") || op.starts_with("has_");
      const std::string one = info.type == ValueType::kTime ? "'2026-01-31'" : "'x'";
      const std::string value = op == "matches" ? "/x/" : list ? "[" + one + "]" : one;
      const std::string text = std::string(info.name) + " " + std::string(op) + " " + value;
      const auto parsed = parse(text);
      EXPECT_TRUE(parsed) << describe(parsed.error(), text);
    }
    for (const std::string_view unit : units_for(info.id)) {
      const std::string text = std::string(info.name) + " > 1" + std::string(unit);
      EXPECT_TRUE(parse(text)) << text;
    }
  }
}

TEST(Completion, OffersEveryOperatorForATextAndUnitsWhereTheyMeanSomething) {
  const auto offered = operators_for(ValueType::kText);
  for (const std::string_view name : operator_names()) {
    if (name == "and" || name == "or") continue;
    EXPECT_NE(std::find(offered.begin(), offered.end(), name), offered.end()) << name;
  }
  EXPECT_EQ(units_for(FieldId::kDuration).front(), "ns");
  EXPECT_EQ(units_for(FieldId::kResponseSize).back(), "gb");
  EXPECT_TRUE(units_for(FieldId::kStatusCode).empty());
}

TEST(Completion, WritesValuesAsTheLanguageReadsThem) {
  for (const Value& value :
       {Value::integer(-7), Value::real(2.5), Value::boolean(true), Value::duration(1'500'000'000),
        Value::text("a \"b\"\n\x01é"), Value::text("")}) {
    const std::string text = "status_code == " + literal_text(value);
    const auto parsed = parse(text);
    ASSERT_TRUE(parsed) << describe(parsed.error(), text);
    const auto& where = std::get<Where>(parsed->sections.at(0).node);
    const auto& literal = std::get<Literal>(std::get<Comparison>(where.condition.node).right.node);
    EXPECT_EQ(literal.value, value) << text;
  }
  EXPECT_EQ(literal_text(Value::time(0)), "\"1970-01-01T00:00:00.000000+00:00\"");
  EXPECT_EQ(literal_text(Value::json(R"({"a":1})")), R"("{\"a\":1}")");
  EXPECT_EQ(literal_text(Value()), "null");
}

}  // namespace
}  // namespace apitoolkit::server::query
