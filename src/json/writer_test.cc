#include "src/json/writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "src/json/document.h"

namespace apitoolkit::json {
namespace {

TEST(Writer, PlacesCommasAndColons) {
  Writer w;
  w.begin_object()
      .key("status")
      .value(200)
      .key("tags")
      .begin_array()
      .value("eu")
      .null()
      .begin_array()
      .end_array()
      .begin_object()
      .end_object()
      .end_array()
      .key("raw")
      .raw("[1, 2]")
      .key("ok")
      .value(true)
      .end_object();
  EXPECT_EQ(w.size(), w.str().size());
  EXPECT_EQ(std::move(w).str(),
            R"({"status":200,"tags":["eu",null,[],{}],"raw":[1, 2],"ok":true})");
}

TEST(Writer, EscapesWhatMustBeEscapedAndNothingElse) {
  std::string out;
  append_string(std::string("\"\\/\b\f\n\r\t\x01\x1F\x7F\0z", 13), out);
  EXPECT_EQ(out, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\\u0000z\"");
  out.clear();
  append_string("\u00e9\u2028</\U0001F600", out);
  EXPECT_EQ(out, "\"\u00e9\u2028</\U0001F600\"");
}

TEST(Writer, ReplacesBytesThatAreNotUtf8) {
  std::string out;
  append_string("a\xFF\xC3z\xE2\x82", out);
  EXPECT_EQ(out, "\"a\uFFFD\uFFFDz\uFFFD\uFFFD\"");
}

TEST(Writer, AlwaysWritesStringsThatReadBack) {
  for (int c = 0; c < 0x80; ++c) {
    for (std::size_t before = 0; before < 18; ++before) {
      const std::string text = std::string(before, 'a') + static_cast<char>(c) + "tail";
      std::string out;
      append_string(text, out);
      const auto document = Document::parse(out);
      ASSERT_TRUE(document.has_value()) << out;
      EXPECT_EQ(document->text(0), text);
    }
  }
}

TEST(Writer, WritesNumbersExactly) {
  Writer w;
  w.begin_array()
      .value(std::numeric_limits<std::int64_t>::min())
      .value(std::numeric_limits<std::uint64_t>::max())
      .value(std::uint8_t{7})
      .value(0.1)
      .value(1e300)
      .value(2.0)
      .value(std::numeric_limits<double>::infinity())
      .value(std::numeric_limits<double>::quiet_NaN())
      .value(false)
      .end_array();
  EXPECT_EQ(w.str(), "[-9223372036854775808,18446744073709551615,7,0.1,1e+300,2,null,null,false]");
}

TEST(Writer, WritesBase64) {
  Writer w;
  w.begin_array().base64("foob").base64("").end_array();
  EXPECT_EQ(w.str(), R"(["Zm9vYg==",""])");
}

}  // namespace
}  // namespace apitoolkit::json
