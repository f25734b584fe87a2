#include "src/cli/sse_reader.h"

#include <algorithm>
#include <utility>

namespace apitoolkit::cli {
namespace {

constexpr std::size_t kLineBytesMax = std::size_t{4} << 20;

}  // namespace

bool SseReader::feed(std::string_view piece) {
  for (const char c : piece) {
    const bool second_half = std::exchange(after_cr_, c == '\r') && c == '\n';
    if (second_half) continue;
    if (c == '\n' || c == '\r') {
      if (!end_line()) return false;
    } else if (line_.size() < kLineBytesMax) {
      line_ += c;
    } else {
      return false;
    }
  }
  return true;
}

bool SseReader::end_line() {
  const std::string line = std::exchange(line_, {});
  if (line.empty()) return end_event();
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = std::string_view(line).substr(0, colon);
  std::string_view value = std::string_view(line).substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "event") event_.name = value;
  if (name == "id") id_ = value;
  if (name == "data") {
    if (std::exchange(has_data_, true)) event_.data += '\n';
    event_.data += value;
  }
  return true;
}

bool SseReader::end_event() {
  SseEvent event = std::exchange(event_, {});
  const bool has_data = std::exchange(has_data_, false);
  const std::string id = std::exchange(id_, {});
  if (event.name.empty()) event.name = "message";
  const bool go_on = !has_data || take_(event);
  // Afterwards: an event that could not be taken comes again.
  if (!id.empty() && go_on) last_id_ = id;
  return go_on;
}

}  // namespace apitoolkit::cli
