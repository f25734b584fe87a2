#include "src/wire/metadata.h"

#include <algorithm>
#include <cmath>

#include "src/json/document.h"
#include "src/json/writer.h"

namespace apitoolkit::wire {
namespace {

using json::Document;
using json::Type;

void write_names(json::Writer& writer, std::string_view name,
                 const std::vector<std::string>& values) {
  writer.key(name).begin_array();
  for (const std::string& value : values) writer.value(value);
  writer.end_array();
}

// Google's clients insist on the whole file as the console hands it out; the four URLs are the same
// in every one of them.
void write_service_account(json::Writer& writer, const ServiceAccount& account) {
  writer.begin_object();
  writer.key("type").value("service_account");
  writer.key("project_id").value(account.project_id);
  writer.key("private_key_id").value(account.private_key_id);
  writer.key("private_key").value(account.private_key);
  writer.key("client_email").value(account.client_email);
  writer.key("client_id").value("1");
  writer.key("auth_uri").value("https://accounts.google.com/o/oauth2/auth");
  writer.key("token_uri").value("https://oauth2.googleapis.com/token");
  writer.key("auth_provider_x509_cert_url").value("https://www.googleapis.com/oauth2/v1/certs");
  writer.key("client_x509_cert_url")
      .value("https://www.googleapis.com/robot/v1/metadata/x509/" + account.client_email);
  writer.key("universe_domain").value("googleapis.com");
  writer.end_object();
}

// Reads members of objects, and remembers the first that is missing or of the wrong type.
class Reader {
 public:
  explicit Reader(const Document& document) : document_(document) {}

  std::string text(std::uint32_t object, std::string_view path, std::string_view name) {
    const auto node = document_.member(object, name);
    if (node && document_[*node].type == Type::kString) return document_.text(*node);
    complain(path, name, "a string");
    return "";
  }

  // 0 (the root, which is no object's member) if it is not there.
  std::uint32_t object(std::uint32_t parent, std::string_view name) {
    const auto node = document_.member(parent, name);
    if (node && document_[*node].type == Type::kObject) return *node;
    complain("", name, "an object");
    return 0;
  }

  // An absent list is an empty one: a server need only send what it has.
  std::vector<std::string> names(std::uint32_t object, std::string_view name) {
    std::vector<std::string> values;
    const auto list = document_.member(object, name);
    if (!list || document_[*list].type == Type::kNull) return values;
    if (document_[*list].type != Type::kArray) {
      complain("apitoolkit.redact.", name, "a list of strings");
      return values;
    }
    std::uint32_t node = *list + 1;
    for (std::uint32_t i = 0; i < document_[*list].count; ++i) {
      if (document_[node].type == Type::kString) {
        values.push_back(document_.text(node));
      } else {
        complain("apitoolkit.redact.", name, "a list of strings");
      }
      node = document_[node].next;
    }
    return values;
  }

  double number(std::uint32_t object, std::string_view name, double absent) {
    const auto node = document_.member(object, name);
    if (!node) return absent;
    const double value = document_[*node].type == Type::kNumber
                             ? json::to_double(document_.raw(*node))
                             : std::nan("");
    if (std::isfinite(value)) return value;
    complain("apitoolkit.", name, "a number");
    return absent;
  }

  const std::string& complaint() const { return complaint_; }

 private:
  void complain(std::string_view path, std::string_view name, std::string_view expected) {
    if (!complaint_.empty()) return;
    complaint_ = std::string(path) + std::string(name) + ": expected " + std::string(expected);
  }

  const Document& document_;
  std::string complaint_;
};

MetadataExtension read_extension(const Document& document, std::uint32_t object, Reader& reader) {
  constexpr double kRefreshSecondsMin = 1;
  constexpr double kRefreshSecondsMax = 86'400;
  MetadataExtension extension;
  if (document.member(object, "pubsub_endpoint")) {
    extension.pubsub_endpoint = reader.text(object, "apitoolkit.", "pubsub_endpoint");
  }
  if (const auto redact = document.member(object, "redact")) {
    if (document[*redact].type == Type::kObject) {
      extension.redact_headers = reader.names(*redact, "headers");
      extension.redact_request_body = reader.names(*redact, "request_body");
      extension.redact_response_body = reader.names(*redact, "response_body");
      extension.redact_query = reader.names(*redact, "query");
      extension.scrub = reader.names(*redact, "scrub");
    } else {
      reader.object(object, "redact");
    }
  }
  extension.sample_rate =
      std::clamp(reader.number(object, "sample_rate", extension.sample_rate), 0.0, 1.0);
  const double refresh_s = reader.number(object, "refresh_s", 60);
  extension.refresh_s =
      static_cast<std::int64_t>(std::clamp(refresh_s, kRefreshSecondsMin, kRefreshSecondsMax));
  return extension;
}

}  // namespace

std::string encode_metadata(const ClientMetadata& metadata) {
  json::Writer writer;
  writer.begin_object();
  writer.key("project_id").value(metadata.project_id);
  writer.key("topic_id").value(metadata.topic_id);
  writer.key("pubsub_project_id").value(metadata.pubsub_project_id);
  writer.key("pubsub_push_service_account");
  write_service_account(writer, metadata.service_account);
  if (metadata.extension) {
    const MetadataExtension& extension = *metadata.extension;
    writer.key("apitoolkit").begin_object();
    writer.key("pubsub_endpoint").value(extension.pubsub_endpoint);
    writer.key("redact").begin_object();
    write_names(writer, "headers", extension.redact_headers);
    write_names(writer, "request_body", extension.redact_request_body);
    write_names(writer, "response_body", extension.redact_response_body);
    write_names(writer, "query", extension.redact_query);
    if (!extension.scrub.empty()) write_names(writer, "scrub", extension.scrub);
    writer.end_object();
    writer.key("sample_rate").value(extension.sample_rate);
    writer.key("refresh_s").value(extension.refresh_s);
    writer.end_object();
  }
  writer.end_object();
  return std::move(writer).str();
}

Result<ClientMetadata> decode_metadata(std::string_view json) {
  const auto document = Document::parse(json);
  if (!document) return fail(ErrorCode::kCorrupt, "metadata: " + document.error().message);
  if ((*document)[0].type != Type::kObject) {
    return fail(ErrorCode::kCorrupt, "metadata: expected a JSON object");
  }
  Reader reader(*document);
  ClientMetadata metadata;
  metadata.project_id = reader.text(0, "", "project_id");
  metadata.topic_id = reader.text(0, "", "topic_id");
  metadata.pubsub_project_id = reader.text(0, "", "pubsub_project_id");
  if (const auto account = reader.object(0, "pubsub_push_service_account")) {
    constexpr std::string_view kPath = "pubsub_push_service_account.";
    metadata.service_account.project_id = reader.text(account, kPath, "project_id");
    metadata.service_account.private_key_id = reader.text(account, kPath, "private_key_id");
    metadata.service_account.private_key = reader.text(account, kPath, "private_key");
    metadata.service_account.client_email = reader.text(account, kPath, "client_email");
  }
  const auto extension = document->member(0, "apitoolkit");
  if (extension && (*document)[*extension].type != Type::kNull) {
    if (const auto object = reader.object(0, "apitoolkit")) {
      metadata.extension = read_extension(*document, object, reader);
    }
  }
  if (!reader.complaint().empty()) return fail(ErrorCode::kCorrupt, reader.complaint());
  return metadata;
}

}  // namespace apitoolkit::wire
