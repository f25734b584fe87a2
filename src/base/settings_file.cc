#include "src/base/settings_file.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1  // the distribution's library is built with exceptions
#include <toml++/toml.h>

#include <optional>
#include <utility>

#include "src/base/file.h"

namespace apitoolkit {
namespace {

std::optional<std::vector<std::string>> texts_of(const toml::array& array) {
  std::vector<std::string> texts;
  for (const toml::node& node : array) {
    auto text = node.value_exact<std::string>();
    if (!text) return std::nullopt;
    texts.push_back(std::move(*text));
  }
  return texts;
}

std::optional<decltype(Setting::value)> value_of(const toml::node& node) {
  if (auto text = node.value_exact<std::string>()) return std::move(*text);
  if (const auto number = node.value_exact<std::int64_t>()) return *number;
  if (const auto number = node.value_exact<double>()) return *number;
  if (const auto flag = node.value_exact<bool>()) return *flag;
  if (const toml::array* array = node.as_array()) {
    if (auto texts = texts_of(*array)) return std::move(*texts);
  }
  return std::nullopt;
}

}  // namespace

Result<Settings> read_settings_file(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  const toml::parse_result parsed = toml::parse(*text, path);
  if (!parsed) {
    return refuse_setting(path, parsed.error().source().begin.line, parsed.error().description());
  }
  Settings settings;
  for (const auto& [key, node] : parsed.table()) {
    auto value = value_of(node);
    const std::uint32_t line = node.source().begin.line;
    if (!value) {
      return refuse_setting(
          path, line,
          std::string(key.str()) +
              ": expected a string, a number, true or false, or a list of strings");
    }
    settings[std::string(key.str())] = {.value = std::move(*value), .line = line};
  }
  return settings;
}

tl::unexpected<Error> refuse_setting(const std::string& path, std::uint32_t line,
                                     std::string_view what) {
  std::string message = path;
  message.append(":").append(std::to_string(line)).append(": ").append(what);
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}

}  // namespace apitoolkit
