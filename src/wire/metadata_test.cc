#include "src/wire/metadata.h"

#include <gtest/gtest.h>

#include "src/json/document.h"

namespace apitoolkit::wire {
namespace {

std::vector<std::string> names_of(const std::string& json, std::string_view object) {
  const auto document = json::Document::parse(json);
  EXPECT_TRUE(document);
  const std::uint32_t node = object.empty() ? 0 : document->member(0, object).value();
  std::vector<std::string> names;
  std::uint32_t name = node + 1;
  for (std::uint32_t i = 0; i < (*document)[node].count; ++i) {
    names.push_back(document->text(name));
    name = (*document)[(*document)[name].next].next;
  }
  return names;
}

TEST(Metadata, HasExactlyFourKeysForStrangers) {
  // The Java SDK refuses an answer with any other key.
  ClientMetadata metadata;
  EXPECT_EQ(names_of(encode_metadata(metadata), ""),
            (std::vector<std::string>{"project_id", "topic_id", "pubsub_project_id",
                                      "pubsub_push_service_account"}));
  metadata.extension.emplace();
  EXPECT_EQ(names_of(encode_metadata(metadata), "").back(), "apitoolkit");
}

TEST(Metadata, HandsOutAServiceAccountThatGooglesClientsRead) {
  EXPECT_EQ(names_of(encode_metadata({}), "pubsub_push_service_account"),
            (std::vector<std::string>{"type", "project_id", "private_key_id", "private_key",
                                      "client_email", "client_id", "auth_uri", "token_uri",
                                      "auth_provider_x509_cert_url", "client_x509_cert_url",
                                      "universe_domain"}));
}

}  // namespace
}  // namespace apitoolkit::wire
