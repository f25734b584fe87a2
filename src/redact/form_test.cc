#include "src/redact/form.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <functional>

#include "src/base/limits.h"
#include "src/json/document.h"
#include "src/redact/redactor.h"

namespace apitoolkit::redact {
namespace {

using Paths = std::vector<std::string>;

Redacted redact(std::string_view body, const Paths& paths, std::string_view type,
                bool truncated = false) {
  const auto redactor = Redactor::compile(paths, "redact_request_body");
  EXPECT_TRUE(redactor.has_value()) << redactor.error().message;
  return redactor->redact(body, {.content_type = type, .truncated = truncated});
}

std::string form(std::string_view body, const Paths& paths) {
  const Redacted out = redact(body, paths, "application/x-www-form-urlencoded; charset=UTF-8");
  EXPECT_EQ(out.reason, Reason::kNone) << to_string(out.reason);
  EXPECT_TRUE(json::Document::parse(out.body).has_value()) << out.body;
  return out.body;
}

TEST(Form, BecomesAnObjectOfItsFields) {
  EXPECT_EQ(form("a=1&b=x+y%21&a=2&c&=e&&%7a=%", {}),
            R"({"a":["1","2"],"b":"x y!","c":"","":"e","z":"%"})");
  EXPECT_EQ(form("caf%C3%A9=%FF", {}), "{\"caf\u00e9\":\"\uFFFD\"}");
  EXPECT_EQ(form("&", {}), "{}");
}

TEST(Form, AppliesThePathsToTheDecodedNames) {
  EXPECT_EQ(form("user=u&p%61ssword=secret", {"$.password"}),
            R"({"user":"u","password":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(form("p=1&p=2", {"$.p"}), R"({"p":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(form("p=1&p=2", {"$.p[1]"}), R"({"p":["1","[CLIENT_REDACTED]"]})");
  EXPECT_EQ(form("p=1", {"$.p[*]"}), R"({"p":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(form("p=1", {"$"}), kMarkerJson);
}

TEST(Form, ReadsBracketsAsTheyStandAndAsNesting) {
  const std::string_view body = "user[password]=s&user[name]=n";
  const std::string masked = R"({"user[password]":"[CLIENT_REDACTED]","user[name]":"n"})";
  EXPECT_EQ(form(body, {"$['user[password]']"}), masked);
  EXPECT_EQ(form(body, {"$.user.password"}), masked);
  EXPECT_EQ(form(body, {"$..password"}), masked);
  EXPECT_EQ(form(body, {"$.user"}),
            R"({"user[password]":"[CLIENT_REDACTED]","user[name]":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(form("a.b=1&a.c=2", {"$.a.b"}), R"({"a.b":"[CLIENT_REDACTED]","a.c":"2"})");
  EXPECT_EQ(form("a=1&a[b]=2", {"$.a"}), R"({"a":"[CLIENT_REDACTED]","a[b]":"[CLIENT_REDACTED]"})");
}

TEST(Form, ReadsIndicesAsPositionsOfAList) {
  std::string body;
  for (int i = 0; i < 12; ++i) body += "c[" + std::to_string(i) + "][n]=" + std::to_string(i) + "&";
  const std::string out = form(body, {"$.c[10].n"});
  EXPECT_NE(out.find(R"("c[10][n]":"[CLIENT_REDACTED]")"), std::string::npos) << out;
  EXPECT_NE(out.find(R"("c[9][n]":"9","c[10])"), std::string::npos) << out;
  EXPECT_EQ(form("c[5]=x", {"$.c[5]"}), R"({"c[5]":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(form("c[]=x&c[]=y", {"$.c[1]"}), R"({"c[]":["x","[CLIENT_REDACTED]"]})");
  EXPECT_EQ(form("c[]=x&c[]=y", {"$.c[*]"}),
            R"({"c[]":["[CLIENT_REDACTED]","[CLIENT_REDACTED]"]})");
  EXPECT_EQ(form("c[0]=x&c[]=y&c[2]=z", {"$.c[0,2]"}),
            R"({"c[0]":"[CLIENT_REDACTED]","c[]":"y","c[2]":"[CLIENT_REDACTED]"})");
}

TEST(Form, FailsClosedWhereNamesCannotBeNested) {
  const std::string_view type = "application/x-www-form-urlencoded";
  std::string deep = "a";
  for (int i = 0; i < 70; ++i) deep += "[b]";
  EXPECT_EQ(redact(deep + "=1", {"$.p"}, type).reason, Reason::kInvalidForm);
  EXPECT_EQ(redact("a[99999999]=1", {"$.p"}, type).reason, Reason::kInvalidForm);
  EXPECT_EQ(redact("a[0]=1&a[0][b]=2", {"$.p"}, type).reason, Reason::kInvalidForm);
  EXPECT_EQ(redact("a[99999999]=1", {}, type).body, R"({"a[99999999]":"1"})");
}

TEST(Form, FailsClosedWhereItHasMoreFieldsThanOneWouldSend) {
  const std::string_view type = "application/x-www-form-urlencoded";
  std::string body = "a";
  for (int i = 1; i < limits::kFormFieldsMax; ++i) body += "&a";
  for (const Paths& paths : {Paths{}, Paths{"$.p"}}) {
    EXPECT_EQ(redact(body + "&&", paths, type).reason, Reason::kNone);
    EXPECT_EQ(redact(body + "&a", paths, type).reason, Reason::kInvalidForm);
  }
}

// Names of 16 bytes with one and the same hash: libstdc++'s is MurmurHash64A with a seed that is
// no secret, and its last block can be chosen to undo what the first one did.
std::vector<Field> fields_of_colliding_names(std::size_t count) {
  constexpr std::uint64_t kMultiplier = 0xc6a4a7935bd1e995;
  std::uint64_t inverse = kMultiplier;
  for (int i = 0; i < 6; ++i) inverse *= 2 - kMultiplier * inverse;
  const auto mixed = [](std::uint64_t v) { return v ^ (v >> 47); };
  std::vector<Field> fields;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t seed = 0xc70f6907 ^ (16 * kMultiplier);
    const std::uint64_t first = mixed(i * kMultiplier) * kMultiplier;
    const std::uint64_t last = mixed(((seed ^ first) * kMultiplier) * inverse) * inverse;
    std::string name(16, '\0');
    std::memcpy(name.data(), &i, 8);
    std::memcpy(name.data() + 8, &last, 8);
    fields.push_back({std::move(name), "1"});
  }
  return fields;
}

TEST(Form, IsNotSlowerForNamesOfOneHash) {
  const std::vector<Field> fields = fields_of_colliding_names(1 << 18);
#ifdef __GLIBCXX__
  ASSERT_EQ(std::hash<std::string_view>()(fields[0].name),
            std::hash<std::string_view>()(fields[4711].name));
#endif
  // In a hash table these are 3e10 comparisons, each of which waits for memory.
  std::string out;
  EXPECT_EQ(form_to_json(fields, Engine(), out), Reason::kNone);
  const auto document = json::Document::parse(out);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->nodes().size(), 1 + 2 * fields.size());
}

TEST(Form, KeepsTheOrderOfFirstAppearance) {
  EXPECT_EQ(form("z=1&a=2&m=3&a=4&z=5&b=6", {}),
            R"({"z":["1","5"],"a":["2","4"],"m":"3","b":"6"})");
  EXPECT_EQ(form("z=1&a=2&m=3&a=4&z=5&b=6", {"$.a[1]", "$.z[0]"}),
            R"({"z":["[CLIENT_REDACTED]","5"],"a":["2","[CLIENT_REDACTED]"],"m":"3","b":"6"})");
}

TEST(Form, TakesJsonUnderTheTypeOfAFormForJson) {
  const std::string_view type = "application/x-www-form-urlencoded";
  EXPECT_EQ(redact(R"({"p":"s=1&x"})", {"$.p"}, type).body, R"({"p":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(redact(R"({"p":"s=1)", {"$.p"}, type).reason, Reason::kInvalidJson);
  EXPECT_EQ(redact(R"({"p":"s=1)", {}, type).body, R"({"p":"s=1)");
}

constexpr std::string_view kType = "multipart/form-data; boundary=\"x y\"";
constexpr std::string_view kBody =
    "preamble\r\n"
    "--x y\r\n"
    "Content-Disposition: form-data; name=\"user\"\r\n"
    "\r\n"
    "ada\r\n"
    "--x y  \r\n"
    "content-disposition: form-data; name=\"card[number]\"\r\n"
    "\r\n"
    "4111\r\n1111\r\n"
    "--x y\r\n"
    "Content-Disposition: form-data; name=\"cv\"; filename=\"c \\\"v\\\".pdf\"\r\n"
    "Content-Type: application/pdf\r\n"
    "\r\n"
    "%PDF\r\n--x yz\r\n\xFF\r\n"
    "--x y\r\n"
    "Content-Disposition: form-data; name=meta\r\n"
    "Content-Type: application/json\r\n"
    "\r\n"
    " {\"pin\": 1} \r\n"
    "--x y--\r\nepilogue";

TEST(Multipart, BecomesAnObjectWithoutTheContentOfFiles) {
  const std::string expected =
      R"({"user":"ada","card[number]":"4111\r\n1111",)"
      R"("cv":{"name":"c \"v\".pdf","type":"application/pdf","size":15},"meta":{"pin": 1}})";
  EXPECT_EQ(redact(kBody, {}, kType).body, expected);
  EXPECT_EQ(redact(kBody, {"$.nothing"}, kType).body, expected);
}

TEST(Multipart, AppliesThePathsToItsFields) {
  EXPECT_EQ(redact(kBody, {"$.card.number", "$.cv.name", "$.meta.pin", "$.user"}, kType).body,
            R"({"user":"[CLIENT_REDACTED]","card[number]":"[CLIENT_REDACTED]",)"
            R"("cv":{"name":"[CLIENT_REDACTED]","type":"application/pdf","size":15},)"
            R"("meta":{"pin": "[CLIENT_REDACTED]"}})");
}

TEST(Multipart, MasksAPartThatClaimsToBeJsonAndIsNot) {
  EXPECT_EQ(redact("--b\r\nContent-Disposition: form-data; name=\"m\"\r\n"
                   "Content-Type: application/json\r\n\r\n{\"pin\":1\r\n--b--",
                   {"$.m.pin"}, "multipart/form-data; boundary=b")
                .body,
            R"({"m":"[CLIENT_REDACTED]"})");
}

TEST(Multipart, IsLeftAsItIsWhenItWasRedactedBefore) {
  const std::string before = R"({"pin":"[CLIENT_REDACTED]","photo":{"name":"a.png","size":21}})";
  const BodyType type{.content_type = "multipart/form-data; boundary=xx"};
  EXPECT_EQ(Redactor().redact(before, type).body, before);
  // What only begins like JSON is multipart, and its files stay here.
  const std::string preamble =
      "{\r\n--xx\r\nContent-Disposition: form-data; name=\"f\"; "
      "filename=\"a\"\r\n\r\nsecret\r\n--xx--";
  EXPECT_EQ(Redactor().redact(preamble, type).body.find("secret"), std::string::npos);
}

TEST(Multipart, FailsClosedWhenItCannotBeRead) {
  for (const std::string_view type : {"multipart/form-data", "multipart/form-data; boundary=other",
                                      "multipart/form-data; boundary="}) {
    for (const Paths& paths : {Paths{}, Paths{"$.p"}}) {
      const Redacted out = redact(kBody, paths, type);
      EXPECT_EQ(out.reason, Reason::kInvalidForm) << type;
      EXPECT_EQ(out.body, kMarkerJson);
    }
  }
  const std::string_view cut = kBody.substr(0, kBody.size() - 20);
  EXPECT_EQ(redact(cut, {}, kType).reason, Reason::kInvalidForm);
  EXPECT_EQ(redact(cut, {"$.p"}, kType, true).reason, Reason::kTruncated);
  EXPECT_EQ(redact("--b\r\n\r\nx\r\n--b--", {}, "multipart/form-data; boundary=b").reason,
            Reason::kInvalidForm)
      << "a part without a name";
  EXPECT_EQ(redact("--b\r\n\r\n{}\r\n--b--", {"$.p"}, "multipart/mixed; boundary=b").reason,
            Reason::kInvalidForm);
}

TEST(Multipart, ReadsWhatThereIsOfATruncatedOneWithoutPaths) {
  const std::size_t at = kBody.find("--x yz");
  EXPECT_EQ(redact(kBody.substr(0, at), {}, kType, true).body,
            R"({"user":"ada","card[number]":"4111\r\n1111",)"
            R"("cv":{"name":"c \"v\".pdf","type":"application/pdf","size":6}})");
}

std::string part(std::string_view headers, std::string_view content) {
  return "--b\r\n" + std::string(headers) + "\r\n\r\n" + std::string(content) + "\r\n--b--";
}

TEST(Multipart, TakesAPartOfAnyTypeButTextAndJsonForAFile) {
  constexpr std::string_view kMultipart = "multipart/form-data; boundary=b";
  for (const std::string_view type :
       {"application/octet-stream", "image/png", "multipart/mixed; boundary=c", "text/csv",
        "TEXT/HTML; charset=utf-8", "application/x-ndjson", "garbage", "; charset=utf-8"}) {
    const std::string body = part(
        "Content-Disposition: form-data; name=f\r\nContent-Type: " + std::string(type), "secret");
    const std::string expected =
        R"({"f":{"name":"","type":")" + std::string(type) + R"(","size":6}})";
    EXPECT_EQ(redact(body, {}, kMultipart).body, expected);
    EXPECT_EQ(redact(body, {"$.nothing"}, kMultipart).body, expected);
  }
  for (const std::string_view type : {"", " ", "text/plain", "Text/Plain ; charset=utf-8"}) {
    const std::string body =
        part("Content-Disposition: form-data; name=f\r\nContent-Type:" + std::string(type), "x");
    EXPECT_EQ(redact(body, {}, kMultipart).body, R"({"f":"x"})") << type;
  }
}

TEST(Multipart, FindsAFileNameHoweverItIsWritten) {
  for (const std::string_view parameters :
       {"filename=\"a.txt\"", "FileName=a.txt", "filename*=UTF-8''a.txt", "filename*0=\"a.txt\"",
        "filename*0*=UTF-8''a.txt", "\r\n filename=a.txt", "\r\n\tx=\":\"; filename=a.txt"}) {
    const std::string body =
        part("Content-Disposition: form-data; name=f; " + std::string(parameters), "secret");
    const std::string out = redact(body, {}, "multipart/form-data; boundary=b").body;
    EXPECT_EQ(out.find("secret"), std::string::npos) << out;
    EXPECT_NE(out.find("\"size\":6"), std::string::npos) << out;
  }
}

TEST(Multipart, FailsClosedWhereAPartContradictsItself) {
  for (const std::string_view headers :
       {"Content-Disposition: form-data; name=f; filename=a\r\n"
        "Content-Disposition: form-data; name=f",
        "Content-Disposition: form-data; name=f\r\nContent-Type: image/png\r\n"
        "Content-Type: text/plain"}) {
    EXPECT_EQ(redact(part(headers, "secret"), {}, "multipart/form-data; boundary=b").reason,
              Reason::kInvalidForm);
  }
}

TEST(Multipart, LetsNothingOfAnotherMultipartOut) {
  const std::string body = part("Content-Type: text/plain", "secret");
  for (const std::string_view type :
       {"multipart/mixed; boundary=b", "multipart/related", "Multipart/X-Mixed-Replace"}) {
    for (const Paths& paths : {Paths{}, Paths{"$.p"}}) {
      for (const bool truncated : {false, true}) {
        const Redacted out = redact(body, paths, type, truncated);
        EXPECT_EQ(out.body, kMarkerJson) << type;
        EXPECT_EQ(out.reason, Reason::kInvalidForm) << type;
      }
      // Neither where the coding is one that nobody here can undo, and may not be there at all.
      const auto redactor = Redactor::compile(paths, "paths");
      const BodyType encoded{.content_type = type, .content_encoding = "snappy"};
      EXPECT_EQ(redactor->redact(body, encoded).body, kMarkerJson) << type;
    }
    // What the SDK made of one comes to the server under its old type.
    const Redacted again = redact(kMarkerJson, {}, type);
    EXPECT_EQ(again.body, kMarkerJson);
    EXPECT_EQ(again.reason, Reason::kNone) << "it was counted where it was masked";
  }
}

TEST(Multipart, RefusesABoundaryLongerThanTheStandardAllows) {
  // To look for one costs the body's length times its own.
  for (const std::size_t size : {std::size_t{70}, std::size_t{71}, std::size_t{8000}}) {
    const std::string boundary(size, '-');
    const std::string body = "--" + boundary + "\nContent-Disposition: form-data; name=p\n\n" +
                             "secret\n--" + boundary + "--";
    const Redacted out = redact(body, {}, "multipart/form-data; boundary=" + boundary);
    EXPECT_EQ(out.reason, size > 70 ? Reason::kInvalidForm : Reason::kNone) << size;
    EXPECT_EQ(out.body, size > 70 ? kMarkerJson : R"({"p":"secret"})") << size;
  }
}

TEST(Multipart, TakesBareLineFeeds) {
  EXPECT_EQ(redact("--b\nContent-Disposition: form-data; name=\"p\"\n\nsecret\n--b--\n", {"$.p"},
                   "multipart/form-data; boundary=b")
                .body,
            R"({"p":"[CLIENT_REDACTED]"})");
}

}  // namespace
}  // namespace apitoolkit::redact
