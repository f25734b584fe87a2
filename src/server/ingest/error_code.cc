#include "src/server/ingest/error_code.h"

#include <array>

namespace apitoolkit::server::ingest {
namespace {

using net::GrpcCode;

struct Row {
  ErrorCode code;
  GrpcCode grpc;
  int http;
};

constexpr std::array<Row, 10> kRows{{
    {ErrorCode::kInvalidArgument, GrpcCode::kInvalidArgument, 400},
    {ErrorCode::kCorrupt, GrpcCode::kInvalidArgument, 400},
    {ErrorCode::kUnauthenticated, GrpcCode::kUnauthenticated, 401},
    {ErrorCode::kPermissionDenied, GrpcCode::kPermissionDenied, 403},
    {ErrorCode::kNotFound, GrpcCode::kNotFound, 404},
    {ErrorCode::kAlreadyExists, GrpcCode::kAlreadyExists, 409},
    {ErrorCode::kResourceExhausted, GrpcCode::kResourceExhausted, 429},
    {ErrorCode::kUnavailable, GrpcCode::kUnavailable, 503},
    {ErrorCode::kIo, GrpcCode::kUnavailable, 503},
    {ErrorCode::kDeadlineExceeded, GrpcCode::kDeadlineExceeded, 504},
}};

}  // namespace

GrpcCode grpc_code(ErrorCode code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row.grpc;
  }
  return GrpcCode::kInternal;
}

int http_status(ErrorCode code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row.http;
  }
  return 500;
}

GrpcCode grpc_code_of_status(int http_status) {
  for (const Row& row : kRows) {
    if (row.http == http_status) return row.grpc;
  }
  switch (http_status) {
    case 405:
    case 501:
      return GrpcCode::kUnimplemented;
    case 408:
      return GrpcCode::kDeadlineExceeded;
    case 413:
      return GrpcCode::kResourceExhausted;
    case 500:
      return GrpcCode::kInternal;
    default:
      return GrpcCode::kInvalidArgument;
  }
}

}  // namespace apitoolkit::server::ingest
