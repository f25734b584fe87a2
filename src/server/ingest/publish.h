// What the doors of Pub/Sub, REST and gRPC, have in common: who publishes, and what they publish.
//
// Who publishes is known by the topic, which is unguessable and belongs to one API key:
//   topic unknown, or of another project   kNotFound
//   its key revoked                        kUnauthenticated, with or without a token
//   Authorization: Bearer <JWT>            signed with the project's key, in time, for Pub/Sub or
//                                          for this server; anything else kUnauthenticated
//   Authorization: Bearer <API key>        the key that the topic belongs to; another one
//                                          kUnauthenticated
//   no Authorization                       the topic is the credential: under PUBSUB_EMULATOR_HOST
//                                          Google's clients send none
//
// A message that cannot be read makes the answer "invalid argument", and says which one and why;
// the others of the batch are stored all the same, and it is kept as a dead letter. A publisher
// that sends the batch again does no harm: what is stored already is dropped as a duplicate.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/ingest/source.h"
#include "src/wire/pubsub.h"

namespace apitoolkit::server::ingest {

// Names as Google's, without "projects/" and "topics/".
struct Publisher {
  std::string_view pubsub_project;
  std::string_view topic;
  std::string_view authorization;  // the header's value
  std::string_view host;           // what the client calls this server
};

Result<account::KeyHolder> authenticate_publisher(const Context& context,
                                                  const Publisher& publisher);

// kInvalidArgument where they are too large once decoded, all together.
Result<Contents> decode_messages(std::vector<wire::PubsubMessage> messages);

// What is wrong with the messages that were not stored, which are some.
std::string describe_bad(const Receipt& receipt);

// Ids that no two messages of this server share, also after a restart. Thread-safe.
class MessageIds {
 public:
  explicit MessageIds(const base::Clock& clock)
      : next_(static_cast<std::uint64_t>(clock.now_ns())) {}
  std::vector<std::string> take(std::size_t count);

 private:
  std::atomic<std::uint64_t> next_;
};

}  // namespace apitoolkit::server::ingest
