#include "src/server/ingest/otlp_delivery.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "src/base/limits.h"

namespace apitoolkit::server::ingest {
namespace {

constexpr std::size_t kReasonsShownMax = 10;

bool is_for_a_while(ErrorCode code) {
  switch (code) {
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kIo:
    case ErrorCode::kInternal:
      return true;
    default:
      return false;
  }
}

// The parts of one API key.
struct KeyGroup {
  std::string_view key;
  std::vector<wire::OtlpPart> parts;

  std::size_t entries() const {
    std::size_t sum = 0;
    for (const wire::OtlpPart& part : parts) sum += part.entries;
    return sum;
  }
};

// A request with several keys becomes several deliveries; what becomes of them comes together here.
class Answers {
 public:
  explicit Answers(OtlpAnswer answer) : answer_(std::move(answer)) {}

  // Before any delivery but the first has begun.
  void expect(std::size_t deliveries) { left_ = deliveries; }

  void accepted(std::size_t rejected, const std::string& why) {
    const std::lock_guard lock(mutex_);
    any_accepted_ = true;
    if (rejected > 0) add_rejected(rejected, why);
    end_one();
  }
  void refused(std::size_t entries, const Error& error) {
    const std::lock_guard lock(mutex_);
    if (is_for_a_while(error.code) && !for_a_while_) for_a_while_ = error;
    if (!first_error_) first_error_ = error;
    add_rejected(entries, error.message);
    end_one();
  }

 private:
  void add_rejected(std::size_t entries, const std::string& why) {
    partial_.rejected += static_cast<std::int64_t>(entries);
    if (++reasons_ > kReasonsShownMax) return;
    if (!partial_.message.empty()) partial_.message += "; ";
    partial_.message += std::to_string(entries) + " rejected: " + why;
  }
  void end_one() {
    if (--left_ > 0) return;
    if (for_a_while_) return answer_(tl::unexpected<Error>(*for_a_while_));
    if (!any_accepted_) return answer_(tl::unexpected<Error>(*first_error_));
    answer_(partial_);
  }

  const OtlpAnswer answer_;
  std::mutex mutex_;  // guards what follows
  std::size_t left_ = 1;
  std::size_t reasons_ = 0;
  bool any_accepted_ = false;
  wire::PartialSuccess partial_;
  std::optional<Error> for_a_while_;
  std::optional<Error> first_error_;
};

// What the deliveries of one request share: the bytes that their parts are views of.
struct Shared {
  Shared(OtlpRequest given, OtlpAnswer answer)
      : request(std::move(given)), answers(std::move(answer)) {}
  // The request's bytes are gone when the last delivery has made its own of them.
  void end_reading() {
    if (--readers == 0) request.body = {};
  }

  OtlpRequest request;
  Answers answers;
  std::atomic<std::size_t> readers{1};
};

// The request's groups; at least one, so that an empty request is answered by its key too.
Result<std::vector<KeyGroup>> open(OtlpRequest& request) {
  if (request.is_json) {
    auto protobuf = wire::otlp_json_to_protobuf(request.signal, request.body);
    if (!protobuf) return tl::unexpected<Error>(protobuf.error());
    request.body = std::move(*protobuf);
  }
  const wire::OtlpKeys keys{request.key_before_resource, request.key_after_resource};
  auto parts = wire::split_request(request.signal, request.body, keys);
  if (!parts) return tl::unexpected<Error>(parts.error());
  std::vector<KeyGroup> groups;
  for (const wire::OtlpPart& part : *parts) {
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const KeyGroup& other) { return other.key == part.key; });
    if (group == groups.end()) group = groups.insert(group, {part.key, {}});
    group->parts.push_back(part);
    if (groups.size() > limits::kOtlpKeysMax) {
      return fail(ErrorCode::kInvalidArgument, "the request names too many API keys");
    }
  }
  if (groups.empty()) {
    groups.push_back(
        {keys.before_resource.empty() ? keys.after_resource : keys.before_resource, {}});
  }
  return groups;
}

}  // namespace

class OtlpDelivery final : public Delivery {
 public:
  // Of the whole request, until it is known whose it is.
  OtlpDelivery(OtlpIntake& intake, std::shared_ptr<Shared> shared)
      : intake_(intake), shared_(std::move(shared)) {}
  OtlpDelivery(OtlpIntake& intake, std::shared_ptr<Shared> shared, KeyGroup group)
      : intake_(intake), shared_(std::move(shared)), group_(std::move(group)), is_open_(true) {}

  std::string_view source() const override { return intake_.door_; }

  std::int64_t bytes() const override {
    std::size_t sum = 0;
    for (const wire::OtlpPart& part : group_.parts) sum += part.group.size();
    return static_cast<std::int64_t>(sum);
  }

  Result<account::KeyHolder> authenticate() override {
    if (!is_open_) {
      auto groups = open(shared_->request);
      if (!groups) return tl::unexpected<Error>(groups.error());
      take_first_of(std::move(*groups));
    }
    if (group_.key.empty()) {
      return fail(ErrorCode::kUnauthenticated,
                  "there is no API key: send it as `Authorization: Bearer <key>`, as `x-api-key`, "
                  "or as the resource attribute at-project-key");
    }
    auto holder = intake_.context_.accounts.find_key(group_.key);
    if (holder && !holder->scopes.has(account::Scope::kIngest)) {
      return fail(ErrorCode::kPermissionDenied, "this API key may not ingest");
    }
    if (holder) project_ = holder->project->id;
    return holder;
  }

  Result<Contents> decode() override {
    auto contents = decode_parts();
    shared_->end_reading();
    return contents;
  }

  void acknowledge(const Receipt& receipt) override {
    shared_->answers.accepted(receipt.bad.size() + unusable_spans_,
                              "a span of an SDK that names no method");
  }

  void refuse(const Error& error) override { shared_->answers.refused(group_.entries(), error); }

 private:
  // The others are on their own from here.
  void take_first_of(std::vector<KeyGroup> groups) {
    is_open_ = true;
    group_ = std::move(groups.front());
    shared_->answers.expect(groups.size());
    shared_->readers = groups.size();
    for (std::size_t i = 1; i < groups.size(); i++) {
      intake_.context_.intake.take(
          std::make_shared<OtlpDelivery>(intake_, shared_, std::move(groups[i])));
    }
  }

  Result<Contents> decode_parts() {
    switch (shared_->request.signal) {
      case wire::OtlpSignal::kTraces:
        return decode_traces();
      case wire::OtlpSignal::kLogs:
        return decode_logs();
      case wire::OtlpSignal::kMetrics:
        break;
    }
    Contents contents;
    contents.dropped.push_back({"data_point", group_.entries()});
    return contents;
  }

  Result<Contents> decode_traces() {
    auto traces = wire::decode_traces(group_.parts);
    if (!traces) return tl::unexpected<Error>(traces.error());
    unusable_spans_ = traces->unusable_spans;
    const std::size_t twins = traces->twin_spans + intake_.twins_.drop(project_, traces->exchanges);
    Contents contents;
    contents.dropped = {{"span_not_http", traces->other_spans}, {"span_told_by_sdk", twins}};
    contents.items.reserve(traces->exchanges.size());
    for (Exchange& exchange : traces->exchanges) {
      contents.items.push_back({std::move(exchange), {}});
    }
    return contents;
  }

  Result<Contents> decode_logs() {
    auto logs = wire::decode_logs(group_.parts);
    if (!logs) return tl::unexpected<Error>(logs.error());
    Contents contents;
    contents.dropped = {{"log_without_trace", logs->without_trace}};
    contents.logs.reserve(logs->logs.size());
    for (wire::OtlpLog& log : logs->logs) {
      store::LogEntry& entry = contents.logs.emplace_back();
      entry.trace_id = std::move(log.trace_id);
      entry.span_id = std::move(log.span_id);
      entry.time_ns = log.time_ns;
      entry.severity = log.severity;
      entry.body = std::move(log.body);
      entry.attributes_json = std::move(log.attributes_json);
    }
    return contents;
  }

  OtlpIntake& intake_;
  const std::shared_ptr<Shared> shared_;  // shared: with the deliveries of the request's other keys
  KeyGroup group_;
  bool is_open_ = false;
  Uuid project_{};
  std::size_t unusable_spans_ = 0;
};

void OtlpIntake::take(OtlpRequest request, OtlpAnswer answer) {
  auto shared = std::make_shared<Shared>(std::move(request), std::move(answer));
  context_.intake.take(std::make_shared<OtlpDelivery>(*this, std::move(shared)));
}

}  // namespace apitoolkit::server::ingest
