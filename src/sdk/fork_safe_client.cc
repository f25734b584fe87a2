// A client that outlives forks: each process has a flow of its own, made when it is first used.
//
// A child inherits its parent's memory in the middle of whatever other threads were doing: locks
// are held by threads that are not there, a queue may be half changed, sockets are shared. So a
// child touches nothing of its parent's flow, not even to free it. It leaves it where it is and
// makes a new one; what waits in the parent's queue is the parent's to deliver.
#include "src/sdk/fork_safe_client.h"

#include <atomic>
#include <cstdlib>
#include <exception>
#include <utility>

#include "src/sdk/config_check.h"
#include "src/sdk/flow.h"
#include "src/sdk/redact/extra_rules.h"
#include "src/sdk/redact/rules.h"

namespace apitoolkit::sdk {
namespace {

class ForkSafeClient final : public Client {
 public:
  ForkSafeClient(Config config, World world, redact::ExchangeRedactor local)
      : config_(std::move(config)),
        world_(std::move(world)),
        local_(std::move(local)),
        flow_(new Flow(config_, world_, local_)) {}

  ~ForkSafeClient() override {
    Flow* flow = flow_.load();
    if (flow->process() == current_process()) Flow::retire(flow);
  }

  void push(Exchange&& exchange) noexcept override {
    if (!config_.enabled) return;
    try {
      auto captured = take_spare();
      captured->exchange = std::move(exchange);
      push(std::move(captured), nullptr);
    } catch (const std::exception&) {
      // No memory: nothing is left that could count it.
    }
  }

  std::unique_ptr<CapturedExchange> take_spare() override { return here().take_spare(); }

  void push(std::unique_ptr<CapturedExchange> captured,
            std::shared_ptr<const ExtraRules> rules) noexcept override {
    if (!config_.enabled || captured == nullptr) return;
    try {
      here().push(std::move(captured), std::move(rules));
    } catch (const std::exception&) {
      // No memory for a child's own flow: nothing is left that could count it.
    }
  }

  bool keep(Exchange& exchange) noexcept override {
    try {
      return here().keep(exchange);
    } catch (const std::exception&) {
      return false;  // likewise
    }
  }

  void push_message(std::string message) noexcept override {
    if (!config_.enabled || message.empty()) return;
    try {
      here().push_message(std::move(message));
    } catch (const std::exception&) {
      // Likewise.
    }
  }

  Result<std::shared_ptr<const ExtraRules>> compile(const ExtraRedaction& extra) const override {
    return ExtraRules::compile(local_rules(config_), extra);
  }

  bool flush(std::int64_t timeout_ms) noexcept override {
    return !is_here() || flow_.load()->flush(timeout_ms);
  }

  void close() noexcept override {
    is_closed_ = true;
    if (is_here()) flow_.load()->close();
  }

  Stats stats() const override { return here().stats(); }
  std::vector<LogRecord> take_log() noexcept override {
    return is_here() ? flow_.load()->take_log() : std::vector<LogRecord>();
  }
  std::string preview(Exchange exchange) const override {
    return preview(std::move(exchange), nullptr);
  }
  std::string preview(Exchange exchange, const ExtraRules* rules) const override {
    return here().preview(std::move(exchange), rules);
  }
  std::string project_id() const override { return here().project_id(); }

 private:
  bool is_here() const { return flow_.load()->process() == current_process(); }

  // This process's flow.
  Flow& here() const {
    Flow* flow = flow_.load(std::memory_order_acquire);
    if (flow->process() == current_process()) return *flow;
    auto* fresh = new Flow(config_, world_, local_);
    if (is_closed_) fresh->close();
    if (flow_.compare_exchange_strong(flow, fresh)) return *fresh;
    Flow::retire(fresh);  // another thread of this process was faster
    return *flow;
  }

  const Config config_;
  const World world_;
  const redact::ExchangeRedactor local_;
  std::atomic<bool> is_closed_ = false;
  mutable std::atomic<Flow*> flow_;
};

}  // namespace

Result<std::unique_ptr<Client>> create_client(Config config, World world) {
  if (const Status status = check(config, world.emulator_host, world.otel); !status) {
    return tl::unexpected(status.error());
  }
  if (config.service_name.empty()) config.service_name = world.otel.service_name;
  if (!config.spool_dir.empty() && config.enabled) {
    // Opened once, so that one that cannot be used is told here and not when it is needed.
    const auto spool = Spool::open({config.spool_dir, config.spool_bytes_max});
    if (!spool) return fail(spool.error().code, "spool_dir: " + spool.error().message);
  }
  auto local = redact::ExchangeRedactor::compile(local_rules(config));
  if (!local) return tl::unexpected(local.error());
  return std::make_unique<ForkSafeClient>(std::move(config), std::move(world), std::move(*local));
}

}  // namespace apitoolkit::sdk

namespace apitoolkit {

Result<std::unique_ptr<Client>> Client::create(Config config) {
  sdk::World world;
  // Read once, at construction, where it is the caller's business that nobody changes it meanwhile.
  if (const char* host = std::getenv("PUBSUB_EMULATOR_HOST")) {  // NOLINT(concurrency-mt-unsafe)
    world.emulator_host = host;
  }
  world.otel = sdk::read_otel_environment();
  return sdk::create_client(std::move(config), std::move(world));
}

}  // namespace apitoolkit
