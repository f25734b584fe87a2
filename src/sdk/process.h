// What happens to the whole process: it forks, and it ends. The worker thread must survive neither
// by accident.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace apitoolkit::sdk {

// Tells a process from those it was forked from.
struct ProcessMark {
  std::uint64_t forks = 0;  // between the program's start and this process
  pid_t pid = 0;            // for children that were made without fork's hooks
  friend bool operator==(const ProcessMark&, const ProcessMark&) = default;
};

// Allocates nothing and takes no lock once it was called in the process or one it descends from.
ProcessMark current_process() noexcept;

// Something with a thread that is to be stopped before the process ends: after exit() the libraries
// that it uses are torn down around it.
class StoppedAtExit {
 public:
  // Called at exit, on the thread that exits. Must not throw.
  virtual void stop_at_exit() noexcept = 0;

 protected:
  ~StoppedAtExit() = default;
};

// Registers `object`; false if there are limits::kClientsMax already (it is then not stopped).
bool stop_at_exit(StoppedAtExit& object) noexcept;

// Unregisters it. False if the exit is stopping it at this moment or has: then it must not be
// freed.
bool forget_at_exit(StoppedAtExit& object) noexcept;

}  // namespace apitoolkit::sdk
