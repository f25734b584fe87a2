// What OTLP's doors have in common: an export request on its way through the pipeline. A door gives
// the request in and encodes the answer as its protocol wants it.
//
//   OtlpIntake intake("otlp_grpc", context);
//   intake.take({wire::OtlpSignal::kTraces, std::move(message)},
//               [call](const Result<wire::PartialSuccess>& answer) { … });
//
// A request may hold resources of several API keys. Each key's part is a delivery of its own, with
// its project's rules and limits; the answer is given when the last of them is durable or refused:
//
//   a part was refused for a while (queue full, disk)  that error: the sender tries the whole
//   again,
//                                                      what is stored already is dropped then
//   every part was refused                             the first part's error
//   otherwise                                          success; what was refused, for example for a
//                                                      bad key, is counted in rejected, with
//                                                      reasons
//
// Errors' codes, and what protocols call them:
//   kCorrupt, kInvalidArgument  400  INVALID_ARGUMENT     kResourceExhausted  429 with Retry-After
//   kUnauthenticated            401  UNAUTHENTICATED          RESOURCE_EXHAUSTED with RetryInfo
//   kPermissionDenied           403  PERMISSION_DENIED    kUnavailable  503 with Retry-After
//   others                      500  INTERNAL                 UNAVAILABLE
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "apitoolkit/result.h"
#include "src/server/ingest/otlp_twins.h"
#include "src/server/ingest/source.h"
#include "src/wire/otlp_decode.h"

namespace apitoolkit::server::ingest {

struct OtlpRequest {
  wire::OtlpSignal signal = wire::OtlpSignal::kTraces;
  std::string body;      // inflated, at most limits::kOtlpBodyBytesMax
  bool is_json = false;  // protobuf otherwise
  // API keys, empty for none: wire::OtlpKeys.
  std::string key_before_resource{};
  std::string key_after_resource{};
};

// Called once, from any thread; must not block. An error's message is a sentence or several; none
// of it is what was captured.
using OtlpAnswer = std::function<void(const Result<wire::PartialSuccess>& answer)>;

// A door's way into the pipeline. Thread-safe; must outlive the answers, and what `context` refers
// to must outlive it.
class OtlpIntake {
 public:
  // `door` is a literal: the deliveries' source, "otlp_http".
  OtlpIntake(std::string_view door, const Context& context) : door_(door), context_(context) {}

  // Does not block.
  void take(OtlpRequest request, OtlpAnswer answer);

 private:
  friend class OtlpDelivery;
  const std::string_view door_;
  const Context context_;
  OtlpTwins twins_;
};

}  // namespace apitoolkit::server::ingest
