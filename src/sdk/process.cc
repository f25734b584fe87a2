#include "src/sdk/process.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>

#include "src/base/limits.h"

namespace apitoolkit::sdk {
namespace {

// All of it is trivially destructible and constant-initialised: usable at any time, also while
// other static objects come and go.
constinit std::atomic<std::uint64_t> forks = 0;
constinit std::atomic<std::atomic<pid_t>*> own_pid = nullptr;  // in a page that no child inherits
constinit std::array<std::atomic<StoppedAtExit*>, limits::kClientsMax> stopped_at_exit{};

// The child's hook. Other threads are gone, in the middle of whatever they did: no lock, no
// allocation, nothing but these stores.
void in_child() {
  forks.fetch_add(1, std::memory_order_relaxed);
  for (auto& slot : stopped_at_exit) slot.store(nullptr, std::memory_order_relaxed);
}

void at_exit() {
  for (auto& slot : stopped_at_exit) {
    if (StoppedAtExit* object = slot.exchange(nullptr)) object->stop_at_exit();
  }
}

// Linux fills such a page with zeroes in whatever child is made of this process (madvise(2)), so
// that looking there tells what getpid() would, which is a system call. Null where there is none.
std::atomic<pid_t>* page_for_pid() {
  const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  if (madvise(page, size, MADV_WIPEONFORK) != 0) {
    munmap(page, size);
    return nullptr;
  }
  return new (page) std::atomic<pid_t>(0);
}

pid_t current_pid() {
  std::atomic<pid_t>* known = own_pid.load(std::memory_order_relaxed);
  if (known == nullptr) return getpid();
  pid_t pid = known->load(std::memory_order_relaxed);
  if (pid == 0) known->store(pid = getpid(), std::memory_order_relaxed);
  return pid;
}

bool install() {
  own_pid = page_for_pid();
  pthread_atfork(nullptr, nullptr, in_child);
  // Handlers run in reverse order: OpenSSL's, which frees what the worker may be using, must have
  // been registered before ours. (Without any option it would return before registering it.)
  OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CRYPTO_STRINGS, nullptr);
  std::atexit(at_exit);
  return true;
}

}  // namespace

ProcessMark current_process() noexcept {
  static const bool is_installed = install();
  static_cast<void>(is_installed);
  return {forks.load(std::memory_order_relaxed), current_pid()};
}

bool stop_at_exit(StoppedAtExit& object) noexcept {
  for (auto& slot : stopped_at_exit) {
    StoppedAtExit* empty = nullptr;
    if (slot.compare_exchange_strong(empty, &object)) return true;
  }
  return false;
}

bool forget_at_exit(StoppedAtExit& object) noexcept {
  for (auto& slot : stopped_at_exit) {
    StoppedAtExit* expected = &object;
    if (slot.compare_exchange_strong(expected, nullptr)) return true;
  }
  return false;
}

}  // namespace apitoolkit::sdk
