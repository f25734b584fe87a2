// The error type of the whole project: functions that can fail return Result<T>.
//
// Nothing in this library throws into its caller. A message says what was wrong, where, and what to
// do: `redact_request_body[2]: "$.a[": expected a selector at column 5`.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace apitoolkit {

enum class ErrorCode {
  kInvalidArgument,    // the caller's mistake: a wrong option, path, or request
  kUnauthenticated,    // no key, an unknown one, a revoked one
  kPermissionDenied,   // a known caller who may not do this
  kNotFound,           // no such object
  kAlreadyExists,      // an object of that identity is there
  kResourceExhausted,  // a bound of limits.h was reached, or the peer asks to slow down
  kDeadlineExceeded,   // the time allowed ran out
  kUnavailable,        // the peer cannot be reached or cannot answer now; retrying may help
  kCorrupt,            // stored or received bytes are not what their format says
  kUnsupported,        // understood, but not done by this version
  kIo,                 // the operating system refused: disk, socket, file
  kInternal,           // a defect of this library
};

// The code's name in snake_case, for example "invalid_argument". Never empty.
std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace apitoolkit
