#include "src/redact/engine/reference.h"

#include <algorithm>
#include <memory>

#include "src/base/limits.h"
#include "src/redact/redactor.h"

namespace apitoolkit::redact {
namespace {

using reference::Fault;
using reference::Reading;

constexpr std::int64_t kStepsMax = 300'000;

// Spans that nest or are apart: those that no other one contains.
std::vector<Span> outermost(const std::vector<const reference::Value*>& values) {
  std::vector<Span> spans;
  spans.reserve(values.size());
  for (const reference::Value* value : values) spans.push_back({value->begin, value->end});
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::vector<Span> outer;
  for (const Span& span : spans) {
    if (outer.empty() || span.begin >= outer.back().end) outer.push_back(span);
  }
  return outer;
}

// Whether each of the inner spans lies within one of the outer ones. Both go up.
bool covers(const std::vector<Span>& outer, const std::vector<Span>& inner) {
  std::size_t i = 0;
  for (const Span& span : inner) {
    while (i < outer.size() && outer[i].end < span.end) ++i;
    if (i == outer.size() || outer[i].begin > span.begin) return false;
  }
  return true;
}

// The text with the marker in place of each span, byte by byte.
std::string masked(std::string_view text, const std::vector<Span>& spans) {
  std::string out;
  std::size_t next = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (next < spans.size() && spans[next].begin == at) {
      out += kMarkerJson;
      at = spans[next++].end;
    } else {
      out += text[at++];
    }
  }
  return out;
}

bool is_too_large(std::size_t before, std::size_t after) {
  return after > static_cast<std::size_t>(limits::kRedactedGrowthFactorMax) * before +
                     static_cast<std::size_t>(limits::kRedactedGrowthBytesMin);
}

// Whether the outcome is the text with these spans masked, or the marker where that is too large.
bool is_masked(std::string_view text, const std::vector<Span>& spans, std::string_view out,
               Reason reason) {
  const std::string expected = masked(text, spans);
  if (is_too_large(text.size(), expected.size())) {
    return reason == Reason::kOutputSize && out == kMarkerJson;
  }
  return reason == Reason::kNone && out == expected;
}

void add_spans(std::string_view title, const std::vector<Span>& spans, std::string& out) {
  out.append(title);
  for (const Span& span : spans) {
    out += " [" + std::to_string(span.begin) + ',' + std::to_string(span.end) + ')';
  }
  out += '\n';
}

bool is_reason_for(Fault fault, Reason reason) {
  if (fault == Fault::kUtf8) return reason == Reason::kInvalidUtf8;
  // Which of the two comes first in a text that is both is not determined.
  return reason == Reason::kInvalidJson || reason == Reason::kTooDeep;
}

}  // namespace

Expectation expect(std::string_view text, std::span<const jsonpath::Query> queries) {
  Expectation expectation;
  reference::Value root;
  expectation.fault = reference::read(text, root);
  if (expectation.fault != Fault::kNone) return expectation;
  reference::Steps steps(kStepsMax);
  reference::Steps list_steps(kStepsMax);
  const auto select = [&](Reading reading, reference::Steps& left) {
    std::vector<const reference::Value*> all;
    for (const jsonpath::Query& query : queries) {
      const auto found = reference::select(query.ast(), root, reading, left);
      all.insert(all.end(), found.begin(), found.end());
    }
    return outermost(all);
  };
  expectation.least = select(Reading::kRedactLeast, steps);
  expectation.most = select(Reading::kRedactMost, steps);
  expectation.by_rfc = select(Reading::kRfc, list_steps);
  if (list_steps.exhausted()) expectation.by_rfc.clear();
  expectation.gave_up = steps.exhausted();
  return expectation;
}

std::string complaint_about(std::string_view text, const Expectation& expectation,
                            std::string_view out, Reason reason, const std::vector<Span>* spans) {
  std::string complaint;
  const bool whole = reason != Reason::kNone;
  if (whole && out != kMarkerJson) complaint += "there is a reason, but no marker\n";
  if (reason == Reason::kBudget) return complaint;
  if (expectation.fault != Fault::kNone) {
    if (!is_reason_for(expectation.fault, reason)) complaint += "the fault was not found\n";
  } else if (!expectation.gave_up) {
    if (!covers(expectation.least, expectation.by_rfc)) {
      add_spans("the reference leaves out what the RFC selects:", expectation.by_rfc, complaint);
    }
    bool right = true;
    if (expectation.least == expectation.most) {
      right = is_masked(text, expectation.least, out, reason);
    } else if (spans != nullptr) {
      right = covers(*spans, expectation.least) && covers(expectation.most, *spans) &&
              is_masked(text, *spans, out, reason);
    }
    if (!right) add_spans("expected are the spans", expectation.least, complaint);
  }
  if (!complaint.empty()) {
    complaint.append("but it gives ").append(out).append(" (").append(to_string(reason));
    complaint += ")\n";
  }
  return complaint;
}

Agreement compare_with_reference(const Engine& engine, std::span<const jsonpath::Query> queries,
                                 std::string_view text, Scratch& scratch) {
  const std::unique_ptr<char[]> exact(new char[text.size()]);
  text.copy(exact.get(), text.size());
  text = {exact.get(), text.size()};
  const Expectation expectation = expect(text, queries);
  Agreement agreement;
  agreement.spans = expectation.least.size();
  agreement.undecided = expectation.gave_up;
  std::string first;
  std::vector<Span> first_spans;
  Reason first_reason = Reason::kNone;
  for (const json::SimdLevel level :
       {json::SimdLevel::kPortable, json::SimdLevel::kAvx2, json::SimdLevel::kAvx512}) {
    if (!json::simd_level_supported(level)) continue;
    scratch.level = level;
    std::string out;
    const Reason reason = engine.redact(text, scratch, out);
    std::string complaint = complaint_about(text, expectation, out, reason, &scratch.spans);
    if (level == json::SimdLevel::kPortable) {
      first = out;
      first_spans = scratch.spans;
      first_reason = reason;
    } else if (out != first || reason != first_reason ||
               (reason == Reason::kNone && scratch.spans != first_spans)) {
      complaint += "unlike the portable level\n";
    }
    if (reason == Reason::kBudget) agreement.undecided = true;
    if (!complaint.empty()) {
      agreement.complaint.append(to_string(level)).append(":\n").append(complaint);
    }
  }
  return agreement;
}

}  // namespace apitoolkit::redact
