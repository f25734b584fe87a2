// A configuration file: TOML, one flat table of settings, whose types are TOML's own.
//
//   redact_headers = ["X-Session"]
//   flush_timeout_s = 2.5
//   debug = true
//
// The server's file and the SDK's are both read here; what their names mean is up to the reader.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "apitoolkit/result.h"

namespace apitoolkit {

struct Setting {
  std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>> value;
  std::uint32_t line = 0;  // where it stands, from 1

  const std::string* text() const { return std::get_if<std::string>(&value); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value); }
  const bool* flag() const { return std::get_if<bool>(&value); }
  const std::vector<std::string>* list() const {
    return std::get_if<std::vector<std::string>>(&value);
  }
};

using Settings = std::map<std::string, Setting, std::less<>>;

// Errors name the place, "file.toml:3: …": kIo if the file cannot be read, kInvalidArgument if it
// is not TOML or holds a value of another kind (a table, a date, a list of other things than
// texts).
Result<Settings> read_settings_file(const std::string& path);

// kInvalidArgument, with the place in front: "file.toml:3: " and what is wrong.
tl::unexpected<Error> refuse_setting(const std::string& path, std::uint32_t line,
                                     std::string_view what);

}  // namespace apitoolkit
