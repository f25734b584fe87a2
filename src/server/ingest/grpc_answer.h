// How doors that speak gRPC say that something went wrong.
#pragma once

#include "apitoolkit/result.h"
#include "src/net/grpc.h"

namespace apitoolkit::server::ingest {

// kInvalidArgument and kCorrupt are INVALID_ARGUMENT; what invites to try again
// (RESOURCE_EXHAUSTED, UNAVAILABLE) says when, in a google.rpc.RetryInfo; what is our own fault is
// INTERNAL.
net::GrpcAnswer grpc_answer(const Error& error);

}  // namespace apitoolkit::server::ingest
