// A transport whose receiving end is a thread of Python's.
//
//   worker:  deliver(batch) ── offer ──▶ fetch()        the thread, without the GIL
//                           ◀── answer ── answer(…)     what the application's deliver() came to
//
// The worker never takes the GIL and touches no Python object: it leaves the batch here and waits
// for an answer, its deadline or its interrupt, as every transport may.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apitoolkit/transport.h"

namespace apitoolkit::python {

// Thread-safe, and usable again in the child of a fork, whoever held what in the parent.
class Handoff final : public Transport {
 public:
  struct Offer {
    std::uint64_t number = 0;
    std::vector<std::string> messages;
    double timeout_s = 0;
  };

  Handoff();
  ~Handoff() override;
  Handoff(const Handoff&) = delete;
  Handoff& operator=(const Handoff&) = delete;

  std::string_view name() const override { return "custom"; }
  Delivery deliver(std::span<const std::string_view> messages,
                   std::chrono::steady_clock::time_point deadline,
                   const std::atomic<bool>& interrupt) override;

  // Waits for the next batch; nullopt once stop() was called. Each batch is given once.
  std::optional<Offer> fetch();
  // What became of the offer of that number; ignored if the worker has given up waiting for it.
  void answer(std::uint64_t number, Delivery delivery);

  // Of the thread that fetches: it has begun, and it will not fetch again.
  void enter();
  void leave();
  // Ends fetch(), now and later, and waits until nobody is between enter() and leave(); false after
  // `timeout_ms`.
  bool stop(std::int64_t timeout_ms);

 private:
  struct Desk;
  Desk& here() const;

  mutable std::atomic<Desk*> desk_;
};

// `Handoff` of the extension module.
struct PyHandoff {
  // Shared with the core, which may outlive the interpreter: so it is no Python object.
  std::shared_ptr<Handoff> handoff = std::make_shared<Handoff>();
};

void bind_handoff(nanobind::module_& module);

}  // namespace apitoolkit::python
