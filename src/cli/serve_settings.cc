#include "src/cli/serve_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "src/base/settings_file.h"

namespace apitoolkit::cli {
namespace {

constexpr std::array<std::string_view, 14> kNames{"data",
                                                  "listen",
                                                  "grpc_listen",
                                                  "otlp_listen",
                                                  "retention_days",
                                                  "retention_bytes",
                                                  "insecure_http",
                                                  "tls_cert",
                                                  "tls_key",
                                                  "trusted_proxy",
                                                  "key_requests_per_s",
                                                  "key_bytes_per_s",
                                                  "metadata_refresh_s",
                                                  "config"};
constexpr int kRetentionDaysMax = 3650;

enum class Place { kFlag, kEnvironment, kFile };

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

// What the user wrote: "--retention-days", "APITOOLKIT_SERVER_RETENTION_DAYS" or "retention_days".
std::string spelled(std::string_view name, Place place) {
  if (place == Place::kEnvironment) return "APITOOLKIT_SERVER_" + upper(name);
  if (place == Place::kFile) return std::string(name) + " in the configuration file";
  std::string flag = "--" + std::string(name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

struct Value {
  std::string text;
  std::string spelled;
};

std::optional<Value> find(std::string_view name, const Given& flags, const Given& environment,
                          const Given& file) {
  const std::array<std::pair<const Given*, Place>, 3> places{
      {{&flags, Place::kFlag}, {&environment, Place::kEnvironment}, {&file, Place::kFile}}};
  for (const auto& [given, place] : places) {
    if (const auto found = given->find(name); found != given->end()) {
      return Value{found->second, spelled(name, place)};
    }
  }
  return std::nullopt;
}

tl::unexpected<Error> expected(const Value& value, std::string_view what) {
  return fail(ErrorCode::kInvalidArgument,
              value.spelled + ": expected " + std::string(what) + ", got \"" + value.text + "\"");
}

template <class T>
std::optional<T> parse_integer(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "1000000", "500MB", "20GB", "1TB": decimal units, at least 1 MB.
std::optional<std::int64_t> parse_bytes(std::string_view text) {
  constexpr std::int64_t kMegabyte = 1'000'000;
  std::int64_t unit = 1;
  for (const auto& [name, bytes] : {std::pair<std::string_view, std::int64_t>{"MB", kMegabyte},
                                    {"GB", 1000 * kMegabyte},
                                    {"TB", 1'000'000 * kMegabyte}}) {
    if (!text.ends_with(name)) continue;
    unit = bytes;
    text.remove_suffix(name.size());
    break;
  }
  const auto number = parse_integer<std::int64_t>(text);
  std::int64_t product = 0;
  if (!number || __builtin_mul_overflow(*number, unit, &product) || product < kMegabyte) {
    return std::nullopt;
  }
  return product;
}

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080".
Status read_address(const Value& value, Address& out) {
  constexpr std::string_view kForm = "an address and a port, such as 127.0.0.1:8080 or [::1]:8080";
  const std::size_t colon = value.text.rfind(':');
  if (colon == std::string::npos || colon == 0) return expected(value, kForm);
  std::string host = value.text.substr(0, colon);
  const auto port = parse_integer<std::uint16_t>(std::string_view(value.text).substr(colon + 1));
  if (!port) return expected(value, kForm);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return expected(value, kForm);
  }
  out = {host == "localhost" ? "127.0.0.1" : host, *port};
  return {};
}

Status read_flag(const Value& value, bool& flag) {
  if (value.text == "true" || value.text == "1") {
    flag = true;
  } else if (value.text == "false" || value.text == "0") {
    flag = false;
  } else {
    return expected(value, "true or false");
  }
  return {};
}

// Names separated by commas.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Status read_number(const Value& value, std::int64_t least, std::int64_t most, std::int64_t& out) {
  const auto number = parse_integer<std::int64_t>(value.text);
  if (!number || *number < least || *number > most) {
    return expected(value,
                    "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  out = *number;
  return {};
}

// A setting as the text that a flag would have.
std::optional<std::string> text_of(const Setting& setting) {
  if (const std::string* text = setting.text()) return *text;
  if (const std::int64_t* number = setting.integer()) return std::to_string(*number);
  if (const bool* flag = setting.flag()) return *flag ? "true" : "false";
  return std::nullopt;
}

}  // namespace

Given read_environment(const std::function<const char*(const char*)>& getenv) {
  Given given;
  for (const std::string_view name : kNames) {
    const char* value = getenv(spelled(name, Place::kEnvironment).c_str());
    if (value != nullptr && *value != '\0') given[std::string(name)] = value;
  }
  return given;
}

Result<Given> read_config_file(const std::string& path) {
  const auto settings = read_settings_file(path);
  if (!settings) return tl::unexpected(settings.error());
  Given given;
  for (const auto& [name, setting] : *settings) {
    if (name == "config" || std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
      return refuse_setting(path, setting.line,
                            "there is no option \"" + name + "\"; see `apitoolkit serve --help`");
    }
    auto text = text_of(setting);
    if (!text) {
      return refuse_setting(path, setting.line,
                            name + ": expected a string, an integer, true or false");
    }
    given[name] = std::move(*text);
  }
  return given;
}

Result<ServeSettings> resolve(const Given& flags, const Given& environment, const Given& file) {
  ServeSettings settings;
  const auto given = [&](std::string_view name) { return find(name, flags, environment, file); };
  const auto data = given("data");
  if (!data || data->text.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "--data: expected the directory in which the server keeps everything");
  }
  settings.data = data->text;
  if (const auto listen = given("listen")) {
    if (auto read = read_address(*listen, settings.listen); !read) {
      return tl::unexpected<Error>(read.error());
    }
  }
  for (auto [name, out] : {std::pair{"grpc_listen", &settings.grpc_listen},
                           std::pair{"otlp_listen", &settings.otlp_listen}}) {
    const auto listen = given(name);
    if (!listen) continue;
    if (auto read = read_address(*listen, out->emplace()); !read) {
      return tl::unexpected<Error>(read.error());
    }
  }
  if (const auto days = given("retention_days")) {
    const auto number = parse_integer<int>(days->text);
    if (!number || *number < 1 || *number > kRetentionDaysMax) {
      return expected(*days, "a number of days from 1 to 3650");
    }
    settings.retention_days = *number;
  }
  if (const auto bytes = given("retention_bytes")) {
    const auto number = parse_bytes(bytes->text);
    if (!number) return expected(*bytes, "a number of bytes, such as 500MB, 20GB or 1TB");
    settings.retention_bytes = *number;
  }
  if (const auto insecure = given("insecure_http")) {
    if (auto read = read_flag(*insecure, settings.insecure_http); !read) {
      return tl::unexpected<Error>(read.error());
    }
  }
  if (const auto path = given("tls_cert")) settings.tls_cert = path->text;
  if (const auto path = given("tls_key")) settings.tls_key = path->text;
  if (settings.tls_cert.empty() != settings.tls_key.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "--tls-cert and --tls-key belong together: give both or neither");
  }
  if (const auto proxies = given("trusted_proxy")) settings.trusted_proxies = split(proxies->text);
  struct Number {
    const char* name;
    std::int64_t least;
    std::int64_t most;
    std::int64_t* out;
  };
  for (const Number& one :
       {Number{"key_requests_per_s", 0, limits::kKeyRateMax, &settings.key_requests_per_s},
        {"key_bytes_per_s", 0, limits::kKeyRateMax, &settings.key_bytes_per_s},
        {"metadata_refresh_s", 1, 86'400, &settings.metadata_refresh_s}}) {
    const auto value = given(one.name);
    if (!value) continue;
    if (auto read = read_number(*value, one.least, one.most, *one.out); !read) {
      return tl::unexpected<Error>(read.error());
    }
  }
  return settings;
}

}  // namespace apitoolkit::cli
