#include "src/server/ingest/metadata.h"

#include <algorithm>
#include <utility>

#include "src/base/base64.h"
#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/wire/metadata.h"

namespace apitoolkit::server::ingest {
namespace {

constexpr std::size_t kHostBytesMax = 262;  // a DNS name, a colon and a port
constexpr std::string_view kSdkHeader = "X-APIToolkit-SDK";

// Whether a Host header may be given back as part of a URL.
bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= kHostBytesMax &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
         });
}

std::string entity_tag(std::string_view body) {
  const account::Digest hash = account::digest(body);
  return "\"" + base::base64url_encode({reinterpret_cast<const char*>(hash.data()), 16}) + "\"";
}

// A list of tags, or "*" (RFC 9110 section 13.1.2); weak ones are compared as strong.
bool matches_tag(std::string_view if_none_match, std::string_view tag) {
  return if_none_match == "*" || if_none_match.find(tag) != std::string_view::npos;
}

void add_rules(const std::vector<account::RedactionRule>& rules,
               wire::MetadataExtension& extension) {
  using Kind = account::RedactionRule::Kind;
  for (const account::RedactionRule& rule : rules) {
    if (!redaction::is_for_sdks(rule)) continue;
    switch (rule.kind) {
      case Kind::kHeader:
        extension.redact_headers.push_back(rule.value);
        break;
      case Kind::kQuery:
        extension.redact_query.push_back(rule.value);
        break;
      case Kind::kRequestBody:
        extension.redact_request_body.push_back(rule.value);
        break;
      case Kind::kResponseBody:
        extension.redact_response_body.push_back(rule.value);
        break;
      case Kind::kScrub:
        extension.scrub.push_back(rule.value);
        break;
    }
  }
}

class MetadataSource final : public Source {
 public:
  explicit MetadataSource(const Context& context)
      : accounts_(context.accounts),
        limiter_(context.limiter),
        uptake_(context.uptake),
        clock_(context.clock),
        refresh_s_(context.metadata_refresh_s) {}

  void add_routes(net::Router& router) override {
    router.add("GET", std::string(kMetadataPath),
               [this](const net::ServerRequest& request, const net::PathParams&,
                      const net::Responder& responder) { responder(answer(request)); });
  }

 private:
  net::ServerResponse answer(const net::ServerRequest& request) {
    const std::string_view key = bearer_token(request.header("Authorization"));
    const auto holder = accounts_.find_key(key);
    if (!holder || !holder->scopes.has(account::Scope::kIngest)) {
      return {401, {{"WWW-Authenticate", "Bearer"}}, ""};
    }
    if (!limiter_.admit(*holder, 0)) {
      return {429, {{"Retry-After", std::to_string(limits::kRetryAfterS)}}, ""};
    }
    const auto rules = accounts_.rules_of(holder->project->id);
    std::string body = wire::encode_metadata(metadata_of(*holder, *rules, request));
    const std::string tag = entity_tag(body);
    const bool held = matches_tag(request.header("If-None-Match"), tag);
    remember(*holder, rules, held, request);
    // The private key is in it: no cache may keep it, and what varies is named all the same.
    std::vector<Header> headers{{"ETag", tag},
                                {"Cache-Control", "private, no-cache"},
                                {"Vary", "Authorization, X-APIToolkit-SDK, Host"}};
    if (held) return {304, std::move(headers), ""};
    headers.push_back({"Content-Type", "application/json;charset=utf-8"});
    return {200, std::move(headers), std::move(body)};
  }

  void remember(const account::KeyHolder& holder, const account::RulesOfProject& rules, bool held,
                const net::ServerRequest& request) {
    const std::string_view ours = request.header(kSdkHeader);
    const std::string_view name = ours.empty() ? request.header("User-Agent") : ours;
    uptake_.asked(holder.project->id,
                  {holder.key_id, std::string(name), request.peer, !ours.empty()}, rules, held,
                  clock_.now_ns());
  }

  wire::ClientMetadata metadata_of(const account::KeyHolder& holder,
                                   const std::vector<account::RedactionRule>& rules,
                                   const net::ServerRequest& request) const {
    const account::Project& project = *holder.project;
    wire::ClientMetadata metadata;
    metadata.project_id = base::format_uuid(project.id);
    metadata.topic_id = holder.topic;
    metadata.pubsub_project_id = project.pubsub_project_id;
    metadata.service_account = {project.pubsub_project_id, project.key_id, project.private_key_pem,
                                project.client_email};
    // The reference server's SDKs refuse a key that they do not know; ours asks for it.
    if (request.header(kSdkHeader).empty()) return metadata;
    wire::MetadataExtension extension;
    const std::string_view host = request.header("Host");
    if (is_host(host)) {
      extension.pubsub_endpoint = (request.is_secure ? "https://" : "http://") + std::string(host);
    }
    extension.refresh_s = refresh_s_;
    add_rules(rules, extension);
    metadata.extension = std::move(extension);
    return metadata;
  }

  account::Accounts& accounts_;
  account::RateLimiter& limiter_;
  redaction::RuleUptake& uptake_;
  const base::Clock& clock_;
  const std::int64_t refresh_s_;
};

}  // namespace

std::unique_ptr<Source> make_metadata_source(const Context& context) {
  return std::make_unique<MetadataSource>(context);
}

}  // namespace apitoolkit::server::ingest
