// How long the reference may take: it is slow, and some cases would keep it for hours.
#pragma once

#include <cstdint>

namespace apitoolkit::redact::reference {

// What is computed after exhausted() means nothing.
class Steps {
 public:
  explicit Steps(std::int64_t left) : left_(left) {}
  // False, from then on, when there are none left.
  bool take(std::int64_t steps = 1) { return (left_ -= steps) >= 0; }
  void give_up() { left_ = -1; }
  bool exhausted() const { return left_ < 0; }

 private:
  std::int64_t left_;
};

}  // namespace apitoolkit::redact::reference
