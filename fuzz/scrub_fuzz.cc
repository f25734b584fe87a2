// A byte that picks the detectors, then a text. Whatever they are:
//  - the values found are those that asking every detector at every byte finds, at each vector
//  level;
//  - in a JSON text, exactly the string values in which something is found, unescaped, change, and
//  the
//    numbers that are card numbers; the result is JSON of the same shape;
//  - where nothing is percent-encoded, a URL is a text.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "src/json/document.h"
#include "src/redact/redactor.h"
#include "src/redact/scrub.h"
#include "src/redact/scrub_finder.h"
#include "src/redact/scrub_reference.h"

namespace {

namespace json = apitoolkit::json;
namespace redact = apitoolkit::redact;

redact::DetectorSet pick_detectors(std::uint8_t bits) {
  redact::DetectorSet set;
  for (unsigned i = 0; i < 6; ++i) {
    if ((bits >> i & 1U) != 0) set.add(static_cast<redact::Detector>(i));
  }
  return set.empty() ? redact::all_detectors() : set;
}

std::string masked(std::string_view text, const std::vector<redact::Span>& spans) {
  std::string out;
  redact::append_masked(text, spans, out);
  return out;
}

void check_text(redact::DetectorSet detectors, std::string_view text) {
  const std::vector<redact::Span> expected = redact::find_values_slowly(detectors, text);
  for (const json::SimdLevel level :
       {json::SimdLevel::kPortable, json::SimdLevel::kAvx2, json::SimdLevel::kAvx512}) {
    if (!json::simd_level_supported(level)) continue;
    std::vector<redact::Span> found;
    FUZZ_REQUIRE(redact::find_values(detectors, text, found, level) == !expected.empty());
    FUZZ_REQUIRE(found == expected);
  }
  const redact::Scrubber scrubber(detectors);
  const std::string out = scrubber.scrub_text(text);
  FUZZ_REQUIRE(out == masked(text, expected));
  if (text.find_first_of("%+") == std::string_view::npos) {
    FUZZ_REQUIRE(scrubber.scrub_url(text) == out);
  }
}

bool is_card(redact::DetectorSet detectors, std::string_view number) {
  const auto span = redact::match_card(number, 0);
  return detectors.has(redact::Detector::kCreditCard) && span &&
         *span == redact::Span{0, number.size()};
}

void check_value(redact::DetectorSet detectors, const json::Document& before,
                 const json::Document& after, std::uint32_t i) {
  const bool changed = before.raw(i) != after.raw(i);
  if (before[i].type == json::Type::kNumber) {
    FUZZ_REQUIRE(changed == is_card(detectors, before.raw(i)));
    FUZZ_REQUIRE(!changed || after.raw(i) == redact::kMarkerJson);
    return;
  }
  FUZZ_REQUIRE(before[i].type == after[i].type);
  if (before[i].type != json::Type::kString) return;
  const std::string value = before.text(i);
  const auto spans = redact::find_values_slowly(detectors, value);
  FUZZ_REQUIRE(changed == !spans.empty());
  if (!changed) return;
  const std::string partly = masked(value, spans);
  FUZZ_REQUIRE(after.text(i) == partly ||
               (before[i].escaped && after.raw(i) == redact::kMarkerJson));
}

void check_json(redact::DetectorSet detectors, std::string_view text) {
  const std::string out = redact::Scrubber(detectors).scrub_json(text);
  const auto before = json::Document::parse(text);
  if (!before) return;
  const auto after = json::Document::parse(out);
  FUZZ_REQUIRE(after.has_value());
  FUZZ_REQUIRE(before->nodes().size() == after->nodes().size());
  std::vector<char> is_name(before->nodes().size(), 0);
  for (std::uint32_t i = 0; i < before->nodes().size(); ++i) {
    if ((*before)[i].type == json::Type::kObject) {
      for (std::uint32_t k = i + 1; k < (*before)[i].next; k = (*before)[k + 1].next) {
        is_name[k] = 1;
      }
    }
    if (is_name[i] != 0) {
      FUZZ_REQUIRE(before->raw(i) == after->raw(i));
    } else {
      check_value(detectors, *before, *after, i);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const redact::DetectorSet detectors = pick_detectors(data[0]);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_text(detectors, text);
  check_json(detectors, text);
  // In a string, where the text itself may not be JSON.
  std::string quoted = "[\"";
  std::copy_if(text.begin(), text.end(), std::back_inserter(quoted),
               [](char c) { return c != '"' && static_cast<unsigned char>(c) >= 0x20; });
  check_json(detectors, quoted + "\", 4111111111111111]");
  const std::string url = redact::Scrubber(detectors).scrub_url(text);
  FUZZ_REQUIRE(url.size() <= text.size() * 4);
  return 0;
}
