// The JSON form of an export request (opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding) put
// into its protobuf form, led by tables of the messages' members.
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "src/base/base64.h"
#include "src/base/limits.h"
#include "src/json/number.h"
#include "src/json/token_stream.h"
#include "src/json/unescape.h"
#include "src/wire/otlp_decode.h"
#include "src/wire/protobuf_writer.h"

namespace apitoolkit::wire {
namespace {

enum class Form : std::uint8_t {
  kText,
  kHex,
  kBase64,
  kFixed64,
  kInteger,
  kFlag,
  kReal,
  kSpanKind,
  kSeverity,
  kMessage,
  kMessages,
};

struct Member;

struct Message {
  const Member* begin = nullptr;
  const Member* end = nullptr;
};

struct Member {
  std::string_view name;
  int number;
  Form form;
  const Message* message = nullptr;
};

// Members that nobody reads are not there.
extern const Message kAnyValue, kKeyValue;

constexpr Member kArrayValueMembers[] = {{"values", 1, Form::kMessages, &kAnyValue}};
constexpr Message kArrayValue{std::begin(kArrayValueMembers), std::end(kArrayValueMembers)};
constexpr Member kKeyValueListMembers[] = {{"values", 1, Form::kMessages, &kKeyValue}};
constexpr Message kKeyValueList{std::begin(kKeyValueListMembers), std::end(kKeyValueListMembers)};
constexpr Member kAnyValueMembers[] = {
    {"stringValue", 1, Form::kText},
    {"boolValue", 2, Form::kFlag},
    {"intValue", 3, Form::kInteger},
    {"doubleValue", 4, Form::kReal},
    {"arrayValue", 5, Form::kMessage, &kArrayValue},
    {"kvlistValue", 6, Form::kMessage, &kKeyValueList},
    {"bytesValue", 7, Form::kBase64},
};
constexpr Message kAnyValue{std::begin(kAnyValueMembers), std::end(kAnyValueMembers)};
constexpr Member kKeyValueMembers[] = {{"key", 1, Form::kText},
                                       {"value", 2, Form::kMessage, &kAnyValue}};
constexpr Message kKeyValue{std::begin(kKeyValueMembers), std::end(kKeyValueMembers)};

constexpr Member kResourceMembers[] = {{"attributes", 1, Form::kMessages, &kKeyValue}};
constexpr Message kResource{std::begin(kResourceMembers), std::end(kResourceMembers)};

constexpr Member kEventMembers[] = {{"timeUnixNano", 1, Form::kFixed64},
                                    {"name", 2, Form::kText},
                                    {"attributes", 3, Form::kMessages, &kKeyValue}};
constexpr Message kEvent{std::begin(kEventMembers), std::end(kEventMembers)};
constexpr Member kSpanMembers[] = {
    {"traceId", 1, Form::kHex},
    {"spanId", 2, Form::kHex},
    {"parentSpanId", 4, Form::kHex},
    {"name", 5, Form::kText},
    {"kind", 6, Form::kSpanKind},
    {"startTimeUnixNano", 7, Form::kFixed64},
    {"endTimeUnixNano", 8, Form::kFixed64},
    {"attributes", 9, Form::kMessages, &kKeyValue},
    {"events", 11, Form::kMessages, &kEvent},
};
constexpr Message kSpan{std::begin(kSpanMembers), std::end(kSpanMembers)};
constexpr Member kScopeSpansMembers[] = {{"spans", 2, Form::kMessages, &kSpan}};
constexpr Message kScopeSpans{std::begin(kScopeSpansMembers), std::end(kScopeSpansMembers)};
constexpr Member kResourceSpansMembers[] = {
    {"resource", 1, Form::kMessage, &kResource},
    {"scopeSpans", 2, Form::kMessages, &kScopeSpans},
};
constexpr Message kResourceSpans{std::begin(kResourceSpansMembers),
                                 std::end(kResourceSpansMembers)};
constexpr Member kTracesMembers[] = {{"resourceSpans", 1, Form::kMessages, &kResourceSpans}};

constexpr Member kLogRecordMembers[] = {
    {"timeUnixNano", 1, Form::kFixed64},
    {"severityNumber", 2, Form::kSeverity},
    {"severityText", 3, Form::kText},
    {"body", 5, Form::kMessage, &kAnyValue},
    {"attributes", 6, Form::kMessages, &kKeyValue},
    {"traceId", 9, Form::kHex},
    {"spanId", 10, Form::kHex},
    {"observedTimeUnixNano", 11, Form::kFixed64},
    {"eventName", 12, Form::kText},
};
constexpr Message kLogRecord{std::begin(kLogRecordMembers), std::end(kLogRecordMembers)};
constexpr Member kScopeLogsMembers[] = {{"logRecords", 2, Form::kMessages, &kLogRecord}};
constexpr Message kScopeLogs{std::begin(kScopeLogsMembers), std::end(kScopeLogsMembers)};
constexpr Member kResourceLogsMembers[] = {
    {"resource", 1, Form::kMessage, &kResource},
    {"scopeLogs", 2, Form::kMessages, &kScopeLogs},
};
constexpr Message kResourceLogs{std::begin(kResourceLogsMembers), std::end(kResourceLogsMembers)};
constexpr Member kLogsMembers[] = {{"resourceLogs", 1, Form::kMessages, &kResourceLogs}};

// Data points are only counted.
constexpr Message kDataPoint{};
constexpr Member kPointsMembers[] = {{"dataPoints", 1, Form::kMessages, &kDataPoint}};
constexpr Message kPoints{std::begin(kPointsMembers), std::end(kPointsMembers)};
constexpr Member kMetricMembers[] = {
    {"gauge", 5, Form::kMessage, &kPoints},
    {"sum", 7, Form::kMessage, &kPoints},
    {"histogram", 9, Form::kMessage, &kPoints},
    {"exponentialHistogram", 10, Form::kMessage, &kPoints},
    {"summary", 11, Form::kMessage, &kPoints},
};
constexpr Message kMetric{std::begin(kMetricMembers), std::end(kMetricMembers)};
constexpr Member kScopeMetricsMembers[] = {{"metrics", 2, Form::kMessages, &kMetric}};
constexpr Message kScopeMetrics{std::begin(kScopeMetricsMembers), std::end(kScopeMetricsMembers)};
constexpr Member kResourceMetricsMembers[] = {
    {"resource", 1, Form::kMessage, &kResource},
    {"scopeMetrics", 2, Form::kMessages, &kScopeMetrics},
};
constexpr Message kResourceMetrics{std::begin(kResourceMetricsMembers),
                                   std::end(kResourceMetricsMembers)};
constexpr Member kMetricsMembers[] = {{"resourceMetrics", 1, Form::kMessages, &kResourceMetrics}};

constexpr std::array<Message, 3> kRequests = {
    Message{std::begin(kTracesMembers), std::end(kTracesMembers)},
    Message{std::begin(kLogsMembers), std::end(kLogsMembers)},
    Message{std::begin(kMetricsMembers), std::end(kMetricsMembers)},
};

constexpr std::string_view kSpanKinds[] = {"UNSPECIFIED", "INTERNAL", "SERVER",
                                           "CLIENT",      "PRODUCER", "CONSUMER"};
constexpr std::string_view kSeverities[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};

// lowerCamelCase as given, or with underscores as in the .proto files.
bool is_name(std::string_view given, std::string_view camel) {
  std::size_t at = 0;
  for (const char c : camel) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (is_upper && at + 1 < given.size() && given[at] == '_' && given[at + 1] == c + 32) {
      at += 2;
    } else if (at < given.size() && given[at] == c) {
      ++at;
    } else {
      return false;
    }
  }
  return at == given.size();
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = hex_value(hex[i]);
    const int low = hex_value(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

// The enum's number behind a name such as SPAN_KIND_SERVER; 0 where it is not known.
std::int64_t span_kind_of(std::string_view name) {
  constexpr std::string_view kPrefix = "SPAN_KIND_";
  if (!name.starts_with(kPrefix)) return 0;
  const auto* const found =
      std::find(std::begin(kSpanKinds), std::end(kSpanKinds), name.substr(kPrefix.size()));
  return found == std::end(kSpanKinds) ? 0 : found - std::begin(kSpanKinds);
}

// SEVERITY_NUMBER_WARN3: four numbers a word, from 1.
std::int64_t severity_of(std::string_view name) {
  constexpr std::string_view kPrefix = "SEVERITY_NUMBER_";
  if (!name.starts_with(kPrefix)) return 0;
  name.remove_prefix(kPrefix.size());
  for (std::size_t i = 0; i < std::size(kSeverities); ++i) {
    if (!name.starts_with(kSeverities[i])) continue;
    const std::string_view step = name.substr(kSeverities[i].size());
    const auto first = static_cast<std::int64_t>(4 * i) + 1;
    if (step.empty()) return first;
    if (step.size() == 1 && step[0] >= '2' && step[0] <= '4') return first + (step[0] - '1');
  }
  return 0;
}

class Transcoder {
 public:
  explicit Transcoder(const json::TokenStream& tokens)
      : bytes_(tokens.bytes()),
        positions_(tokens.positions()),
        containers_(tokens.containers()),
        source_(tokens.source()) {}

  Result<std::string> run(const Message& request) {
    if (bytes_[0] != '{') {
      refuse("expected an object");
    } else {
      write_members(request, 0);
    }
    if (!error_.empty()) return fail(ErrorCode::kCorrupt, std::move(error_));
    return std::move(out_).str();
  }

 private:
  struct Step {
    std::string_view name;
    std::int64_t index;  // in a list; -1 for none
  };

  // The first failure stays; false.
  bool refuse(std::string_view what) {
    if (!error_.empty()) return false;
    for (const Step& step : path_) {
      if (!error_.empty()) error_ += '.';
      error_ += step.name;
      if (step.index >= 0) error_ += '[' + std::to_string(step.index) + ']';
    }
    error_ += error_.empty() ? "" : ": ";
    error_ += what;
    return false;
  }

  bool is_string() const { return bytes_[at_] == '"' || bytes_[at_] == json::kEscapedString; }
  bool is_null() const { return bytes_[at_] == 'n'; }
  bool is_number() const {
    return bytes_[at_] == '-' || (bytes_[at_] >= '0' && bytes_[at_] <= '9');
  }

  // A scalar's bytes, strings with their quotes.
  std::string_view raw() const {
    const std::uint32_t begin = positions_[at_];
    std::uint32_t end = positions_[at_ + 1];
    while (static_cast<unsigned char>(source_[end - 1]) <= ' ') --end;
    return source_.substr(begin, end - begin);
  }

  // A string's value, until the next call.
  std::string_view text() {
    const std::string_view literal = raw();
    if (bytes_[at_] == '"') return literal.substr(1, literal.size() - 2);
    json::unescape_into(literal, unescaped_);
    return unescaped_;
  }

  void skip() {
    if (bytes_[at_] == '{' || bytes_[at_] == '[') {
      const json::Container& container = containers_[ordinal_];
      at_ = container.close + 1;
      ordinal_ = container.after;
    } else {
      ++at_;
    }
  }

  // From an opening bracket to the token behind it, or behind the closing one if nothing is in it:
  // then false.
  bool enter(char closing) {
    ++at_;
    ++ordinal_;
    if (bytes_[at_] != static_cast<std::uint8_t>(closing)) return true;
    ++at_;
    return false;
  }

  // From behind a value to the next one, or behind the bracket: then false.
  bool advance() { return bytes_[at_++] == ','; }

  // The members of the object that at_ is at, into the message that out_ is at.
  bool write_members(const Message& message, int levels) {
    if (!enter('}')) return true;
    do {
      const std::string_view name = text();
      const Member* const member = std::find_if(
          message.begin, message.end, [&](const Member& m) { return is_name(name, m.name); });
      at_ += 2;  // the name and its colon
      if (member == message.end || is_null()) {
        skip();
        continue;
      }
      path_.push_back({member->name, -1});
      if (!write_member(*member, levels)) return false;
      path_.pop_back();
    } while (advance());
    return true;
  }

  bool write_member(const Member& member, int levels) {
    if (member.form == Form::kMessage) return write_message(member, levels);
    if (member.form == Form::kMessages) return write_list(member, levels);
    const bool ok = write_scalar(member);
    ++at_;
    return ok;
  }

  bool write_message(const Member& member, int levels) {
    if (bytes_[at_] != '{') return refuse("expected an object");
    const bool is_value = member.message == &kAnyValue;
    if (is_value && levels >= limits::kOtlpValueLevelsMax) return refuse("nested too deeply");
    bool ok = true;
    out_.message(member.number,
                 [&] { ok = write_members(*member.message, levels + (is_value ? 1 : 0)); });
    return ok;
  }

  bool write_list(const Member& member, int levels) {
    if (bytes_[at_] != '[') return refuse("expected a list");
    if (!enter(']')) return true;
    do {
      ++path_.back().index;
      if (is_null()) {
        skip();
      } else if (!write_message(member, levels)) {
        return false;
      }
    } while (advance());
    return true;
  }

  bool write_scalar(const Member& member) {
    switch (member.form) {
      case Form::kText:
        if (!is_string()) return refuse("expected a string");
        out_.bytes(member.number, text());
        return true;
      case Form::kHex:
        return write_bytes(member, from_hex, "expected hexadecimal digits");
      case Form::kBase64:
        return write_bytes(member, base::base64_decode, "expected base64");
      case Form::kFixed64:
        return write_fixed64(member);
      case Form::kInteger:
        return write_integer(member);
      case Form::kFlag:
        if (bytes_[at_] != 't' && bytes_[at_] != 'f') return refuse("expected true or false");
        out_.integer(member.number, bytes_[at_] == 't' ? 1 : 0);
        return true;
      case Form::kReal:
        return write_real(member);
      case Form::kSpanKind:
        return write_enum(member, span_kind_of);
      case Form::kSeverity:
        return write_enum(member, severity_of);
      case Form::kMessage:
      case Form::kMessages:
        break;
    }
    return false;
  }

  template <class Decode>
  bool write_bytes(const Member& member, Decode decode, std::string_view expected) {
    const auto bytes = is_string() ? decode(text()) : std::nullopt;
    if (!bytes) return refuse(expected);
    out_.bytes(member.number, *bytes);
    return true;
  }

  // A number, or the text of one.
  std::string_view number_text() {
    if (is_number()) return raw();
    const std::string_view digits = is_string() ? text() : std::string_view();
    return json::number_length(digits, 0) == digits.size() ? digits : std::string_view();
  }

  bool write_fixed64(const Member& member) {
    const std::string_view digits = number_text();
    std::uint64_t number = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.empty()) return refuse("expected an integer");
    if (error != std::errc() || stop != digits.data() + digits.size()) {
      const auto whole = json::to_int64(digits);  // 1.7e18
      if (!whole || *whole < 0) return refuse("expected an unsigned integer of 64 bits");
      number = static_cast<std::uint64_t>(*whole);
    }
    out_.fixed64(member.number, number);
    return true;
  }

  bool write_integer(const Member& member) {
    const std::string_view digits = number_text();
    if (digits.empty()) return refuse("expected an integer");
    const auto number = json::to_int64(digits);
    if (!number) return refuse("expected an integer of 64 bits");
    out_.integer(member.number, *number);
    return true;
  }

  bool write_real(const Member& member) {
    const std::string_view digits = number_text();
    double number = 0;
    if (!digits.empty()) {
      number = json::to_double(digits);
    } else {
      const std::string_view word = is_string() ? text() : std::string_view();
      constexpr double kInfinity = std::numeric_limits<double>::infinity();
      if (word == "NaN") {
        number = std::numeric_limits<double>::quiet_NaN();
      } else if (word == "Infinity" || word == "-Infinity") {
        number = word.starts_with('-') ? -kInfinity : kInfinity;
      } else {
        return refuse("expected a number");
      }
    }
    out_.real(member.number, number);
    return true;
  }

  template <class ByName>
  bool write_enum(const Member& member, ByName by_name) {
    if (!is_number() && !is_string()) return refuse("expected an enum's number");
    const std::string_view digits = number_text();
    const auto number = digits.empty() ? by_name(text()) : json::to_int64(digits).value_or(0);
    out_.integer(member.number, number);
    return true;
  }

  const std::uint8_t* const bytes_;
  const std::uint32_t* const positions_;
  const json::Container* const containers_;
  const std::string_view source_;
  std::uint32_t at_ = 0;       // a token
  std::uint32_t ordinal_ = 0;  // of the first container that opens at at_ or behind it
  ProtobufWriter out_;
  std::string unescaped_;
  std::vector<Step> path_;
  std::string error_;
};

}  // namespace

Result<std::string> otlp_json_to_protobuf(OtlpSignal signal, std::string_view json) {
  // Reading takes some ten bytes a token, of which there may be one a byte.
  const auto tokens_at_least = std::count_if(json.begin(), json.end(), [](char c) {
    return c == ',' || c == ':' || (c | 0x20) == '{' || (c | 0x20) == '}';
  });
  if (tokens_at_least > limits::kOtlpJsonTokensMax) {
    return fail(ErrorCode::kInvalidArgument,
                "the request has too many values; send less at a time");
  }
  json::TokenStream tokens;
  switch (tokens.read(json)) {
    case json::TokenStream::Fault::kNone:
      break;
    case json::TokenStream::Fault::kUtf8:
      return fail(ErrorCode::kCorrupt, "the request is not valid UTF-8");
    case json::TokenStream::Fault::kTooDeep:
      return fail(ErrorCode::kCorrupt, "the request is nested too deeply");
    case json::TokenStream::Fault::kSyntax:
    case json::TokenStream::Fault::kTooLong:
      return fail(ErrorCode::kCorrupt, "the request is not JSON");
  }
  return Transcoder(tokens).run(kRequests[static_cast<std::size_t>(signal)]);
}

}  // namespace apitoolkit::wire
