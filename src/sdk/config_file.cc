// read_config_file(): the settings of a TOML file, by the names of Config's members.
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "apitoolkit/config.h"
#include "src/base/settings_file.h"

namespace apitoolkit {
namespace {

using Member = std::variant<std::string Config::*, std::vector<std::string> Config::*,
                            std::int64_t Config::*, double Config::*, bool Config::*>;

// What the environment or the program alone decides (sdk, custom_transport) has no name here.
const std::pair<std::string_view, Member> kSettings[] = {
    {"api_key", &Config::api_key},
    {"root_url", &Config::root_url},
    {"pubsub_endpoint", &Config::pubsub_endpoint},
    {"otlp_endpoint", &Config::otlp_endpoint},
    {"otlp_headers", &Config::otlp_headers},
    {"service_name", &Config::service_name},
    {"service_version", &Config::service_version},
    {"tags", &Config::tags},
    {"redact_headers", &Config::redact_headers},
    {"redact_request_body", &Config::redact_request_body},
    {"redact_response_body", &Config::redact_response_body},
    {"redact_query", &Config::redact_query},
    {"scrub", &Config::scrub},
    {"redact_non_json", &Config::redact_non_json},
    {"redact_default_headers", &Config::redact_default_headers},
    {"sample_rate", &Config::sample_rate},
    {"body_bytes_max", &Config::body_bytes_max},
    {"queue_bytes_max", &Config::queue_bytes_max},
    {"spool_dir", &Config::spool_dir},
    {"spool_bytes_max", &Config::spool_bytes_max},
    {"debug", &Config::debug},
    {"enabled", &Config::enabled},
    {"transport", &Config::transport},
};
constexpr std::string_view kFlushTimeout = "flush_timeout_s";  // Config has it in milliseconds

// Whole numbers are numbers, too.
std::optional<double> number_of(const Setting& setting) {
  if (const auto* whole = setting.integer()) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&setting.value)) return *real;
  return std::nullopt;
}

// Each gives what was expected, or nothing.
struct Take {
  Config& config;
  const Setting& setting;

  std::string_view operator()(std::string Config::*member) const {
    if (setting.text() == nullptr) return "a string";
    config.*member = *setting.text();
    return {};
  }
  std::string_view operator()(std::vector<std::string> Config::*member) const {
    if (setting.list() != nullptr) {
      config.*member = *setting.list();
    } else if (setting.text() != nullptr) {
      config.*member = {*setting.text()};
    } else {
      return "a list of strings";
    }
    return {};
  }
  std::string_view operator()(std::int64_t Config::*member) const {
    if (setting.integer() == nullptr || *setting.integer() < 0) return "a whole number from 0 on";
    config.*member = *setting.integer();
    return {};
  }
  std::string_view operator()(double Config::*member) const {
    const auto number = number_of(setting);
    if (!number) return "a number";
    config.*member = *number;
    return {};
  }
  std::string_view operator()(bool Config::*member) const {
    if (setting.flag() == nullptr) return "true or false";
    config.*member = *setting.flag();
    return {};
  }
};

std::string_view take_flush_timeout(Config& config, const Setting& setting) {
  constexpr double kSecondsMax = 1e6;
  const double seconds = number_of(setting).value_or(-1);
  if (!(seconds >= 0 && seconds < kSecondsMax)) return "a number of seconds from 0 on";
  config.flush_timeout_ms = std::llround(seconds * 1000);
  return {};
}

std::string_view take(std::string_view name, const Setting& setting, Config& config) {
  if (name == kFlushTimeout) return take_flush_timeout(config, setting);
  for (const auto& [known, member] : kSettings) {
    if (known == name) return std::visit(Take{config, setting}, member);
  }
  return "a setting of the SDK (docs/options.md)";
}

}  // namespace

Status read_config_file(const std::string& path, Config& config) {
  const auto settings = read_settings_file(path);
  if (!settings) return tl::unexpected(settings.error());
  Config read = config;
  for (const auto& [name, setting] : *settings) {
    const std::string_view expected = take(name, setting, read);
    if (expected.empty()) continue;
    return refuse_setting(path, setting.line, name + ": expected " + std::string(expected));
  }
  config = std::move(read);
  return {};
}

}  // namespace apitoolkit
