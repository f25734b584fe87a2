#include "python/ext/handoff.h"

#include <nanobind/stl/string.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "python/ext/interpreter_exit.h"
#include "src/sdk/process.h"

namespace nb = nanobind;

namespace apitoolkit::python {

using Clock = std::chrono::steady_clock;
using Outcome = Delivery::Outcome;

namespace {

// How late the worker may notice its interrupt.
constexpr auto kPollInterval = std::chrono::milliseconds(20);

}  // namespace

// Where the two meet, in one process.
struct Handoff::Desk {
  const sdk::ProcessMark process = sdk::current_process();
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::uint64_t number = 0;                      // of the newest offer
  std::span<const std::string_view> messages{};  // empty: there is nothing to fetch
  Clock::time_point deadline;
  std::optional<Delivery> answer;  // to the newest offer
  int fetching = 0;                // threads between enter and leave
  bool is_stopped = false;
};

Handoff::Handoff() : desk_(new Desk) {}

// A desk of another process is left where it is: its locks may be held by threads that are not
// here.
Handoff::~Handoff() {
  Desk* desk = desk_.load();
  if (desk->process == sdk::current_process()) delete desk;
}

Handoff::Desk& Handoff::here() const {
  Desk* desk = desk_.load(std::memory_order_acquire);
  if (desk->process == sdk::current_process()) return *desk;
  auto fresh = std::make_unique<Desk>();
  if (desk_.compare_exchange_strong(desk, fresh.get())) return *fresh.release();
  return *desk;  // another thread of this process was faster
}

Delivery Handoff::deliver(std::span<const std::string_view> messages, Clock::time_point deadline,
                          const std::atomic<bool>& interrupt) {
  Desk& desk = here();
  std::unique_lock lock(desk.mutex);
  ++desk.number;
  desk.messages = messages;
  desk.deadline = deadline;
  desk.answer.reset();
  desk.changed.notify_all();
  while (!desk.answer && !interrupt && Clock::now() < deadline) {
    desk.changed.wait_until(lock, std::min(deadline, Clock::now() + kPollInterval));
  }
  const bool was_fetched = desk.messages.empty();
  desk.messages = {};  // they are valid during this call only
  if (desk.answer) return *std::exchange(desk.answer, std::nullopt);
  if (!was_fetched) {
    return {Outcome::kRetry, -1,
            "the transport's thread is not there, or busy with an earlier call"};
  }
  return {Outcome::kRetry, -1, "the transport did not return in time", true};
}

std::optional<Handoff::Offer> Handoff::fetch() {
  Desk& desk = here();
  std::unique_lock lock(desk.mutex);
  desk.changed.wait(lock, [&] { return desk.is_stopped || !desk.messages.empty(); });
  if (desk.is_stopped) return std::nullopt;
  const std::chrono::duration<double> left = desk.deadline - Clock::now();
  Offer offer{desk.number, {}, std::max(0.0, left.count())};
  offer.messages.assign(desk.messages.begin(), desk.messages.end());
  desk.messages = {};
  return offer;
}

void Handoff::answer(std::uint64_t number, Delivery delivery) {
  Desk& desk = here();
  const std::lock_guard lock(desk.mutex);
  if (number != desk.number) return;
  desk.answer = std::move(delivery);
  desk.changed.notify_all();
}

void Handoff::enter() {
  Desk& desk = here();
  const std::lock_guard lock(desk.mutex);
  ++desk.fetching;
}

void Handoff::leave() {
  Desk& desk = here();
  const std::lock_guard lock(desk.mutex);
  --desk.fetching;
  desk.changed.notify_all();
}

bool Handoff::stop(std::int64_t timeout_ms) {
  Desk& desk = here();
  std::unique_lock lock(desk.mutex);
  desk.is_stopped = true;
  desk.changed.notify_all();
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  return desk.changed.wait_until(lock, deadline, [&] { return desk.fetching == 0; });
}

namespace {

// (number, [message, …], timeout_s), or None.
nb::object fetch(PyHandoff& self) {
  std::optional<Handoff::Offer> offer = without_gil([&] { return self.handoff->fetch(); });
  if (!offer) return nb::none();
  nb::list messages;
  for (std::string& message : offer->messages) {
    messages.append(nb::bytes(message.data(), message.size()));
    std::string().swap(message);
  }
  return nb::make_tuple(offer->number, messages, offer->timeout_s);
}

void answer(PyHandoff& self, std::uint64_t number, const std::string& outcome,
            std::int64_t retry_after_ms, std::string detail) {
  Delivery delivery{Outcome::kRetry, retry_after_ms, std::move(detail)};
  if (outcome == "delivered") delivery.outcome = Outcome::kDelivered;
  if (outcome == "rejected") delivery.outcome = Outcome::kRejected;
  self.handoff->answer(number, std::move(delivery));
}

bool stop(PyHandoff& self, std::int64_t timeout_ms) {
  return without_gil([&] { return self.handoff->stop(timeout_ms); });
}

}  // namespace

// leave() keeps the GIL: a thread that had to take it once more could find the interpreter gone,
// in the middle of a C++ function.
void bind_handoff(nb::module_& module) {
  nb::class_<PyHandoff>(module, "Handoff")
      .def(nb::init<>())
      .def("fetch", &fetch)
      .def("answer", &answer, nb::arg("number"), nb::arg("outcome"), nb::arg("retry_after_ms"),
           nb::arg("detail"))
      .def("enter", [](PyHandoff& self) { self.handoff->enter(); })
      .def("leave", [](PyHandoff& self) { self.handoff->leave(); })
      .def("stop", &stop, nb::arg("timeout_ms"));
}

}  // namespace apitoolkit::python
