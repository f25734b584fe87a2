// The work that evaluating paths over one document may cost.
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/base/limits.h"

namespace apitoolkit::jsonpath {

// Counted in nodes looked at, and in the bytes of texts that are looked at one by one. Not
// thread-safe.
class Budget {
 public:
  explicit Budget(std::size_t document_bytes)
      : left_(limits::kRedactOperationsMin +
              limits::kRedactOperationsPerByteMax * static_cast<std::int64_t>(document_bytes)) {}

  // False, from then on, when more is spent than there is.
  bool spend(std::int64_t operations) {
    left_ -= operations;
    return left_ >= 0;
  }
  std::int64_t left() const { return left_; }
  void exhaust() { left_ = -1; }
  bool exhausted() const { return left_ < 0; }

 private:
  std::int64_t left_;
};

}  // namespace apitoolkit::jsonpath
