// How doors that speak gRPC say that something went wrong.
#pragma once

#include "apitoolkit/result.h"
#include "src/net/grpc.h"

namespace apitoolkit::server::ingest {

// The code is error_code.h's; what invites to try again (RESOURCE_EXHAUSTED, UNAVAILABLE) says
// when, in a google.rpc.RetryInfo.
net::GrpcAnswer grpc_answer(const Error& error);

}  // namespace apitoolkit::server::ingest
