// The redaction engine at every vector level against the plain reference: same reason, same bytes,
// nothing of a selected value left, nothing else changed. The first byte chooses how the others are
// read: as choices that make paths and a text, or as a path, a zero byte and a text.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/jsonpath/query.h"
#include "src/redact/engine/engine.h"
#include "src/redact/engine/random_case.h"
#include "src/redact/engine/reference.h"

namespace {

namespace jsonpath = apitoolkit::jsonpath;
namespace redact = apitoolkit::redact;

void check(const std::vector<std::string>& paths, std::string_view text) {
  static redact::Scratch scratch;
  std::vector<jsonpath::Query> queries;
  for (const std::string& path : paths) {
    auto query = jsonpath::Query::parse(path);
    if (query) queries.push_back(std::move(*query));
  }
  const redact::Engine engine(queries);
  const redact::Agreement agreement =
      redact::compare_with_reference(engine, queries, text, scratch);
  if (agreement.complaint.empty()) return;
  std::fprintf(stderr, "%s\nplans:\n%s", agreement.complaint.c_str(), engine.explain().c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::uint8_t> rest(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    redact::Random random(rest);
    std::vector<std::string> paths;
    for (std::uint32_t n = 1 + random.below(3); n > 0; --n) {
      paths.push_back(redact::random_path(random));
    }
    check(paths, redact::random_text(random));
    return 0;
  }
  const std::string_view input(reinterpret_cast<const char*>(rest.data()), rest.size());
  const std::size_t zero = std::min(input.find('\0'), input.size());
  check({std::string(input.substr(0, zero))}, input.substr(std::min(zero + 1, input.size())));
  return 0;
}
