#include "src/redact/media_type.h"

#include <gtest/gtest.h>

namespace apitoolkit::redact {
namespace {

TEST(MediaType, TellsKindsApart) {
  const std::pair<std::string_view, MediaKind> cases[] = {
      {"", MediaKind::kNone},
      {"garbage", MediaKind::kNone},
      {"application/json", MediaKind::kJson},
      {" Application/JSON ; charset=utf-8", MediaKind::kJson},
      {"application/json, application/json", MediaKind::kJson},
      {"application/hal+json", MediaKind::kJson},
      {"text/json", MediaKind::kJson},
      {"application/x-ndjson", MediaKind::kNdjson},
      {"application/stream+json", MediaKind::kNdjson},
      {"application/json-seq", MediaKind::kJsonSeq},
      {"application/x-www-form-urlencoded", MediaKind::kForm},
      {"multipart/form-data; boundary=x", MediaKind::kMultipart},
      {"multipart/mixed", MediaKind::kMixed},
      {"text/html", MediaKind::kText},
      {"image/svg+xml", MediaKind::kText},
      {"application/xml", MediaKind::kText},
      {"image/png", MediaKind::kBinary},
      {"application/octet-stream", MediaKind::kBinary},
  };
  for (const auto& [header, kind] : cases) EXPECT_EQ(MediaType(header).kind, kind) << header;
}

TEST(MediaType, ReadsParameters) {
  EXPECT_EQ(MediaType(" Text/Plain ; charset=UTF-8").name, "text/plain");
  EXPECT_EQ(MediaType("; charset=UTF-8").name, "");
  EXPECT_EQ(MediaType("text/plain;charset=UTF-8").charset, "utf-8");
  EXPECT_EQ(MediaType("text/plain; a=\"x;charset=no\"; CharSet=\"Latin1\"").charset, "latin1");
  EXPECT_EQ(MediaType("multipart/form-data; boundary=----a b; x=y").boundary, "----a b");
  EXPECT_EQ(MediaType("text/plain; charset").charset, "");
  std::string value;
  EXPECT_TRUE(header_parameter("form-data; name=\"a\\\"b\"", "name", value));
  EXPECT_EQ(value, "a\"b");
  EXPECT_TRUE(header_parameter("form-data; filename=\"C:\\dir\\f\"; name=n", "filename", value));
  EXPECT_EQ(value, "C:\\dir\\f");
  EXPECT_FALSE(header_parameter("form-data; filename=\"name=x\"", "name", value));
  EXPECT_TRUE(header_parameter("form-data; name=\"open", "name", value));
  EXPECT_EQ(value, "open");
}

}  // namespace
}  // namespace apitoolkit::redact
