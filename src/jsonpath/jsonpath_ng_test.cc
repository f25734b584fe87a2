// Every path that people copy from: the examples of jsonpath-ng's README and of the SDK's own
// documentation, in the compatible dialect, with what each selects. Those that compute something
// are refused: parser_test.cc.
#include <gtest/gtest.h>

#include "src/jsonpath/query.h"

namespace apitoolkit::jsonpath {
namespace {

constexpr std::string_view kDocument = R"({
  "foo": [{"baz": 1, "id": 10, "bizzle": "b"}, {"baz": 2, "id": 11}],
  "fieldname": "f",
  "objects": [{"some_field": 7, "other_field": 3, "other": 1, "cow": 8},
              {"some_field": "foobar", "other_field": 2, "other": 4}],
  "user": {"password": "p", "social_security_number": "n"},
  "creditCard": {"number": "4111"},
  "credit-card": {"cvv": 123, "name": "N"},
  "api_key": "k",
  "password": "s"
})";

constexpr std::string_view kList = "[[1, 2], [3], {\"some_field\": 6}]";

struct Case {
  std::string_view path;
  std::vector<std::string> selected;
};

void check(std::string_view text, const std::vector<Case>& cases) {
  const auto document = json::Document::parse(text);
  ASSERT_TRUE(document.has_value());
  for (const Case& c : cases) {
    const auto query = Query::parse(c.path, Dialect::kCompatible);
    ASSERT_TRUE(query.has_value()) << query.error().describe(c.path);
    const auto matches = query->select(*document);
    ASSERT_TRUE(matches.has_value()) << c.path;
    std::vector<std::string> paths;
    for (const Match& match : *matches) paths.push_back(match.path);
    EXPECT_EQ(paths, c.selected) << c.path;
  }
}

TEST(JsonpathNg, ReadsTheExamplesOfItsReadme) {
  check(kDocument, {{"$", {"$"}},
                    {"`this`", {"$"}},
                    {"foo[*].baz", {"$['foo'][0]['baz']", "$['foo'][1]['baz']"}},
                    {"foo.[0].baz", {"$['foo'][0]['baz']"}},
                    {"foo[*].id", {"$['foo'][0]['id']", "$['foo'][1]['id']"}},
                    {"foo.bizzle", {}},
                    {"foo[*].bizzle", {"$['foo'][0]['bizzle']"}},
                    {"fieldname", {"$['fieldname']"}},
                    {"\"fieldname\"", {"$['fieldname']"}},
                    {"'fieldname'", {"$['fieldname']"}},
                    {"fieldname,password", {"$['fieldname']", "$['password']"}},
                    {"user.*", {"$['user']['password']", "$['user']['social_security_number']"}},
                    {"foo..baz", {"$['foo'][0]['baz']", "$['foo'][1]['baz']"}},
                    {"fieldname|user.password", {"$['fieldname']", "$['user']['password']"}},
                    {"user.(password|nothing)", {"$['user']['password']"}},
                    {"$.objects[?(@some_field > 5)]", {"$['objects'][0]"}},
                    {"$.objects[?some_field = \"foobar\"]", {"$['objects'][1]"}},
                    {"$.objects[?some_field =~ \"foobar\"]", {"$['objects'][1]"}},
                    {"$.objects[?some_field > 5 & other < 2]", {"$['objects'][0]"}}});
  check(kList, {{"[1]", {"$[1]"}},
                {"[0,1]", {"$[0]", "$[1]"}},
                {"[1:3]", {"$[1]", "$[2]"}},
                {"[*]", {"$[0]", "$[1]", "$[2]"}},
                {"[0][1]", {"$[0][1]"}},
                {"[?(@some_field > 5)]", {"$[2]"}}});
}

TEST(JsonpathNg, ReadsTheExamplesOfTheSdk) {
  check(kDocument, {{"$.user.password", {"$['user']['password']"}},
                    {"$.creditCard.number", {"$['creditCard']['number']"}},
                    {"$.api_key", {"$['api_key']"}},
                    {"$.user.social_security_number", {"$['user']['social_security_number']"}},
                    {"$.password", {"$['password']"}},
                    {"$.credit-card.cvv", {"$['credit-card']['cvv']"}},
                    {"$.credit-card.name", {"$['credit-card']['name']"}}});
}

TEST(JsonpathNg, StaysWhereItIsWithThis) {
  check(kDocument, {{"$.`this`", {"$"}},
                    {"`this`.user.password", {"$['user']['password']"}},
                    {"user.`this`.`this`.password", {"$['user']['password']"}},
                    {"user.password.`this`,nothing", {"$['user']['password']"}},
                    {"$.fieldname.`this`,password", {"$['fieldname']", "$['password']"}},
                    {"$.(user.`this`|`this`).password", {"$['user']['password']", "$['password']"}},
                    {"$.objects[?@.`this`.cow == 8]", {"$['objects'][0]"}}});
}

TEST(JsonpathNg, SelectsTheListThatASortSorts) {
  check(kDocument, {{"$.objects[\\some_field]", {"$['objects']"}},
                    {"$.objects[\\some_field,/other_field]", {"$['objects']"}},
                    {"$.objects[ / other.field , \\ cow ]", {"$['objects']"}},
                    {"$.objects.`sorted`", {"$['objects']"}},
                    {"$.objects[/cow][*].cow", {"$['objects'][0]['cow']"}},
                    {"$.objects[/cow].`this`[?cow = 8].other", {"$['objects'][0]['other']"}},
                    {"$.objects.`sorted`..cow", {"$['objects'][0]['cow']"}},
                    {"$.(objects[/cow]|foo)[?cow = 8 || id = 10].id", {"$['foo'][0]['id']"}}});
  check(kList, {{"[/a][*][1]", {"$[0][1]"}}, {"[/a][?@[1] == 2][0]", {"$[0][0]"}}});
}

}  // namespace
}  // namespace apitoolkit::jsonpath
