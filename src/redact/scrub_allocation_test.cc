// Where it finds nothing the scrubber allocates nothing.
#include <gtest/gtest.h>

#include <string>

#include "src/redact/allocation_count.h"
#include "src/redact/scrub.h"
#include "src/redact/scrub_reference.h"

namespace apitoolkit::redact {
namespace {

std::string near_misses(std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) {
    text +=
        R"({"id":4111111111111112,"at":"2026-05-01 12:30:00","mail":"bob@localhost","s":"666-12-3456",)"
        R"("iban":"DE89370400440532013001","auth":"bearer of news","t":"eyJ0eXAiOiJKV1QifQ.e30.c2ln"},)";
  }
  return text;
}

TEST(Scrubber, AllocatesNothingWhenNothingIsFound) {
  const Scrubber scrubber(all_detectors());
  const std::string text = near_misses(500);
  const std::string escaped = R"(["\u0062ob@localhost\n","caf\u00e9 \"x\"",)" + near_misses(3);
  const std::string url = "/a+b/%41?q=bob%40localhost+4111%201111%201111%201112";
  std::string out;
  const std::int64_t before = allocation_count();
  EXPECT_FALSE(scrubber.scrub_text(text, out));
  EXPECT_FALSE(scrubber.scrub_json(text, out));
  EXPECT_FALSE(scrubber.scrub_json(escaped, out));
  EXPECT_FALSE(scrubber.scrub_url(url, out));
  EXPECT_FALSE(scrubber.scrub_url(text, out));
  EXPECT_EQ(allocation_count(), before);
  EXPECT_TRUE(scrubber.scrub_text("bob@example.com", out));
  EXPECT_GT(allocation_count(), before);  // the counter counts
}

}  // namespace
}  // namespace apitoolkit::redact
