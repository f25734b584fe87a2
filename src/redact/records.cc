#include "src/redact/records.h"

#include "src/json/utf8.h"
#include "src/redact/thread_scratch.h"

namespace apitoolkit::redact {
namespace {

constexpr char kRecordSeparator = '\x1E';
constexpr std::string_view kBlanks = " \t\r\n";

// Appends one record; `redacted` is memory to use. The reason is one for the whole body, or kNone.
Reason append_record(std::string_view record, const Engine& engine, Scratch& scratch,
                     std::string& redacted, std::string& out) {
  const std::size_t first = record.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    out += record;
    return Reason::kNone;
  }
  const std::size_t end = record.find_last_not_of(kBlanks) + 1;
  const Reason reason = engine.redact(record, scratch, redacted);
  if (reason == Reason::kBudget || reason == Reason::kOutputSize) return reason;
  if (reason == Reason::kNone) {
    out += redacted;
  } else {
    out += record.substr(0, first);
    out += kMarkerJson;
    out += record.substr(end);
  }
  return Reason::kNone;
}

}  // namespace

Redacted redact_records(std::string_view body, bool json_seq, bool truncated,
                        const Engine& engine) {
  const char separator = json_seq ? kRecordSeparator : '\n';
  const ThreadScratch scratch;
  std::string redacted;
  Redacted out;
  std::string_view rest = body;
  if (rest.starts_with(json::kUtf8Bom)) {
    out.body = json::kUtf8Bom;
    rest.remove_prefix(json::kUtf8Bom.size());
  }
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(separator), rest.size());
    const bool last = end == rest.size();
    const bool complete = json_seq && rest.substr(0, end).ends_with('\n');
    if (last && truncated && !complete) {
      out.body += kMarkerJson;
    } else {
      out.reason = append_record(rest.substr(0, end), engine, *scratch, redacted, out.body);
    }
    if (out.reason == Reason::kNone && !is_growth_allowed(body.size(), out.body.size())) {
      out.reason = Reason::kOutputSize;
    }
    if (out.reason != Reason::kNone) return {std::string(kMarkerJson), out.reason};
    if (!last) out.body += separator;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

}  // namespace apitoolkit::redact
