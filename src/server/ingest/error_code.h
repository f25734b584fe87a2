// The server's one table of errors: what each kind is called in the protocols that it speaks.
#pragma once

#include "apitoolkit/result.h"
#include "src/net/grpc.h"

namespace apitoolkit::server::ingest {

// kInvalidArgument and kCorrupt are INVALID_ARGUMENT; what is our own fault is INTERNAL.
net::GrpcCode grpc_code(ErrorCode code);

// 400, 401, 403, 404, 409, 429, 503, 504, or 500 for what is our own fault.
int http_status(ErrorCode code);

// For a refusal that only HTTP has a number for; what has none is INVALID_ARGUMENT.
net::GrpcCode grpc_code_of_status(int http_status);

}  // namespace apitoolkit::server::ingest
