// Redaction rules and shares in catalog.db.
#include "src/server/account/sqlite_catalog.h"

namespace apitoolkit::server::account {
namespace {

using store::Statement;

constexpr const char* kNoRule = "there is no such rule";
constexpr const char* kNoShare = "there is no such share";

Result<RedactionRule> read_rule(const Statement& row) {
  RedactionRule rule;
  rule.id = row.integer(0);
  auto project = row.uuid(1);
  if (!project) return tl::unexpected<Error>(project.error());
  rule.project = *project;
  const auto kind = parse_rule_kind(row.bytes(2));
  // Not skipped: what it was meant to mask would be stored.
  if (!kind) {
    return fail(ErrorCode::kUnsupported, "catalog.db: redaction rule " + std::to_string(rule.id) +
                                             " is of a kind that this version does not know");
  }
  rule.kind = *kind;
  rule.value = row.bytes(3);
  rule.method = row.bytes(4);
  rule.host = row.bytes(5);
  rule.url_path = row.bytes(6);
  rule.note = row.bytes(7);
  rule.created_ns = row.integer(8);
  return rule;
}

Result<Share> read_share(const Statement& row) {
  Share share;
  share.id = row.integer(0);
  const auto project = row.uuid(1);
  const auto exchange = row.uuid(2);
  const auto hash = digest_of(row.bytes(3));
  if (!project) return tl::unexpected<Error>(project.error());
  if (!exchange) return tl::unexpected<Error>(exchange.error());
  if (!hash) return tl::unexpected<Error>(hash.error());
  share.project = *project;
  share.exchange = *exchange;
  share.token_hash = *hash;
  share.created_by = row.bytes(4);
  share.created_ns = row.integer(5);
  share.expires_ns = row.integer(6);
  return share;
}

constexpr std::string_view kShareColumns =
    "SELECT id, project, exchange, token_hash, created_by, created_ns, expires_ns FROM shares ";

}  // namespace

Result<std::vector<RedactionRule>> SqliteCatalog::rules() {
  const std::lock_guard lock(mutex_);
  return rows<RedactionRule>(read_rule,
                             "SELECT id, project, kind, value, method, host, url_path, note,"
                             " created_ns FROM redaction_rules ORDER BY id");
}

Status SqliteCatalog::add_rule(RedactionRule& rule, AuditEntry entry) {
  return audited(entry, [&]() -> Status {
    if (auto done = run("INSERT INTO redaction_rules (project, kind, value, method, host,"
                        " url_path, note, created_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        rule.project, to_string(rule.kind), rule.value, rule.method, rule.host,
                        rule.url_path, rule.note, entry.at_ns);
        !done) {
      return done;
    }
    const auto id = last_id();
    if (!id) return tl::unexpected<Error>(id.error());
    rule.id = *id;
    rule.created_ns = entry.at_ns;
    entry.subject = std::to_string(rule.id);
    return {};
  });
}

Status SqliteCatalog::update_rule(const RedactionRule& rule, AuditEntry entry) {
  return audited(entry, [&] {
    return run_on_one(kNoRule,
                      "UPDATE redaction_rules SET kind = ?, value = ?, method = ?, host = ?,"
                      " url_path = ?, note = ? WHERE id = ? AND project = ?",
                      to_string(rule.kind), rule.value, rule.method, rule.host, rule.url_path,
                      rule.note, rule.id, rule.project);
  });
}

Status SqliteCatalog::remove_rule(const Uuid& project, std::int64_t id, AuditEntry entry) {
  return audited(entry, [&] {
    return run_on_one(kNoRule, "DELETE FROM redaction_rules WHERE id = ? AND project = ?", id,
                      project);
  });
}

Result<std::vector<Share>> SqliteCatalog::shares(const Uuid& project) {
  const std::lock_guard lock(mutex_);
  return rows<Share>(read_share, std::string(kShareColumns) + "WHERE project = ? ORDER BY id DESC",
                     project);
}

Result<std::optional<Share>> SqliteCatalog::share(const Digest& token_hash) {
  const std::lock_guard lock(mutex_);
  auto found =
      rows<Share>(read_share, std::string(kShareColumns) + "WHERE token_hash = ?", token_hash);
  if (!found) return tl::unexpected<Error>(found.error());
  if (found->empty()) return std::optional<Share>{};
  return std::optional<Share>{std::move(found->front())};
}

Status SqliteCatalog::add_share(Share& share, AuditEntry entry) {
  return audited(entry, [&]() -> Status {
    if (auto done = run("INSERT INTO shares (project, exchange, token_hash, created_by, created_ns,"
                        " expires_ns) VALUES (?, ?, ?, ?, ?, ?)",
                        share.project, share.exchange, share.token_hash, share.created_by,
                        entry.at_ns, share.expires_ns);
        !done) {
      return done;
    }
    const auto id = last_id();
    if (!id) return tl::unexpected<Error>(id.error());
    share.id = *id;
    share.created_ns = entry.at_ns;
    entry.subject = std::to_string(share.id);
    return {};
  });
}

Status SqliteCatalog::remove_share(const Uuid& project, std::int64_t id, AuditEntry entry) {
  return audited(entry, [&] {
    return run_on_one(kNoShare, "DELETE FROM shares WHERE id = ? AND project = ?", id, project);
  });
}

}  // namespace apitoolkit::server::account
