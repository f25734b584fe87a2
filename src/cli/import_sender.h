// Sends messages to a server in batches, each again until it is stored.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "apitoolkit/result.h"
#include "src/cli/load_door.h"

namespace apitoolkit::cli {

// Messages are given one by one; flush() sends what is left. Not thread-safe.
class ImportSender {
 public:
  // `door` is open. After `patience` without an acknowledgement it gives up. All must outlive it.
  ImportSender(LoadDoor& door, net::HttpClient& http, const std::atomic<bool>& interrupt,
               std::chrono::seconds patience);

  // kUnavailable where the server cannot be reached for too long, or after an interrupt;
  // kInvalidArgument where it refuses. Nothing more can be sent then.
  Status add(std::string_view message);
  Status flush();

  std::int64_t acknowledged() const { return acknowledged_; }

 private:
  Status send();
  void wait(std::chrono::milliseconds time) const;

  LoadDoor& door_;
  net::HttpClient& http_;
  const std::atomic<bool>& interrupt_;
  const std::chrono::seconds patience_;
  std::string body_;
  std::size_t count_ = 0;
  std::int64_t acknowledged_ = 0;
};

}  // namespace apitoolkit::cli
