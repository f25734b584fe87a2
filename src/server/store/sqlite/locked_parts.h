// Parts of a block for several threads, which share the day's connection.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "src/server/store/block/block_reader.h"

namespace apitoolkit::server::store {

// Each used by one thread at a time; those of one mutex take turns.
class LockedParts final : public PartSource {
 public:
  // `mutex` must outlive it.
  LockedParts(std::mutex& mutex, std::unique_ptr<PartSource> parts)
      : mutex_(mutex), parts_(std::move(parts)) {}

  Result<std::string_view> part(int number) override {
    const std::lock_guard lock(mutex_);
    Result<std::string_view> frame = parts_->part(number);
    if (!frame) return frame;
    frame_.assign(*frame);
    return std::string_view(frame_);
  }

 private:
  std::mutex& mutex_;
  const std::unique_ptr<PartSource> parts_;
  std::string frame_;
};

}  // namespace apitoolkit::server::store
