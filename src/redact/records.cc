#include "src/redact/records.h"

#include <numeric>

#include "src/base/limits.h"
#include "src/json/utf8.h"
#include "src/redact/thread_scratch.h"

namespace apitoolkit::redact {
namespace {

constexpr char kRecordSeparator = '\x1E';
constexpr std::string_view kBlanks = " \t\r\n";

bool is_blank(std::string_view record) {
  return record.find_first_not_of(kBlanks) == std::string_view::npos;
}

// The marker, between the blanks that stand around the record.
void append_marker(std::string_view record, std::string& out) {
  out += record.substr(0, record.find_first_not_of(kBlanks));
  out += kMarkerJson;
  out += record.substr(record.find_last_not_of(kBlanks) + 1);
}

// Appends one record; `redacted` is memory to use. The reason is one for the whole body, or kNone.
Reason append_record(std::string_view record, const Engine& engine, Scratch& scratch,
                     jsonpath::Budget& budget, std::string& redacted, std::string& out) {
  if (is_blank(record)) {
    out += record;
    return Reason::kNone;
  }
  const Reason reason = engine.redact(record, scratch, redacted, budget);
  if (reason == Reason::kBudget || reason == Reason::kOutputSize) return reason;
  if (reason == Reason::kNone) {
    out += redacted;
  } else {
    append_marker(record, out);
  }
  return Reason::kNone;
}

}  // namespace

Redacted redact_records(std::string_view body, bool json_seq, bool truncated,
                        const Engine& engine) {
  const char separator = json_seq ? kRecordSeparator : '\n';
  const ThreadScratch scratch;
  jsonpath::Budget budget(body.size());
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
      out.reason = append_record(rest.substr(0, end), engine, *scratch, budget, redacted, out.body);
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

RecordStream::RecordStream(const Engine& engine, const Scrubber& scrubber, bool json_seq)
    : engine_(engine), scrubber_(scrubber), separator_(json_seq ? kRecordSeparator : '\n') {}

void RecordStream::feed(std::string_view piece, std::string& out) {
  while (!piece.empty()) {
    const std::size_t end = piece.find(separator_);
    if (end == std::string_view::npos) break;
    if (pending_.empty()) {
      end_record(piece.substr(0, end), out);
    } else {
      pending_ += piece.substr(0, end);
      end_record(pending_, out);
      pending_.clear();
    }
    out += separator_;
    piece.remove_prefix(end + 1);
  }
  if (too_long_) return;
  pending_ += piece;
  too_long_ = pending_.size() > limits::kStreamRecordBytesMax;
}

void RecordStream::finish(std::string& out) {
  end_record(pending_, out);
  pending_.clear();
}

std::int64_t RecordStream::masked() const {
  return std::accumulate(masked_.begin(), masked_.end(), std::int64_t{0});
}

void RecordStream::end_record(std::string_view record, std::string& out) {
  if (!begun_ && record.starts_with(json::kUtf8Bom)) {
    out += json::kUtf8Bom;
    record.remove_prefix(json::kUtf8Bom.size());
  }
  begun_ = true;
  if (too_long_) {  // what is here of it is a part only
    too_long_ = false;
    ++records_;
    ++masked_[static_cast<std::size_t>(Reason::kBudget)];
    out += kMarkerJson;
    return;
  }
  if (is_blank(record)) {
    out += record;
    return;
  }
  ++records_;
  const Reason reason = engine_.redact(record, scratch_, redacted_);
  if (reason != Reason::kNone) {
    ++masked_[static_cast<std::size_t>(reason)];
    append_marker(record, out);
  } else if (std::string scrubbed; scrubber_.scrub_json(redacted_, scrubbed)) {
    out += scrubbed;
  } else {
    out += redacted_;
  }
  scratch_.trim(limits::kRedactScratchBytesMax);
}

}  // namespace apitoolkit::redact
