#include "src/server/ingest/message_logs.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "src/base/clock.h"
#include "src/base/limits.h"
#include "src/json/document.h"
#include "src/json/number.h"
#include "src/json/writer.h"
#include "src/wire/exact_time.h"

namespace apitoolkit::server::ingest {
namespace {

constexpr std::string_view kMember = "logs";
constexpr std::string_view kBegin = ",\"logs\":[";
constexpr std::string_view kEnd = "]}";
constexpr std::string_view kEndCut = "],\"logs_cut\":true}";
constexpr std::size_t kSpanIdDigits = 16;
constexpr std::int64_t kSeverityMax = 24;

// The list, where the message has one.
std::optional<std::uint32_t> find_list(const json::Document& message) {
  if (message[message.root()].type != json::Type::kObject) return std::nullopt;
  const auto list = message.member(message.root(), kMember);
  return list && message[*list].type == json::Type::kArray ? list : std::nullopt;
}

// Most have none, and are not searched or even parsed for them: they are the last member.
bool may_have_logs(std::string_view message) {
  return (message.ends_with(kEnd) || message.ends_with(kEndCut)) &&
         message.find("\"logs\"") != std::string_view::npos;
}

bool is_span_id(std::string_view text) {
  return text.size() == kSpanIdDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::optional<store::LogEntry> read_line(const json::Document& message, std::uint32_t node) {
  if (message[node].type != json::Type::kObject) return std::nullopt;
  const auto member = [&](std::string_view name, json::Type type) {
    const auto found = message.member(node, name);
    return found && message[*found].type == type ? found : std::nullopt;
  };
  const auto time = member("timestamp", json::Type::kString);
  const auto body = member("body", json::Type::kString);
  const auto at_ns = time ? base::parse_rfc3339(message.text(*time)) : std::nullopt;
  if (!body || !at_ns) return std::nullopt;
  store::LogEntry line;
  line.time_ns = *at_ns;
  line.body = message.text(*body);
  if (const auto severity = member("severity", json::Type::kNumber)) {
    line.severity = static_cast<int>(std::clamp<std::int64_t>(
        json::to_int64(message.raw(*severity)).value_or(0), 0, kSeverityMax));
  }
  if (const auto span = member("span_id", json::Type::kString)) {
    std::string text = message.text(*span);
    if (is_span_id(text)) line.span_id = std::move(text);
  }
  if (const auto attributes = member("attributes", json::Type::kObject)) {
    line.attributes_json = message.raw(*attributes);
  }
  return line;
}

}  // namespace

void add_logs(std::span<const store::LogEntry> logs, std::string& message) {
  if (logs.empty()) return;
  message.pop_back();
  message += kBegin;
  for (const store::LogEntry& log : logs) {
    json::Writer w;
    w.begin_object().key("timestamp").value(wire::format_exact_time(log.time_ns));
    w.key("severity").value(log.severity).key("span_id").value(log.span_id);
    w.key("body").value(log.body).key("attributes");
    w.raw(log.attributes_json.empty() ? "{}" : log.attributes_json).end_object();
    const std::size_t size = message.size() + w.size() + 1 + kEndCut.size();
    if (size > static_cast<std::size_t>(limits::kMessageBytesMax)) {
      message += kEndCut;
      return;
    }
    if (message.back() != '[') message += ',';
    message += w.str();
  }
  message += kEnd;
}

std::vector<store::LogEntry> logs_of(std::string_view message, std::string_view trace_id) {
  std::vector<store::LogEntry> logs;
  if (trace_id.empty() || !may_have_logs(message)) return logs;
  const auto document = json::Document::parse(message);
  const auto list = document ? find_list(*document) : std::nullopt;
  if (!list) return logs;
  std::uint32_t node = *list + 1;
  for (std::uint32_t i = 0; i < (*document)[*list].count; i++) {
    if (auto line = read_line(*document, node)) {
      line->trace_id = trace_id;
      logs.push_back(std::move(*line));
    }
    node = (*document)[node].next;
  }
  return logs;
}

std::string_view logs_text(std::string_view message) {
  if (!may_have_logs(message)) return {};
  const auto document = json::Document::parse(message);
  const auto list = document ? find_list(*document) : std::nullopt;
  return list ? document->raw(*list) : std::string_view();
}

std::string without_logs(std::string_view message) {
  const std::string_view list = logs_text(message);
  if (list.empty()) return std::string(message);
  // Null is the same as absent.
  const auto begin = static_cast<std::size_t>(list.data() - message.data());
  std::string rest(message.substr(0, begin));
  return rest.append("null").append(message.substr(begin + list.size()));
}

}  // namespace apitoolkit::server::ingest
