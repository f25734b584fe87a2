#include "src/server/query/analysis.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "src/server/query/random_query.h"
#include "src/server/query/run_query.h"
#include "src/server/query/text_search.h"

namespace apitoolkit::server::query {
namespace {

Analysis of(std::string_view text) {
  const auto query = parse(text);
  EXPECT_TRUE(query) << text;
  return query ? analyze(*query, kTestNowNs) : Analysis{};
}

// "status_code >= 500; method == GET or POST".
std::string narrow_text(const Analysis& analysis) {
  constexpr std::string_view kOps[] = {"==", "!=", "<", "<=", ">", ">="};
  std::string out;
  for (const NarrowCondition& condition : analysis.narrow) {
    out += (out.empty() ? "" : "; ") + std::string(field_info(condition.field).name) + " " +
           std::string(kOps[static_cast<std::size_t>(condition.op)]);
    for (const Value& value : condition.values) {
      out += (&value == condition.values.data() ? " " : " or ") +
             (value.is_null() ? "null" : to_text(value));
    }
  }
  return out;
}

// "[alice] in consumer; foo in request_body": brackets where a word is whole, ~ in JSON, # numbers.
std::string required_text(const Analysis& analysis) {
  std::string out;
  for (const auto& alternatives : analysis.required) {
    out += out.empty() ? "" : "; ";
    for (const RequiredText& text : alternatives) {
      out += &text == alternatives.data() ? "" : " or ";
      out += (text.in_json_text ? "~" : "") + std::string(text.plain_number ? "#" : "") +
             (text.whole_first_word ? "[" : "") + text.text + (text.whole_last_word ? "]" : "");
    }
  }
  return out;
}

TEST(Analysis, FindsConditionsOnNarrowFields) {
  struct Case {
    std::string_view query;
    std::string_view expected;
  };
  const Case cases[] = {
      {"status_code >= 500 and method == 'GET'", "status_code >= 500; method == GET"},
      {"500 < status_code | extend x = 1 | where duration > 1s | take 5 | where aborted",
       "status_code > 500; duration > 1s"},
      {"method in ['GET', 'POST'] or method == 'PUT'", "method == GET or POST or PUT"},
      {"method == 'GET' or host == 'a'", ""},
      {"method != 'GET' and not status_code == 1 and status_code !in [2]", ""},
      {"consumer == null", "consumer == null"},
      {"aborted", "aborted == true"},
      {"duration > 100ms * 2", "duration > 200ms"},
      {"raw_url == 'a' and request_body == 1", ""},
      {"status_code == duration", ""},
      {"request_body.a == 1 and duration < request_body.b", ""},
      {"summarize count() by method | where method == 'GET'", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(narrow_text(of(c.query)), c.expected) << c.query;
}

TEST(Analysis, FindsTheTimeThatIsAskedFor) {
  const std::int64_t hour = 3'600'000'000'000;
  EXPECT_EQ(of("timestamp > ago(1h)").time, (TimeRange{kTestNowNs - hour + 1, std::nullopt}));
  EXPECT_EQ(of("timestamp >= '2026-01-02' and now() > timestamp and timestamp <= ago(30m)").time,
            (TimeRange{kTestNowNs - hour, kTestNowNs - hour / 2 + 1}));
  EXPECT_EQ(of("timestamp == '2026-01-02'").time,
            (TimeRange{kTestNowNs - hour, kTestNowNs - hour + 1}));
  EXPECT_EQ(of("timestamp > ago(1h) or aborted").time, TimeRange{});
  EXPECT_EQ(of("not timestamp > ago(1h)").time, TimeRange{});
  EXPECT_EQ(of("take 5 | where timestamp > ago(1h)").time, TimeRange{});
}

TEST(Analysis, FindsTextsThatMustBeThere) {
  struct Case {
    std::string_view query;
    std::string_view expected;
  };
  const Case cases[] = {
      {"\"Red Shoes\"", "red shoes"},
      {"raw_url contains 'Shoes' and errors[*].message has 'timed out'", "shoes; [timed out]"},
      {"request_headers.x-id == 'R-1'", "[r-1]"},
      {"request_headers.x-id startswith 'R-1'", "[r-1"},
      {"request_body.user.name == 'Zoe Q'", "~[zoe]; ~[q]"},
      {"request_body.user.name contains 'ab cd'", "~ab]; ~[cd"},
      {"request_body.note has 'door'", "~door]"},
      {"request_body.note == '\\u00e9clair au x'", "~clair]; ~[au]; ~[x]"},
      {"request_body.user.id == 7", "#[7]"},
      {"request_body.price == -19.5", "#[19]"},
      {"request_body.user.id in [7, 8]", "#[7] or #[8]"},
      {"request_body.a == 'x' or response_body.b == 'yy'", "~[x] or ~[yy]"},
      {"request_body.a == 'x' or aborted", ""},
      {"tags has_any ['a', 'b'] and tags has_all ['c', 'd']", "[a] or [b]; [c]; [d]"},
      {"request_body.a != 'x' and not \"y\" and request_body.b !contains 'z'", ""},
      {"msg_id == 'a' and request_type == 'incoming' and timestamp == '2026-01-02'", ""},
      {"request_body.a == true and request_body.b == null", ""},
      {"request_body.a == lower('X')", "~[x]"},
      {"url_path has ''", ""},
      {"response_body matches /zip.*broke.*sku/", "~broke; ~sku; ~zip"},
      {"url_path matches /abc|abd/ and host matches /a+bcd\\.ef/", "bcd.ef"},
      {"host matches /sink/i and host matches /(?i:king)/ and host matches /the/i", "the"},
      {"host matches /ab/ and host matches /.*/ and host matches /[0-9]{17}z/", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(required_text(of(c.query)), c.expected) << c.query;
}

TEST(Analysis, KnowsWhichFieldsAreNeeded) {
  const auto names = [](std::string_view text) {
    std::string out;
    const Analysis analysis = of(text);
    for (const FieldInfo& info : fields()) {
      if (!analysis.fields.test(static_cast<std::size_t>(info.id))) continue;
      out.append(out.empty() ? "" : " ").append(info.name);
    }
    return out;
  };
  EXPECT_EQ(names("summarize p99(duration) by url_path"), "url_path duration");
  EXPECT_EQ(
      names("where aborted | sort by host | project a = iff(isnull(ttfb), 1, request_body.a)"),
      "host ttfb aborted request_body");
  EXPECT_EQ(names("summarize n = count() by method | sort by n"), "method");
  EXPECT_EQ(names("\"a\" | summarize count()"),
            "host url_path raw_url errors request_headers response_headers request_body "
            "response_body");
  EXPECT_EQ(names("aborted"),
            "timestamp msg_id request_type method host url_path raw_url status_code duration "
            "request_size response_size aborted consumer service");
}

// --- whatever is found out holds for every row that matches ---

bool has_whole_words(std::string_view in, const RequiredText& required) {
  const SearchText text(required.text);
  for (std::size_t at = text.find(in); at != std::string_view::npos; at = text.find(in, at + 1)) {
    const std::size_t end = at + required.text.size();
    const bool first =
        !required.whole_first_word || at == 0 || !is_word_byte(in[at - 1]) || !is_word_byte(in[at]);
    const bool last = !required.whole_last_word || end == in.size() || !is_word_byte(in[end]) ||
                      !is_word_byte(in[end - 1]);
    if (first && last) return true;
  }
  return false;
}

std::vector<std::string> stored_texts(const Exchange& e, FieldId field) {
  std::vector<std::string> out;
  switch (field) {
    case FieldId::kRequestBody:
      return {e.request_body.bytes};
    case FieldId::kResponseBody:
      return {e.response_body.bytes};
    case FieldId::kRequestHeaders:
    case FieldId::kResponseHeaders:
      for (const Header& h :
           field == FieldId::kRequestHeaders ? e.request_headers : e.response_headers) {
        out.push_back(h.name);
        out.push_back(h.value);
      }
      return out;
    case FieldId::kQueryParams:
    case FieldId::kPathParams:
      for (const Param& p : field == FieldId::kQueryParams ? e.query_params : e.path_params) {
        out.push_back(p.value);
      }
      return out;
    case FieldId::kErrors:
      for (const ErrorReport& error : e.errors) {
        for (const std::string& text : {error.error_type, error.message, error.other_json}) {
          out.push_back(text);
        }
      }
      return out;
    case FieldId::kTags:
      return e.tags;
    default: {
      ExchangeSource source;
      source.reset({&e, {}, 0, false});
      const auto view = source.view(field);
      if (view) out.emplace_back(*view);
      return out;
    }
  }
}

bool is_fulfilled(const RequiredText& required, const Exchange& e) {
  for (int i = 0; i < kFieldCount; ++i) {
    if (!required.places.test(static_cast<std::size_t>(i))) continue;
    for (const std::string& text : stored_texts(e, static_cast<FieldId>(i))) {
      const bool escapes = text.find("\\u00") != std::string::npos;
      const bool exponents = text.find('e') != std::string::npos;
      if ((required.in_json_text && escapes) || (required.plain_number && exponents)) return true;
      if (has_whole_words(text, required)) return true;
    }
  }
  return false;
}

bool is_fulfilled(const NarrowCondition& condition, Source& source) {
  const Value value = source.get(condition.field, {});
  return std::any_of(condition.values.begin(), condition.values.end(), [&](const Value& wanted) {
    const auto order = compare(value, wanted);
    if (!order) return false;
    switch (condition.op) {
      case CompareOp::kEqual:
        return *order == 0;
      case CompareOp::kLess:
        return *order < 0;
      case CompareOp::kLessEqual:
        return *order <= 0;
      case CompareOp::kGreater:
        return *order > 0;
      default:
        return *order >= 0;
    }
  });
}

TEST(Analysis, IsImpliedByEveryMatch) {
  const std::uint64_t first = first_seed();
  RandomExchanges random(first);
  std::vector<TestExchange> exchanges;
  for (int i = 0; i < 200; ++i) exchanges.push_back(random.next());
  std::int64_t checked = 0;
  for (std::uint64_t seed = first; seed < first + 3000; ++seed) {
    SCOPED_TRACE("APITOOLKIT_TEST_SEED=" + std::to_string(first));
    const std::string text = RandomQuery(seed).condition();
    SCOPED_TRACE(text);
    const auto query = parse(text);
    ASSERT_TRUE(query);
    const Analysis analysis = analyze(*query, kTestNowNs);
    const auto matcher = Matcher::of(*query, kTestNowNs);
    ExchangeSource source;
    for (const TestExchange& exchange : exchanges) {
      source.reset(exchange.view());
      if (!matcher->matches(source)) continue;
      const std::int64_t start_ns = exchange.exchange.start_ns;
      ASSERT_GE(start_ns, analysis.time.since_ns.value_or(start_ns));
      ASSERT_LT(start_ns, analysis.time.until_ns.value_or(start_ns + 1));
      for (const NarrowCondition& condition : analysis.narrow) {
        ASSERT_TRUE(is_fulfilled(condition, source)) << narrow_text(analysis);
        ++checked;
      }
      for (const auto& alternatives : analysis.required) {
        ASSERT_TRUE(
            std::any_of(alternatives.begin(), alternatives.end(),
                        [&](const RequiredText& r) { return is_fulfilled(r, exchange.exchange); }))
            << required_text(analysis) << "\n"
            << exchange.exchange.request_body.bytes << "\n"
            << exchange.exchange.response_body.bytes;
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 1000);
}

}  // namespace
}  // namespace apitoolkit::server::query
