#include "src/server/account/bootstrap.h"

#include <algorithm>
#include <string_view>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/server/account/accounts.h"

namespace apitoolkit::server::account {
namespace {

constexpr std::size_t kKeyBytesMin = 16;
constexpr std::size_t kWishBytesMax = 256;
constexpr std::size_t kGeneratedPasswordBytes = 24;  // 144 random bits, short enough to type

bool may_stand_in_key(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte < 0x7f && c != '=' && c != ',' && c != '%';
}

}  // namespace

BootstrapWishes read_wishes(const std::function<const char*(const char*)>& getenv) {
  const auto read = [&getenv](const char* name) -> std::optional<std::string> {
    const char* value = getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string(value);
  };
  return {read("APITOOLKIT_BOOTSTRAP_PASSWORD"), read("APITOOLKIT_BOOTSTRAP_KEY"),
          read("APITOOLKIT_BOOTSTRAP_PROJECT")};
}

Status check_wishes(const BootstrapWishes& wishes) {
  if (wishes.password && (wishes.password->size() < limits::kPasswordBytesMin ||
                          wishes.password->size() > kWishBytesMax)) {
    return fail(ErrorCode::kInvalidArgument,
                "APITOOLKIT_BOOTSTRAP_PASSWORD: expected 8 to 256 characters");
  }
  if (wishes.key) {
    if (wishes.key->size() < kKeyBytesMin || wishes.key->size() > kWishBytesMax) {
      return fail(ErrorCode::kInvalidArgument,
                  "APITOOLKIT_BOOTSTRAP_KEY: expected 16 to 256 characters");
    }
    if (!std::all_of(wishes.key->begin(), wishes.key->end(), may_stand_in_key)) {
      return fail(
          ErrorCode::kInvalidArgument,
          "APITOOLKIT_BOOTSTRAP_KEY: expected printable ASCII without \"=\", \",\", \"%\" or "
          "white space");
    }
  }
  if (wishes.project && wishes.project->size() > kWishBytesMax) {
    return fail(ErrorCode::kInvalidArgument,
                "APITOOLKIT_BOOTSTRAP_PROJECT: expected at most 256 characters");
  }
  return {};
}

Result<std::optional<Founded>> bootstrap(Catalog& catalog, const BootstrapWishes& wishes,
                                         std::int64_t now_ns) {
  auto users = catalog.users();
  if (!users) return tl::unexpected<Error>(users.error());
  auto projects = catalog.projects();
  if (!projects) return tl::unexpected<Error>(projects.error());
  if (!users->empty() || !projects->empty()) return std::optional<Founded>{};
  if (auto fine = check_wishes(wishes); !fine) return tl::unexpected<Error>(fine.error());

  Founded founded;
  const auto wished_id = base::parse_uuid(wishes.project.value_or(""));
  founded.project = wished_id ? *wished_id : base::make_uuid_v4();
  founded.project_name = wished_id ? "default" : wishes.project.value_or("default");
  if (!wishes.password) founded.password = random_secret("").substr(0, kGeneratedPasswordBytes);
  if (!wishes.key) founded.key = random_secret("atk_");

  auto project = make_project(founded.project, founded.project_name);
  if (!project) return tl::unexpected<Error>(project.error());
  const std::string& secret = wishes.key ? *wishes.key : *founded.key;
  const Scopes scopes{static_cast<std::uint8_t>(static_cast<unsigned>(Scope::kIngest) |
                                                static_cast<unsigned>(Scope::kRead))};
  ApiKey key = make_key(founded.project, "first key", scopes, secret);
  User user;
  user.name = kOwnerName;
  user.is_owner = true;
  auto hash = hash_password(wishes.password ? *wishes.password : *founded.password);
  if (!hash) return tl::unexpected<Error>(hash.error());
  if (auto done = catalog.found(user, *hash, founded.password.has_value(), *project, key, now_ns);
      !done) {
    return tl::unexpected<Error>(done.error());
  }
  return std::optional<Founded>{std::move(founded)};
}

}  // namespace apitoolkit::server::account
