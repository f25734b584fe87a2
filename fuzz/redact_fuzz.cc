// A byte that picks how the body is described, a path, a zero byte, a body. Whatever they are:
//  - a body read as JSON stays JSON, and differs from the input in the selected spans only;
//  - a body that is not JSON, under a JSON type, becomes the marker;
//  - a form becomes a JSON object, or the marker;
//  - without paths a JSON type's body passes byte for byte.
// Or, where the first byte is one of the last 64, choices that make a body with a secret in it:
// JSON, records, a form or multipart, in any coding. The secret survives nowhere.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/planted_body.h"
#include "fuzz/require.h"
#include "src/json/document.h"
#include "src/jsonpath/query.h"
#include "src/redact/engine/reference.h"
#include "src/redact/names.h"
#include "src/redact/redactor.h"

namespace {

namespace json = apitoolkit::json;
namespace jsonpath = apitoolkit::jsonpath;
namespace redact = apitoolkit::redact;
using apitoolkit::fuzz::plant;
using apitoolkit::fuzz::PlantedBody;

constexpr std::uint8_t kPlantedFrom = 192;

struct Description {
  std::string_view type;
  std::string_view encoding;
  bool truncated = false;
};

constexpr std::array kDescriptions = {
    Description{"application/json", ""},
    Description{"", ""},
    Description{"text/plain", ""},
    Description{"application/x-www-form-urlencoded", ""},
    Description{"multipart/form-data; boundary=b", ""},
    Description{"application/x-ndjson", ""},
    Description{"application/json-seq", ""},
    Description{"application/json", "gzip"},
    Description{"application/json", "br, zstd"},
    Description{"application/json; charset=utf-16", ""},
    Description{"multipart/form-data; boundary=b", "", true},
    Description{"application/x-ndjson", "", true},
};

// Selected values are gone, every other byte is there: redact::complaint_about.
void check_json(std::string_view body, const jsonpath::Query& query, const redact::Redacted& out) {
  const redact::Expectation expectation = redact::expect(body, {&query, 1});
  if (out.reason == redact::Reason::kUnknownEncoding) {  // UTF-16 or UTF-32, by its first bytes
    FUZZ_REQUIRE(expectation.fault != redact::reference::Fault::kNone);
    FUZZ_REQUIRE(out.body == redact::kMarkerJson);
    return;
  }
  const std::string complaint = redact::complaint_about(body, expectation, out.body, out.reason);
  if (!complaint.empty()) std::fprintf(stderr, "%s", complaint.c_str());
  FUZZ_REQUIRE(complaint.empty());
}

void check_planted(std::span<const std::uint8_t> bytes) {
  redact::Random random(bytes);
  const PlantedBody planted = plant(random);
  if (!planted.unique) return;
  const auto redactor = redact::Redactor::compile(std::vector<std::string>{planted.path}, "paths");
  FUZZ_REQUIRE(redactor.has_value());
  const redact::Redacted out =
      redactor->redact(planted.body, {.content_type = planted.content_type,
                                      .content_encoding = planted.content_encoding,
                                      .truncated = planted.truncated});
  const bool survives = out.body.find(planted.first_part()) != std::string::npos ||
                        out.body.find(planted.last_part()) != std::string::npos;
  if (survives) {
    std::fprintf(stderr, "%s\n%s (%s)\n%s\nbecame\n%s\n", planted.path.c_str(),
                 planted.content_type.c_str(), planted.content_encoding.c_str(),
                 planted.body.c_str(), out.body.c_str());
  }
  FUZZ_REQUIRE(!survives);
  if (out.reason != redact::Reason::kNone) FUZZ_REQUIRE(out.body == redact::kMarkerJson);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  if (data[0] >= kPlantedFrom) {
    check_planted({data + 1, size - 1});
    return 0;
  }
  const Description& description = kDescriptions[data[0] % kDescriptions.size()];
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t zero = std::min(input.find('\0'), input.size());
  const std::string path(input.substr(0, zero));
  const std::string_view body = input.substr(std::min(zero + 1, input.size()));
  const redact::BodyType type{.content_type = description.type,
                              .content_encoding = description.encoding,
                              .truncated = description.truncated};
  const redact::Redacted open = redact::Redactor().redact(body, type);
  const std::vector<std::string> names{path};
  redact::redact_url(body, redact::NameSet(names));

  const auto redactor = redact::Redactor::compile(std::vector<std::string>{path}, "paths");
  if (!redactor) return 0;
  const auto query = jsonpath::Query::parse(path);
  const redact::Redacted out = redactor->redact(body, type);
  const bool plain_json = description.type == "application/json" && description.encoding.empty();
  if (plain_json) {
    FUZZ_REQUIRE(open.body == body);
    if (!body.empty()) check_json(body, *query, out);
  }
  if (description.type.starts_with("multipart") && !body.empty()) {
    FUZZ_REQUIRE(json::Document::parse(out.body).has_value());
    FUZZ_REQUIRE(json::Document::parse(open.body).has_value());
  }
  if (out.reason != redact::Reason::kNone) FUZZ_REQUIRE(out.body == redact::kMarkerJson);
  return 0;
}
