// How a load finds out where it may publish, and signs for it: wire/README.md, "Metadata" and
// "Publish". Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apitoolkit/result.h"
#include "src/base/clock.h"
#include "src/cli/load_door.h"
#include "src/net/http_client.h"
#include "src/wire/jwt.h"
#include "src/wire/metadata.h"

namespace apitoolkit::cli {

class PubsubAccess {
 public:
  // `clock` must outlive it.
  PubsubAccess(LoadAddress address, const base::Clock& clock)
      : address_(std::move(address)), clock_(clock) {}

  // Asks the server for the key's metadata. The error is one sentence for the user.
  Status open(net::HttpClient& http);

  const std::string& url() const { return address_.url; }
  // "projects/p/topics/t", once it is open.
  const std::string& topic() const { return topic_; }
  // The value of an Authorization header, signed anew before the last one ends.
  const std::string& authorization();

 private:
  Status sign();

  const LoadAddress address_;
  const base::Clock& clock_;
  wire::ServiceAccount account_;
  std::optional<wire::RsaKey> key_;
  std::string topic_;
  std::string authorization_;
  std::int64_t signed_s_ = 0;
};

}  // namespace apitoolkit::cli
