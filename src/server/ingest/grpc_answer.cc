// google/rpc/status.proto and error_details.proto:
//   Status{int32 code=1; string message=2; repeated google.protobuf.Any details=3}
//   Any{string type_url=1; bytes value=2}  RetryInfo{Duration retry_delay=1{int64 seconds=1}}
#include "src/server/ingest/grpc_answer.h"

#include <utility>

#include "src/base/limits.h"
#include "src/server/ingest/error_code.h"
#include "src/wire/protobuf_writer.h"

namespace apitoolkit::server::ingest {
namespace {

using net::GrpcCode;

std::string retry_details(GrpcCode code, std::string_view text) {
  wire::ProtobufWriter status;
  status.integer(1, static_cast<int>(code));
  status.text(2, text);
  status.message(3, [&status] {
    status.text(1, "type.googleapis.com/google.rpc.RetryInfo");
    status.message(2, [&status] {
      status.message(1, [&status] { status.integer(1, limits::kRetryAfterS); });
    });
  });
  return std::move(status).str();
}

}  // namespace

net::GrpcAnswer grpc_answer(const Error& error) {
  net::GrpcAnswer answer{grpc_code(error.code), error.message, "", ""};
  if (answer.code == GrpcCode::kResourceExhausted || answer.code == GrpcCode::kUnavailable) {
    answer.details = retry_details(answer.code, error.message.substr(0, limits::kGrpcTextBytesMax));
  }
  return answer;
}

}  // namespace apitoolkit::server::ingest
