#include "src/server/query/parse.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::server::query {
namespace {

// The canonical text, or the error as a person sees it.
std::string canonical(std::string_view text) {
  const auto query = parse(text);
  return query ? to_text(*query) : describe(query.error(), text);
}

std::string marked(std::string_view text) {
  const auto query = parse(text);
  return query ? "no error" : point_at(query.error(), text);
}

struct Case {
  std::string_view text;
  std::string_view expected;
};

TEST(Parse, ReadsConditions) {
  const Case cases[] = {
      {"", ""},
      {"method == \"GET\"", "where method == \"GET\""},
      {"| where method=='GET'", "where method == \"GET\""},
      {"WHERE aborted", "where aborted == true"},
      {"\"free text\"", "where \"free text\""},
      {"not \"a\" and 'b' or \"c\"", "where not \"a\" and \"b\" or \"c\""},
      {"not (\"a\" and \"b\")", "where not (\"a\" and \"b\")"},
      {"(\"a\" or \"b\") and \"c\"", "where (\"a\" or \"b\") and \"c\""},
      {"((status_code)) >= ((500))", "where status_code >= 500"},
      {"(status_code + 1) * 2 > 3 - (2 - 1)", "where (status_code + 1) * 2 > 3 - (2 - 1)"},
      {"status_code in (200, 201)", "where status_code in [200, 201]"},
      {"method !in ['GET']", "where method !in [\"GET\"]"},
      {"url_path !startswith '/a'", "where url_path !startswith \"/a\""},
      {"url_path HAS_ANY ['a', 'b']", "where url_path has_any [\"a\", \"b\"]"},
      {"host =~ /a\\/b+/si", "where host matches /a\\/b+/is"},
      {"host matches /[\\/]\\\\/", "where host matches /[\\/]\\\\/"},
      {"isnull(consumer) and not isnotempty(host)",
       "where isnull(consumer) and not isnotempty(host)"},
      {"duration > 1d2h30m", "where duration > 1d2h30m"},
      {"duration > 1.5s or duration < 1w and duration == 3\xC2\xB5s",
       "where duration > 1s500ms or duration < 7d and duration == 3us"},
      {"request_size > 10kb and request_size < 1.5MB",
       "where request_size > 10240 and request_size < 1572864"},
      {"status_code == -5 and status_code == 1e3",
       "where status_code == -5 and status_code == 1000.0"},
      {"timestamp > ago(1h) // the last hour\n and timestamp < now()",
       "where timestamp > ago(1h) and timestamp < now()"},
      {"timestamp >= '2026-01-02'", "where timestamp >= \"2026-01-02\""},
      {"host == \"\\u00e9\\n\\\"\\ud83d\\ude00\"",
       "where host == \"\xC3\xA9\\n\\\"\xF0\x9F\x98\x80\""},
  };
  for (const Case& c : cases) EXPECT_EQ(canonical(c.text), c.expected) << c.text;
}

TEST(Parse, ReadsPaths) {
  const Case cases[] = {
      {"isnull(request_body.user.id)", "where isnull(request_body.user.id)"},
      {"request_body.items[0].price == 1", "where request_body.items[0].price == 1"},
      {"request_body['a b'][*].where == 1", "where request_body[\"a b\"][*].where == 1"},
      {"request_headers.content-type == 'a'", "where request_headers[\"content-type\"] == \"a\""},
      {"request_headers.x-a-1 == 'a'", "where request_headers[\"x-a-1\"] == \"a\""},
      {"request_body.a-1 == 0", "where request_body.a - 1 == 0"},
      {"request_body.0 == 0", "where request_body[\"0\"] == 0"},
      {"request_body.\xC3\xA9t\xC3\xA9 == 0", "where request_body.\xC3\xA9t\xC3\xA9 == 0"},
      {"errors[*].message has 'x'", "where errors[*].message has \"x\""},
      {"request_body[ 'a' ].b == 1", "where request_body.a.b == 1"},
      {"tags[0] == 'a'", "where tags[0] == \"a\""},
  };
  for (const Case& c : cases) EXPECT_EQ(canonical(c.text), c.expected) << c.text;
}

TEST(Parse, ReadsPipelines) {
  const Case cases[] = {
      {"summarize count() by url_path | sort by count desc | take 5",
       "summarize count() by url_path | sort by count desc | take 5"},
      {"summarize p99(duration), n = count() by bin(timestamp, 1h) | where n > 10 | sort by "
       "timestamp, p99_duration desc",
       "summarize p99(duration), n = count() by bin(timestamp, 1h) | where n > 10 | sort by "
       "timestamp, p99_duration desc"},
      {"summarize percentile(duration, 99), percentile(duration, 99.9) | where p99_duration > 1s "
       "and p99_9_duration > 1s",
       "summarize p99(duration), percentile(duration, 99.9) | where p99_duration > 1s and "
       "p99_9_duration > 1s"},
      {"summarize rate = 100.0 * countif(status_code >= 500) / count()",
       "summarize rate = 100.0 * countif(status_code >= 500) / count()"},
      {"summarize round(avg(duration) / 1ms, 1) by request_body.user.id | where "
       "request_body.user.id == 7 | project id = request_body.user.id",
       "summarize round(avg(duration) / 1ms, 1) by request_body.user.id | where "
       "request_body.user.id == 7 | project id = request_body.user.id"},
      {"summarize count(), count() | project count, count_2",
       "summarize count(), count() | project count, count_2"},
      {"extend slow = duration > 1s", "line 1, column 24: expected '|' or the end"},
      {"extend kind = iff(duration > 1s, 'slow', 'fast'), method = lower(method) | where kind == "
       "'slow' and method == 'get'",
       "extend kind = iff(duration > 1s, \"slow\", \"fast\"), method = lower(method) | where kind "
       "== \"slow\" and method == \"get\""},
      {"project a = case(aborted, 1, status_code < 400, 2, 3), host",
       "project a = case(aborted == true, 1, status_code < 400, 2, 3), host"},
      {"distinct method, request_body.a | where request_body.a == 1",
       "distinct method, request_body.a | where request_body.a == 1"},
      {"summarize a = count() by host | summarize sum(a), dcount(host)",
       "summarize a = count() by host | summarize sum(a), dcount(host)"},
      {"take 0", "take 0"},
  };
  for (const Case& c : cases) EXPECT_EQ(canonical(c.text), c.expected) << c.text;
}

TEST(Parse, SaysWhatIsWrongAndWhereAndWhatWasMeant) {
  const Case cases[] = {
      {"staus_code == 200",
       "line 1, column 1: there is no field 'staus_code'; did you mean 'status_code'?"},
      {"status == 200",
       "line 1, column 1: there is no field 'status'; did you mean 'status_code'?"},
      {"xyzzy == 200", "line 1, column 1: there is no field 'xyzzy'"},
      {"method = 'GET'",
       "line 1, column 8: '=' gives a name to a column; values are compared by '=='; did you mean "
       "'=='?"},
      {"method == 'GET' &&", "line 1, column 17: '&' means nothing here; did you mean 'and'?"},
      {"method == 'GET' || host == 'a'",
       "line 1, column 18: expected a section between the bars; did you mean 'or'?"},
      {"url_path containz 'a'",
       "line 1, column 10: there is no operator 'containz'; did you mean 'contains'?"},
      {"where status_code ==", "line 1, column 21: expected a value"},
      {"where status_code",
       "line 1, column 18: expected a comparison, such as == or contains, behind the value"},
      {"method == 'GET", "line 1, column 11: the text has no end; did you mean '''?"},
      {"method == 'a\\q'",
       "line 1, column 13: expected one of \\\" \\' \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX; did you "
       "mean '\\\\'?"},
      {"duration > 10min",
       "line 1, column 14: expected a unit: ns, us, ms, s, m, h, d, w, b, kb, mb or gb"},
      {"duration > 1h1kb", "line 1, column 15: only units of time add up"},
      {"duration > 99999999999999999999", "line 1, column 12: the number is over 64 bits"},
      {"duration > 300000000h", "line 1, column 12: the number is over 64 bits"},
      {"status_code == 1e999", "line 1, column 16: the number is out of range"},
      {"host matches /(/", "line 1, column 14: RE2 refuses the regular expression: missing ): ("},
      {"host matches /a/x", "line 1, column 17: expected the flags i, m or s, each once"},
      {"host matches 'a'",
       "line 1, column 14: expected a regular expression between slashes, such as /^a.*z$/i"},
      {"host matches /(a{1000}){1000}/", "line 1, column 14: the regular expression is too large"},
      {"summarize cont()", "line 1, column 11: there is no function 'cont'; did you mean 'count'?"},
      {"summarize duration",
       "line 1, column 11: a field stands within an aggregate here, such as max(duration), or "
       "behind 'by'"},
      {"summarize sum(avg(duration))",
       "line 1, column 15: an aggregate cannot stand within another"},
      {"where count() > 1", "line 1, column 7: 'count' is an aggregate, for summarize"},
      {"summarize count() by method | where host == 'a'",
       "line 1, column 37: there is no column 'host' at this place; the section before left only "
       "its own"},
      {"summarize count() by method | where conut > 1",
       "line 1, column 37: there is no column 'conut' at this place; did you mean 'count'?"},
      {"project method | project methd",
       "line 1, column 26: there is no column 'methd' at this place; did you mean 'method'?"},
      {"method.a == 1", "line 1, column 1: 'method' is a single value, nothing is within it"},
      {"errors.message == 'a'",
       "line 1, column 1: 'errors' is a list; did you mean 'errors[*].message'?"},
      {"tags.a == 'a'", "line 1, column 1: 'tags' is a list of texts; did you mean 'tags[*]'?"},
      {"timestamp > 'yesterday'",
       "line 1, column 13: expected a time such as \"2026-01-31T12:00:00Z\" or \"2026-01-31\", "
       "now() or ago(1h)"},
      {"timestamp > ago(5)", "line 1, column 17: expected a duration, as in ago(1h)"},
      {"summarize count() by bin(timestamp, 0s)",
       "line 1, column 37: expected a size above 0, as in bin(timestamp, 1h)"},
      {"summarize percentile(duration, 101)",
       "line 1, column 32: expected a number from 0 to 100, as in percentile(duration, 99.9)"},
      {"extend by = 1", "line 1, column 8: 'by' is a word of the language and names no column"},
      {"extend 1", "line 1, column 8: expected name = value"},
      {"project a = 1, a = 2", "line 1, column 20: there are two columns 'a'"},
      {"distinct method, method", "line 1, column 18: there are two columns 'method'"},
      {"take -1", "line 1, column 6: expected a number of rows"},
      {"sort method", "line 1, column 6: expected 'by'"},
      {"(method == 'a'", "line 1, column 1: this bracket has no end; did you mean ')'?"},
      {"method == 'a')", "line 1, column 14: expected 'and', 'or', '|' or the end"},
      {"method == 'a' host", "line 1, column 15: expected 'and', 'or', '|' or the end"},
      {"\"\"", "line 1, column 1: there is nothing to search for in an empty text"},
      {"method !matches /a/",
       "line 1, column 8: there is no '!matches'; did you mean 'not … matches'?"},
      {"request_body. a == 1",
       "line 1, column 14: expected a name behind the dot; one with other characters is written "
       "[\"a b\"]"},
      {"request_body[x] == 1",
       "line 1, column 14: expected a position such as [0], [*] or a name such as [\"a b\"]"},
      {"request_body[0 == 1", "line 1, column 16: expected ']'"},
      {"host == 'a' | ", "line 1, column 15: expected a value"},
      {"\n\n  where\n  hots == 1",
       "line 4, column 3: there is no field 'hots'; did you mean 'host'?"},
      {"host == '\xC3\xA9' and hots == 1",
       "line 1, column 17: there is no field 'hots'; did you mean 'host'?"},
      {"-host == 1",
       "line 1, column 2: expected a number behind '-'; the negative of a field is 0 - field"},
      {"lower(host, host) == 1",
       "line 1, column 1: 'lower' takes other arguments, as in lower(host)"},
      {"host \x01", "line 1, column 6: unexpected character"},
  };
  for (const Case& c : cases) EXPECT_EQ(canonical(c.text), c.expected) << c.text;
}

TEST(Parse, PointsAtThePlace) {
  EXPECT_EQ(marked("where staus_code == 200"),
            "where staus_code == 200\n"
            "      ^^^^^^^^^^");
  EXPECT_EQ(marked("method == 'a' |\nwhere host == '\xC3\xA9' and method =="),
            "where host == '\xC3\xA9' and method ==\n"
            "                               ^");
}

TEST(Parse, BoundsWhatItReads) {
  const std::string deep(limits::kQueryDepthMax + 1, '(');
  EXPECT_NE(canonical(deep).find("nested too deeply"), std::string::npos);
  std::string nots;
  for (int i = 0; i <= limits::kQueryDepthMax; ++i) nots += "not ";
  EXPECT_NE(canonical(nots + "\"a\"").find("nested too deeply"), std::string::npos);
  std::string calls;
  for (int i = 0; i <= limits::kQueryDepthMax; ++i) calls += "lower(";
  EXPECT_NE(canonical(calls).find("nested too deeply"), std::string::npos);
  std::string sum = "1 == 1";
  for (int i = 0; i <= limits::kQueryDepthMax; ++i) sum += "+ 1";
  EXPECT_NE(canonical(sum).find("too many terms"), std::string::npos);
  std::string list = "status_code in [0";
  for (int i = 0; i < limits::kQueryListMax; ++i) list += ",1";
  EXPECT_NE(canonical(list + "]").find("a list has at most"), std::string::npos);
  std::string sections = "take 1";
  for (int i = 0; i < limits::kQuerySectionsMax; ++i) sections += "|take 1";
  EXPECT_NE(canonical(sections).find("at most 32 sections"), std::string::npos);
  std::string columns = "project a = 1";
  for (int i = 0; i < limits::kQueryColumnsMax; ++i) columns += ", 1";
  EXPECT_NE(canonical(columns).find("at most 64 columns"), std::string::npos);
  std::string regexes = "host =~ /a/";
  for (int i = 0; i < limits::kQueryRegexesMax; ++i) regexes += " or host =~ /a/";
  EXPECT_NE(canonical(regexes).find("at most 32 regular expressions"), std::string::npos);
  const std::string long_text(limits::kQueryBytesMax + 1, ' ');
  EXPECT_NE(canonical(long_text).find("at most 16384 bytes"), std::string::npos);
  std::string path = "isnull(request_body";
  for (int i = 0; i <= limits::kQueryDepthMax; ++i) path += ".a";
  EXPECT_NE(canonical(path + ")").find("at most 64 steps"), std::string::npos);
}

TEST(Parse, RefusesInvalidUtf8) {
  for (const std::string_view text : {"host == '\xff'", "host matches /\xff/", "\xff == 1",
                                      "request_body.\xff == 1", "request_body['\xff'] == 1"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

TEST(Parse, CatalogueHasEveryFieldOfTheSpecification) {
  for (const std::string_view name : {"timestamp",
                                      "method",
                                      "host",
                                      "url_path",
                                      "raw_url",
                                      "status_code",
                                      "duration",
                                      "request_type",
                                      "sdk_type",
                                      "service",
                                      "service_version",
                                      "tags",
                                      "client_ip",
                                      "consumer",
                                      "msg_id",
                                      "parent_id",
                                      "trace_id",
                                      "request_size",
                                      "response_size",
                                      "ttfb",
                                      "aborted",
                                      "errors",
                                      "request_headers",
                                      "response_headers",
                                      "query_params",
                                      "path_params",
                                      "request_body",
                                      "response_body"}) {
    const auto id = find_field(name);
    ASSERT_TRUE(id) << name;
    EXPECT_EQ(field_info(*id).name, name);
    EXPECT_FALSE(field_info(*id).description.empty());
  }
}

}  // namespace
}  // namespace apitoolkit::server::query
