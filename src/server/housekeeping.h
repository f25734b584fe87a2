// What has to be done now and then: look at the disk, drop what is too old, write down when keys
// were used.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace apitoolkit::server {

// One thread that does each chore when it is due, the first time after its first period.
class Housekeeping {
 public:
  struct Chore {
    std::chrono::milliseconds every;
    std::function<void()> work;
  };
  explicit Housekeeping(std::vector<Chore> chores);
  // Stops.
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

  // Waits for the chore in hand. Idempotent.
  void stop();

 private:
  void run();

  const std::vector<Chore> chores_;
  std::mutex mutex_;  // guards stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace apitoolkit::server
