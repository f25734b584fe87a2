// What changes who there is. Each change is written, with its line of the audit log, and then read
// again as a whole: changes are rare, and memory can then not say anything else than the file.
#include <algorithm>
#include <utility>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/server/account/accounts.h"

namespace apitoolkit::server::account {
namespace {

constexpr std::string_view kKeyPrefix = "atk_";
constexpr std::string_view kTopicPrefix = "at-";
constexpr std::string_view kSharePrefix = "ats_";
constexpr std::size_t kShownPrefixBytes = 8;
constexpr std::int64_t kSecondNs = 1'000'000'000;

// A name that people read: in lists, in the audit log and on a terminal.
Status check_name(std::string_view what, std::string_view name) {
  const bool printable = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (!name.empty() && name.size() <= limits::kNameBytesMax && printable) return {};
  return fail(ErrorCode::kInvalidArgument, std::string(what) + ": expected 1 to " +
                                               std::to_string(limits::kNameBytesMax) +
                                               " bytes without control characters");
}

Status check_password_length(std::string_view password) {
  if (password.size() >= limits::kPasswordBytesMin && password.size() <= limits::kNameBytesMax) {
    return {};
  }
  return fail(ErrorCode::kInvalidArgument, "password: expected " +
                                               std::to_string(limits::kPasswordBytesMin) + " to " +
                                               std::to_string(limits::kNameBytesMax) + " bytes");
}

std::string text_of(Scopes scopes) {
  std::string text;
  for (const std::string_view name : names_of(scopes)) {
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

std::string detail_of(const RedactionRule& rule) {
  std::string text = std::string(to_string(rule.kind)) + " " + rule.value;
  if (!rule.method.empty() || !rule.host.empty() || !rule.url_path.empty()) {
    text += " at " + rule.method + " " + rule.host + rule.url_path;
  }
  return text;
}

std::string detail_of(const KeyLimits& limits) {
  if (limits.requests_per_s == 0 && limits.bytes_per_s == 0) return "";
  return " requests_per_s=" + std::to_string(limits.requests_per_s) +
         " bytes_per_s=" + std::to_string(limits.bytes_per_s);
}

}  // namespace

AuditEntry Accounts::entry(const std::optional<Uuid>& project, std::string action,
                           std::string subject, std::string detail, const Actor& by) const {
  return {
      0, clock_.now_ns(), project, by, std::move(action), std::move(subject), std::move(detail)};
}

template <class Change>
Status Accounts::apply(Change change) {
  const std::lock_guard changing(change_mutex_);
  if (Status done = change(); !done) return done;
  return load();
}

Status Accounts::add_project(Project project, const Actor& by) {
  if (auto fine = check_name("name", project.name); !fine) return fine;
  return apply([&] {
    return catalog_->add_project(project,
                                 entry(project.id, "project.create", base::format_uuid(project.id),
                                       "name=" + project.name, by));
  });
}

Status Accounts::rename_project(const Uuid& id, const std::string& name, const Actor& by) {
  if (auto fine = check_name("name", name); !fine) return fine;
  return apply([&] {
    return catalog_->rename_project(
        id, name, entry(id, "project.rename", base::format_uuid(id), "name=" + name, by));
  });
}

Status Accounts::remove_project(const Uuid& id, const Actor& by) {
  const auto project = this->project(id);
  if (project == nullptr) return fail(ErrorCode::kNotFound, "there is no such project");
  return apply([&] {
    // Of no project: this one's entries nobody would be shown.
    return catalog_->remove_project(id, entry(std::nullopt, "project.delete", base::format_uuid(id),
                                              "name=" + project->name, by));
  });
}

Status Accounts::forget_removed_project(const Uuid& id) {
  return apply([&] { return catalog_->forget_removed_project(id); });
}

Result<NewKey> Accounts::add_key(const Uuid& project, std::string name, Scopes scopes,
                                 const Actor& by, KeyLimits limits) {
  if (auto fine = check_name("name", name); !fine) return tl::unexpected<Error>(fine.error());
  if (this->project(project) == nullptr) {
    return fail(ErrorCode::kNotFound, "there is no such project");
  }
  NewKey made;
  made.secret = random_secret(kKeyPrefix);
  made.key = make_key(project, std::move(name), scopes, made.secret);
  made.key.limits = limits;
  auto done = apply([&] {
    return catalog_->add_key(
        made.key,
        entry(project, "key.create", "",
              "name=" + made.key.name + " scopes=" + text_of(scopes) + detail_of(limits), by));
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return made;
}

Status Accounts::update_key(const ApiKey& key, const Actor& by) {
  if (auto fine = check_name("name", key.name); !fine) return fine;
  return apply([&] {
    return catalog_->update_key(key, entry(key.project, "key.update", std::to_string(key.id),
                                           "name=" + key.name + detail_of(key.limits), by));
  });
}

Status Accounts::revoke_key(const Uuid& project, std::int64_t id, const Actor& by) {
  return apply([&] {
    return catalog_->revoke_key(project, id,
                                entry(project, "key.revoke", std::to_string(id), "", by));
  });
}

Status Accounts::revoke_key(std::int64_t id, const Actor& by) {
  std::optional<Uuid> project;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [hash, key] : keys_) {
      if (key.id == id) project = key.project;
    }
  }
  if (!project) return fail(ErrorCode::kNotFound, "there is no such key");
  return revoke_key(*project, id, by);
}

Status Accounts::add_user(User& user, std::string_view password, const Actor& by) {
  if (auto fine = check_name("name", user.name); !fine) return fine;
  if (auto fine = check_password_length(password); !fine) return fine;
  const auto hash = hash_password(password);
  if (!hash) return tl::unexpected<Error>(hash.error());
  std::optional<Uuid> project;
  std::string role = "owner";
  if (!user.is_owner && !user.memberships.empty()) {
    project = user.memberships.begin()->first;
    role = to_string(user.memberships.begin()->second);
  }
  return apply([&] {
    return catalog_->add_user(user, *hash,
                              entry(project, "user.create", user.name, "role=" + role, by));
  });
}

Status Accounts::set_role(std::int64_t id, const Uuid& project, std::optional<Role> role,
                          const Actor& by) {
  const auto user = this->user(id);
  if (!user) return fail(ErrorCode::kNotFound, "there is no such user");
  if (!role && user->is_owner) return remove_user(id, by);
  if (!role) {
    return apply([&] {
      return catalog_->set_membership(id, project, std::nullopt,
                                      entry(project, "user.remove", user->name, "", by));
    });
  }
  const bool owner = *role == Role::kOwner;
  return apply([&]() -> Status {
    if (owner != user->is_owner) {
      auto done = catalog_->set_owner(
          id, owner, entry(std::nullopt, "user.owner", user->name, owner ? "yes" : "no", by));
      if (!done || owner) return done;
    }
    if (owner) return {};
    return catalog_->set_membership(
        id, project, role,
        entry(project, "user.role", user->name, "role=" + std::string(to_string(*role)), by));
  });
}

Status Accounts::remove_user(std::int64_t id, const Actor& by) {
  const auto user = this->user(id);
  if (!user) return fail(ErrorCode::kNotFound, "there is no such user");
  return apply([&] {
    return catalog_->remove_user(id, entry(std::nullopt, "user.delete", user->name, "", by));
  });
}

Status Accounts::set_password(std::int64_t id, std::string_view password, const Actor& by) {
  if (auto fine = check_password_length(password); !fine) return fine;
  const auto user = this->user(id);
  if (!user) return fail(ErrorCode::kNotFound, "there is no such user");
  const auto hash = hash_password(password);
  if (!hash) return tl::unexpected<Error>(hash.error());
  return apply([&] {
    return catalog_->set_password(id, *hash,
                                  entry(std::nullopt, "user.password", user->name, "", by));
  });
}

Status Accounts::add_rule(RedactionRule& rule, const Actor& by) {
  if (rules_of(rule.project)->size() >= static_cast<std::size_t>(limits::kRedactionRulesMax)) {
    return fail(
        ErrorCode::kInvalidArgument,
        "a project has at most " + std::to_string(limits::kRedactionRulesMax) + " redaction rules");
  }
  return apply([&] {
    return catalog_->add_rule(rule,
                              entry(rule.project, "redaction.create", "", detail_of(rule), by));
  });
}

Status Accounts::update_rule(const RedactionRule& rule, const Actor& by) {
  return apply([&] {
    return catalog_->update_rule(rule, entry(rule.project, "redaction.update",
                                             std::to_string(rule.id), detail_of(rule), by));
  });
}

Status Accounts::remove_rule(const Uuid& project, std::int64_t id, const Actor& by) {
  std::string detail;
  for (const RedactionRule& rule : *rules_of(project)) {
    if (rule.id == id) detail = detail_of(rule);
  }
  return apply([&] {
    return catalog_->remove_rule(
        project, id, entry(project, "redaction.delete", std::to_string(id), detail, by));
  });
}

Result<NewShare> Accounts::add_share(const Uuid& project, const Uuid& exchange,
                                     std::int64_t lifetime_s, const Actor& by) {
  NewShare made;
  made.token = random_secret(kSharePrefix);
  Share& share = made.share;
  share.project = project;
  share.exchange = exchange;
  share.token_hash = digest(made.token);
  share.created_by = by.name;
  share.expires_ns = clock_.now_ns() + lifetime_s * kSecondNs;
  const auto there_are = catalog_->shares(project);
  if (!there_are) return tl::unexpected<Error>(there_are.error());
  if (there_are->size() >= static_cast<std::size_t>(limits::kSharesMax)) {
    return fail(
        ErrorCode::kInvalidArgument,
        "a project has at most " + std::to_string(limits::kSharesMax) + " shares: delete some");
  }
  auto done = catalog_->add_share(
      share, entry(project, "share.create", "", "exchange=" + base::format_uuid(exchange), by));
  if (!done) return tl::unexpected<Error>(done.error());
  return made;
}

Status Accounts::remove_share(const Uuid& project, std::int64_t id, const Actor& by) {
  return catalog_->remove_share(project, id,
                                entry(project, "share.delete", std::to_string(id), "", by));
}

Result<std::optional<Share>> Accounts::find_share(std::string_view token) {
  auto share = catalog_->share(digest(token));
  if (!share) return share;
  if (*share && (*share)->expires_ns <= clock_.now_ns()) return std::optional<Share>{};
  return share;
}

Status Accounts::record(const std::optional<Uuid>& project, std::string action, std::string subject,
                        std::string detail, const Actor& by) {
  return catalog_->add_audit(
      entry(project, std::move(action), std::move(subject), std::move(detail), by));
}

Result<Project> make_project(const Uuid& id, std::string name) {
  auto key = wire::RsaKey::generate();
  if (!key) return tl::unexpected<Error>(key.error());
  Project project;
  project.id = id;
  project.name = std::move(name);
  // As Google's project ids: letters, digits and hyphens, at most 30 of them.
  const std::string text = base::format_uuid(id);
  project.pubsub_project_id =
      "apitoolkit-" + text.substr(0, 8) + "-" + text.substr(text.size() - 8);
  project.client_email = "ingest@" + project.pubsub_project_id + ".iam.gserviceaccount.com";
  project.key_id = random_secret("").substr(0, 20);
  project.private_key_pem = key->private_pem();
  project.key = std::move(*key);
  return project;
}

ApiKey make_key(const Uuid& project, std::string name, Scopes scopes, std::string_view secret) {
  ApiKey key;
  key.project = project;
  key.hash = digest(secret);
  key.name = std::move(name);
  key.prefix = secret.substr(0, kShownPrefixBytes);
  key.scopes = scopes;
  key.topic = random_secret(kTopicPrefix);
  return key;
}

}  // namespace apitoolkit::server::account
