#include "src/cli/load_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "src/cli/progress.h"
#include "src/json/writer.h"

namespace apitoolkit::cli {
namespace {

constexpr int kHistogramColumns = 40;
constexpr std::array<std::pair<const char*, double>, 4> kPercentiles{
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}}};

// Three digits and a unit: "870 µs", "14.2 ms", "3.05 s".
std::string latency(std::int64_t us) {
  const std::array<const char*, 3> units{"µs", "ms", "s"};
  auto value = static_cast<double>(us);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  const int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f %s", decimals, value, units[unit]);
  return text.data();
}

double per(double amount, double of) {
  return of > 0 ? amount / of : 0;
}

double per_second(const LoadReport& report) {
  return per(static_cast<double>(report.measured), report.seconds);
}

std::string fixed(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string padded(std::string text, std::size_t width) {
  // A "µ" is two bytes and one column.
  const auto wide = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) == 0x80; }));
  return std::string(width + wide - std::min(width + wide, text.size()), ' ') + text;
}

std::string histogram_text(const LatencyHistogram& latencies) {
  const auto rows = latencies.rows();
  std::int64_t most = 1;
  for (const auto& row : rows) most = std::max(most, row.count);
  std::string text;
  for (const auto& row : rows) {
    const double share = static_cast<double>(row.count) / static_cast<double>(most);
    const auto marks = static_cast<std::size_t>(std::ceil(share * kHistogramColumns));
    const double percent =
        100 * static_cast<double>(row.count) / static_cast<double>(latencies.count());
    text += "  <= " + padded(latency(row.upto_us), 8) + "  |" + std::string(marks, '#') +
            std::string(kHistogramColumns - marks, ' ') + padded(fixed(percent, 2), 7) + " %\n";
  }
  return text;
}

std::string whole_seconds(double seconds) {
  return std::to_string(static_cast<std::int64_t>(std::ceil(std::max(0.0, seconds)))) + " s";
}

}  // namespace

std::string grouped(std::int64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const bool begins_group = (digits.size() - i) % 3 == 0;
    if (begins_group && !text.empty() && text != "-") text += ',';
    text += digits[i];
  }
  return text;
}

std::string load_report_text(const LoadReport& report) {
  const double seconds = report.seconds;
  std::string text = grouped(report.measured) + " exchanges acknowledged in " + fixed(seconds, 1) +
                     " s: " + grouped(std::llround(per_second(report))) + "/s, " +
                     decimal_bytes(per(static_cast<double>(report.request_bytes), seconds)) +
                     "/s sent\n";
  const auto messages = static_cast<double>(report.messages);
  text += "an exchange: " + decimal_bytes(per(static_cast<double>(report.bodies_bytes), messages)) +
          " of bodies, " + decimal_bytes(per(static_cast<double>(report.message_bytes), messages)) +
          " as a message\n";
  if (report.latency.count() > 0) {
    text += "acknowledged after ";
    for (const auto& [name, part] : kPercentiles) {
      text += std::string(name) + " " + latency(report.latency.percentile_us(part)) + "  ";
    }
    text += "max " + latency(report.latency.max_us()) + "\n" + histogram_text(report.latency);
  }
  text += "requests: " + grouped(report.refused) + " refused for now, " + grouped(report.failed) +
          " without an answer, " + grouped(report.retried) + " sent again\n";
  if (report.unacknowledged > 0) {
    text += grouped(report.unacknowledged) + " of " + grouped(report.sent) +
            " exchanges were sent and not acknowledged\n";
  }
  text +=
      "this client took " + fixed(100 * per(report.client_cpu_s, seconds), 0) + " % of a core\n";
  return text;
}

std::string load_report_json(const LoadReport& report) {
  const auto milliseconds = [](std::int64_t us) { return static_cast<double>(us) / 1000; };
  const auto messages = static_cast<double>(report.messages);
  json::Writer w;
  w.begin_object();
  w.key("exchanges_per_s").value(per_second(report));
  w.key("exchanges").value(report.measured);
  w.key("seconds").value(report.seconds);
  w.key("ack_ms").begin_object();
  for (const auto& [name, part] : kPercentiles) {
    w.key(name).value(milliseconds(report.latency.percentile_us(part)));
  }
  w.key("max").value(milliseconds(report.latency.max_us()));
  w.end_object();
  w.key("sent").value(report.sent);
  w.key("acknowledged").value(report.acknowledged);
  w.key("unacknowledged").value(report.unacknowledged);
  w.key("refused").value(report.refused);
  w.key("failed").value(report.failed);
  w.key("retried").value(report.retried);
  w.key("refusal");
  report.refusal.empty() ? w.null() : w.value(report.refusal);
  w.key("request_bytes_per_s")
      .value(per(static_cast<double>(report.request_bytes), report.seconds));
  w.key("message_bytes").value(per(static_cast<double>(report.message_bytes), messages));
  w.key("bodies_bytes").value(per(static_cast<double>(report.bodies_bytes), messages));
  w.key("client_cores").value(per(report.client_cpu_s, report.seconds));
  w.key("histogram").begin_array();
  for (const auto& row : report.latency.rows()) {
    w.begin_object();
    w.key("upto_ms").value(milliseconds(row.upto_us)).key("exchanges").value(row.count);
    w.end_object();
  }
  w.end_array().end_object();
  return std::move(w).str() + "\n";
}

std::string load_live_line(const LoadRun::Now& now, double recent_per_s, int columns) {
  const LoadReport& report = now.report;
  std::string numbers = "  " + padded(std::to_string(static_cast<int>(now.part * 100)), 3) +
                        " %  " + grouped(std::llround(recent_per_s)) + "/s";
  if (report.latency.count() > 0) {
    numbers += "  p99 " + latency(report.latency.percentile_us(0.99));
  }
  if (report.refused > 0) numbers += "  " + grouped(report.refused) + " refused";
  if (report.failed > 0) numbers += "  " + grouped(report.failed) + " failed";
  if (now.part > 0) {
    numbers += "  " + whole_seconds(now.seconds / now.part - now.seconds) + " left";
  }
  const std::string verb = "sending";
  const auto room = static_cast<std::size_t>(std::max(columns, 1));
  std::string line = verb + progress_bar(now.part) + numbers;
  if (line.size() > room) line = verb + numbers;
  return line.substr(0, room);
}

}  // namespace apitoolkit::cli
