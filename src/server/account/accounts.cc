#include "src/server/account/accounts.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "src/base/base64.h"
#include "src/base/limits.h"

namespace apitoolkit::server::account {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

std::int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

const RulesOfProject& no_rules() {
  static const RulesOfProject kNone = std::make_shared<const std::vector<RedactionRule>>();
  return kNone;
}

// The rules of each project; where they are as they were, the vector that was there before, so that
// nobody compiles them again.
std::map<Uuid, RulesOfProject> group(std::vector<RedactionRule> rules,
                                     const std::map<Uuid, RulesOfProject>& before) {
  std::map<Uuid, std::vector<RedactionRule>> by_project;
  for (RedactionRule& rule : rules) by_project[rule.project].push_back(std::move(rule));
  std::map<Uuid, RulesOfProject> grouped;
  for (auto& [project, list] : by_project) {
    const auto old = before.find(project);
    grouped[project] = old != before.end() && *old->second == list
                           ? old->second
                           : std::make_shared<const std::vector<RedactionRule>>(std::move(list));
  }
  return grouped;
}

}  // namespace

Accounts::Accounts(std::unique_ptr<Catalog> catalog, const base::Clock& clock)
    : catalog_(std::move(catalog)), clock_(clock) {}

Result<std::unique_ptr<Accounts>> Accounts::open(std::unique_ptr<Catalog> catalog,
                                                 const base::Clock& clock) {
  std::unique_ptr<Accounts> accounts(new Accounts(std::move(catalog), clock));
  if (auto loaded = accounts->load(); !loaded) return tl::unexpected<Error>(loaded.error());
  return accounts;
}

Status Accounts::load() {
  stale_ = true;  // until the end
  auto projects = catalog_->projects();
  if (!projects) return tl::unexpected<Error>(projects.error());
  auto keys = catalog_->keys();
  if (!keys) return tl::unexpected<Error>(keys.error());
  auto users = catalog_->users();
  if (!users) return tl::unexpected<Error>(users.error());
  auto rules = catalog_->rules();
  if (!rules) return tl::unexpected<Error>(rules.error());
  auto sessions = catalog_->sessions();
  if (!sessions) return tl::unexpected<Error>(sessions.error());
  auto removed = catalog_->removed_projects();
  if (!removed) return tl::unexpected<Error>(removed.error());
  const std::unique_lock lock(mutex_);
  projects_.clear();
  for (Project& project : *projects) {
    const Uuid id = project.id;
    projects_[id] = std::make_shared<const Project>(std::move(project));
  }
  keys_.clear();
  topics_.clear();
  for (ApiKey& key : *keys) {
    topics_[key.topic] = key.hash;
    keys_[key.hash] = std::move(key);
  }
  users_.clear();
  for (User& user : *users) users_[user.id] = std::move(user);
  rules_ = group(std::move(*rules), rules_);
  sessions_.clear();
  for (const Session& session : *sessions) sessions_[session.token_hash] = session;
  removed_projects_ = std::move(*removed);
  stale_ = false;
  return {};
}

Status Accounts::refresh() {
  const auto changed = catalog_->changed_elsewhere();
  if (!changed) return tl::unexpected<Error>(changed.error());
  if (*changed) stale_ = true;
  if (!stale_) return {};
  const std::lock_guard changing(change_mutex_);
  return load();
}

KeyHolder Accounts::holder_of(const ApiKey& key) {
  {
    const std::lock_guard lock(used_mutex_);
    used_ns_[key.id] = clock_.now_ns();
  }
  return {key.id,
          key.scopes,
          key.topic,
          projects_.at(key.project),
          "key " + key.prefix + " (" + key.name + ")",
          key.limits};
}

Result<KeyHolder> Accounts::find_key(std::string_view key) {
  const Digest hash = digest(key);
  const std::shared_lock lock(mutex_);
  const auto found = keys_.find(hash);
  if (found == keys_.end() || found->second.revoked_ns) {
    return fail(ErrorCode::kUnauthenticated, "the API key is unknown or revoked");
  }
  return holder_of(found->second);
}

Result<KeyHolder> Accounts::find_topic(std::string_view topic) {
  const std::shared_lock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) {
    return fail(ErrorCode::kNotFound, "Resource not found (resource=" + std::string(topic) + ").");
  }
  const ApiKey& key = keys_.at(found->second);
  if (key.revoked_ns) {
    return fail(ErrorCode::kUnauthenticated, "the API key that this topic belongs to is revoked");
  }
  return holder_of(key);
}

std::shared_ptr<const Project> Accounts::project(const Uuid& id) {
  const std::shared_lock lock(mutex_);
  const auto found = projects_.find(id);
  return found == projects_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const Project>> Accounts::projects() {
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<const Project>> all;
  for (const auto& [id, project] : projects_) all.push_back(project);
  return all;
}

std::vector<ApiKey> Accounts::keys_of(const Uuid& project) {
  std::vector<ApiKey> all;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [hash, key] : keys_) {
      if (key.project == project) all.push_back(key);
    }
  }
  const std::lock_guard lock(used_mutex_);
  for (ApiKey& key : all) {
    if (const auto used = used_ns_.find(key.id); used != used_ns_.end()) key.used_ns = used->second;
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return all;
}

std::optional<User> Accounts::user(std::int64_t id) {
  const std::shared_lock lock(mutex_);
  const auto found = users_.find(id);
  return found == users_.end() ? std::nullopt : std::optional<User>(found->second);
}

std::optional<User> Accounts::user(std::string_view name) {
  const std::shared_lock lock(mutex_);
  for (const auto& [id, user] : users_) {
    if (user.name == name) return user;
  }
  return std::nullopt;
}

std::vector<User> Accounts::users() {
  const std::shared_lock lock(mutex_);
  std::vector<User> all;
  for (const auto& [id, user] : users_) all.push_back(user);
  return all;
}

std::vector<User> Accounts::users_of(const Uuid& project) {
  std::vector<User> all = users();
  std::erase_if(all, [&project](const User& user) { return !user.role_in(project); });
  return all;
}

RulesOfProject Accounts::rules_of(const Uuid& project) {
  const std::shared_lock lock(mutex_);
  const auto found = rules_.find(project);
  return found == rules_.end() ? no_rules() : found->second;
}

std::vector<Uuid> Accounts::removed_projects() {
  const std::shared_lock lock(mutex_);
  return removed_projects_;
}

Status Accounts::check_password(std::string_view user_name, std::string_view password,
                                std::string_view peer) {
  const std::string by_name = "name " + std::string(user_name);
  const std::string by_peer = "peer " + std::string(peer);
  const std::int64_t steady = steady_ns();
  if (!limiter_.admit(by_peer, steady) || !limiter_.admit(by_name, steady)) {
    return fail(ErrorCode::kResourceExhausted, "too many log-ins failed: wait a minute");
  }
  const auto hash = catalog_->password_hash(user_name);
  if (!hash) return tl::unexpected<Error>(hash.error());
  if (!verify_password(password, hash->value_or(""))) {
    return fail(ErrorCode::kUnauthenticated, "the name or the password is wrong");
  }
  limiter_.succeeded(by_peer);
  limiter_.succeeded(by_name);
  return {};
}

Result<NewSession> Accounts::log_in(std::string_view user_name, std::string_view password,
                                    std::string_view peer) {
  if (auto right = check_password(user_name, password, peer); !right) {
    return tl::unexpected<Error>(right.error());
  }
  if (auto fresh = refresh(); !fresh) return tl::unexpected<Error>(fresh.error());
  const auto who = user(user_name);
  if (!who) return fail(ErrorCode::kUnauthenticated, "the name or the password is wrong");
  NewSession made;
  made.token = random_secret("");
  Session session;
  session.token_hash = digest(made.token);
  session.user_id = who->id;
  session.expires_ns = clock_.now_ns() + limits::kSessionLifetimeS * kSecondNs;
  const std::lock_guard changing(change_mutex_);
  {
    const std::shared_lock lock(mutex_);
    if (sessions_.size() >= limits::kSessionsMax) {
      return fail(ErrorCode::kResourceExhausted, "too many sessions: log out elsewhere");
    }
    auto holder = holder_of(session);
    if (!holder) return fail(ErrorCode::kPermissionDenied, "this user belongs to no project");
    made.holder = std::move(*holder);
  }
  session.project = made.holder.project->id;
  if (auto done = catalog_->add_session(session); !done) return tl::unexpected<Error>(done.error());
  const std::unique_lock lock(mutex_);
  sessions_[session.token_hash] = session;
  return made;
}

// Called with mutex_ held.
std::optional<SessionHolder> Accounts::holder_of(const Session& session) const {
  const auto user = users_.find(session.user_id);
  if (user == users_.end()) return std::nullopt;
  SessionHolder holder{session, user->second.name, Role::kViewer, nullptr};
  const auto take = [&](const std::shared_ptr<const Project>& project) {
    const auto role = user->second.role_in(project->id);
    if (!role) return false;
    holder.role = *role;
    holder.project = project;
    holder.session.project = project->id;
    return true;
  };
  const auto wanted = projects_.find(session.project);
  if (wanted != projects_.end() && take(wanted->second)) return holder;
  for (const auto& [id, project] : projects_) {
    if (take(project)) return holder;
  }
  return std::nullopt;
}

std::optional<SessionHolder> Accounts::find_session(std::string_view token) {
  const Digest hash = digest(token);
  const std::shared_lock lock(mutex_);
  const auto found = sessions_.find(hash);
  if (found == sessions_.end() || found->second.expires_ns <= clock_.now_ns()) return std::nullopt;
  return holder_of(found->second);
}

Status Accounts::switch_project(std::string_view token, const Uuid& project) {
  const Digest hash = digest(token);
  const std::lock_guard changing(change_mutex_);
  {
    const std::shared_lock lock(mutex_);
    const auto session = sessions_.find(hash);
    const auto user =
        session == sessions_.end() ? users_.end() : users_.find(session->second.user_id);
    if (user == users_.end() || !projects_.contains(project) || !user->second.role_in(project)) {
      return fail(ErrorCode::kNotFound, "there is no such project");
    }
  }
  if (auto done = catalog_->set_session_project(hash, project); !done) return done;
  const std::unique_lock lock(mutex_);
  if (const auto session = sessions_.find(hash); session != sessions_.end()) {
    session->second.project = project;
  }
  return {};
}

Status Accounts::log_out(std::string_view token) {
  const Digest hash = digest(token);
  const std::lock_guard changing(change_mutex_);
  {
    const std::unique_lock lock(mutex_);
    sessions_.erase(hash);
  }
  return catalog_->remove_session(hash);
}

std::string Accounts::csrf_token(std::string_view session_token) {
  const Digest hash = digest("csrf:" + std::string(session_token));
  return base::base64url_encode({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

Status Accounts::tidy() {
  std::unordered_map<std::int64_t, std::int64_t> used;
  {
    const std::lock_guard lock(used_mutex_);
    used.swap(used_ns_);
  }
  const std::lock_guard changing(change_mutex_);
  for (const auto& [id, used_ns] : used) {
    if (auto done = catalog_->set_key_used(id, used_ns); !done) return done;
  }
  const std::int64_t now_ns = clock_.now_ns();
  {
    const std::unique_lock lock(mutex_);
    for (auto& [hash, key] : keys_) {
      if (const auto found = used.find(key.id); found != used.end()) key.used_ns = found->second;
    }
    std::erase_if(sessions_,
                  [now_ns](const auto& entry) { return entry.second.expires_ns <= now_ns; });
  }
  return catalog_->tidy(now_ns);
}

}  // namespace apitoolkit::server::account
