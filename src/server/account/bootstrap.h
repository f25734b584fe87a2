// The first start: makes an owner, a project and an API key.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "apitoolkit/result.h"
#include "src/server/account/catalog.h"

namespace apitoolkit::server::account {

inline constexpr std::string_view kOwnerName = "owner";

// What automation may set instead of the random values.
struct BootstrapWishes {
  std::optional<std::string> password;  // APITOOLKIT_BOOTSTRAP_PASSWORD, at least 8 characters
  std::optional<std::string> key;       // APITOOLKIT_BOOTSTRAP_KEY, at least 16, see check_wishes
  std::optional<std::string>
      project;  // APITOOLKIT_BOOTSTRAP_PROJECT: a UUID is its id, else its name
};

// Reads the three variables through `getenv`; an empty one counts as not set.
BootstrapWishes read_wishes(const std::function<const char*(const char*)>& getenv);

// What was made. The secrets are there only where they were random: they are shown once.
struct Founded {
  Uuid project{};
  std::string project_name;
  std::optional<std::string> password;
  std::optional<std::string> key;
};

// kInvalidArgument names the variable and what is wrong with it: a key holds no "=", ",", "%" or
// white space, because it travels in OTEL_RESOURCE_ATTRIBUTES.
Status check_wishes(const BootstrapWishes& wishes);

// Fills an empty catalog; nullopt if it is not empty. Slow: an RSA key and argon2id.
Result<std::optional<Founded>> bootstrap(Catalog& catalog, const BootstrapWishes& wishes,
                                         std::int64_t now_ns);

}  // namespace apitoolkit::server::account
