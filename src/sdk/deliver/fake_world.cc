#include "src/sdk/deliver/fake_world.h"

#include "src/json/writer.h"
#include "src/wire/jwt.h"

namespace apitoolkit::sdk {

const std::string& test_private_key() {
  static const std::string pem = wire::RsaKey::generate()->private_pem();
  return pem;
}

std::string test_metadata(const std::string& topic, const std::string& extension) {
  json::Writer writer;
  writer.begin_object();
  writer.key("project_id").value("11111111-2222-3333-4444-555555555555");
  writer.key("topic_id").value(topic);
  writer.key("pubsub_project_id").value("proj");
  writer.key("pubsub_push_service_account").begin_object();
  writer.key("project_id").value("proj").key("private_key_id").value("kid-1");
  writer.key("private_key").value(test_private_key());
  writer.key("client_email").value("x@proj.iam.gserviceaccount.com").end_object();
  if (!extension.empty()) writer.key("apitoolkit").raw(extension);
  writer.end_object();
  return std::move(writer).str();
}

}  // namespace apitoolkit::sdk
