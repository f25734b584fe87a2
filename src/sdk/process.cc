#include "src/sdk/process.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>

#include "src/base/limits.h"

namespace apitoolkit::sdk {
namespace {

// All of it is trivially destructible and constant-initialised: usable at any time, also while
// other static objects come and go.
constinit std::atomic<std::uint64_t> forks = 0;
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

bool install() {
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
  return {forks.load(std::memory_order_relaxed), getpid()};
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
