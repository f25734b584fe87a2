#include "src/server/account/accounts.h"

#include <chrono>
#include <utility>

#include "src/base/base64.h"
#include "src/base/limits.h"
#include "src/base/uuid.h"

namespace apitoolkit::server::account {
namespace {

constexpr std::string_view kKeyPrefix = "atk_";
constexpr std::string_view kTopicPrefix = "at-";
constexpr std::size_t kShownPrefixBytes = 8;
constexpr std::int64_t kSecondNs = 1'000'000'000;

std::int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
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
  if (auto done = catalog_->remove_expired_sessions(clock_.now_ns()); !done) return done;
  auto projects = catalog_->projects();
  if (!projects) return tl::unexpected<Error>(projects.error());
  auto keys = catalog_->keys();
  if (!keys) return tl::unexpected<Error>(keys.error());
  auto sessions = catalog_->sessions();
  if (!sessions) return tl::unexpected<Error>(sessions.error());
  const std::unique_lock lock(mutex_);
  for (Project& project : *projects) {
    const Uuid id = project.id;
    projects_[id] = std::make_shared<const Project>(std::move(project));
  }
  for (ApiKey& key : *keys) {
    topics_[key.topic] = key.hash;
    keys_[key.hash] = std::move(key);
  }
  for (Session& session : *sessions) sessions_[session.token_hash] = std::move(session);
  return {};
}

KeyHolder Accounts::holder_of(const ApiKey& key) {
  {
    const std::lock_guard lock(used_mutex_);
    used_ns_[key.id] = clock_.now_ns();
  }
  return {key.id, key.scopes, key.topic, projects_.at(key.project)};
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

Status Accounts::add_project(Project project) {
  if (auto done = catalog_->add_project(project, clock_.now_ns()); !done) return done;
  const Uuid id = project.id;
  const std::unique_lock lock(mutex_);
  projects_[id] = std::make_shared<const Project>(std::move(project));
  return {};
}

Result<NewKey> Accounts::add_key(const Uuid& project, std::string name, Scopes scopes) {
  NewKey made;
  made.secret = random_secret(kKeyPrefix);
  made.key = make_key(project, std::move(name), scopes, made.secret);
  {
    const std::shared_lock lock(mutex_);
    if (!projects_.contains(project)) {
      return fail(ErrorCode::kNotFound, "there is no such project");
    }
  }
  if (auto done = catalog_->add_key(made.key, clock_.now_ns()); !done) {
    return tl::unexpected<Error>(done.error());
  }
  const std::unique_lock lock(mutex_);
  topics_[made.key.topic] = made.key.hash;
  keys_[made.key.hash] = made.key;
  return made;
}

Status Accounts::revoke_key(std::int64_t id) {
  const std::int64_t now_ns = clock_.now_ns();
  if (auto done = catalog_->revoke_key(id, now_ns); !done) return done;
  const std::unique_lock lock(mutex_);
  for (auto& [hash, key] : keys_) {
    if (key.id != id) continue;
    key.revoked_ns = now_ns;
    return {};
  }
  return fail(ErrorCode::kNotFound, "there is no such key");
}

Result<NewSession> Accounts::log_in(std::string_view user_name, std::string_view password,
                                    std::string_view peer) {
  const std::string by_name = "name " + std::string(user_name);
  const std::string by_peer = "peer " + std::string(peer);
  const std::int64_t steady = steady_ns();
  if (!limiter_.admit(by_peer, steady) || !limiter_.admit(by_name, steady)) {
    return fail(ErrorCode::kResourceExhausted, "too many log-ins failed: wait a minute");
  }
  auto user = catalog_->user(user_name);
  if (!user) return tl::unexpected<Error>(user.error());
  if (!verify_password(password, *user ? (*user)->password_hash : std::string())) {
    return fail(ErrorCode::kUnauthenticated, "the name or the password is wrong");
  }
  limiter_.succeeded(by_peer);
  limiter_.succeeded(by_name);

  NewSession made;
  made.token = random_secret("");
  Session& session = made.holder.session;
  session.token_hash = digest(made.token);
  session.user_id = (*user)->id;
  session.user_name = (*user)->name;
  session.role = (*user)->role;
  session.expires_ns = clock_.now_ns() + limits::kSessionLifetimeS * kSecondNs;
  {
    const std::shared_lock lock(mutex_);
    if (projects_.empty()) return fail(ErrorCode::kNotFound, "there is no project");
    if (sessions_.size() >= limits::kSessionsMax) {
      return fail(ErrorCode::kResourceExhausted, "too many sessions: log out elsewhere");
    }
    made.holder.project = projects_.begin()->second;
  }
  session.project = made.holder.project->id;
  if (auto done = catalog_->add_session(session); !done) return tl::unexpected<Error>(done.error());
  const std::unique_lock lock(mutex_);
  sessions_[session.token_hash] = session;
  return made;
}

std::optional<SessionHolder> Accounts::find_session(std::string_view token) {
  const Digest hash = digest(token);
  const std::shared_lock lock(mutex_);
  const auto found = sessions_.find(hash);
  if (found == sessions_.end() || found->second.expires_ns <= clock_.now_ns()) return std::nullopt;
  const auto project = projects_.find(found->second.project);
  if (project == projects_.end()) return std::nullopt;
  return SessionHolder{found->second, project->second};
}

Status Accounts::log_out(std::string_view token) {
  const Digest hash = digest(token);
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
  for (const auto& [id, used_ns] : used) {
    if (auto done = catalog_->set_key_used(id, used_ns); !done) return done;
  }
  const std::int64_t now_ns = clock_.now_ns();
  {
    const std::unique_lock lock(mutex_);
    std::erase_if(sessions_,
                  [now_ns](const auto& entry) { return entry.second.expires_ns <= now_ns; });
  }
  return catalog_->remove_expired_sessions(now_ns);
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
