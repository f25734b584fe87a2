#include "src/sdk/deliver/batch.h"

#include <algorithm>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::sdk {

Batch Batch::take_from(std::deque<Waiting>& backlog) {
  Batch batch;
  std::int64_t bytes = 0;
  while (!backlog.empty() && batch.parcels_.size() < limits::kPublishMessagesMax) {
    bytes += backlog.front().bytes;
    if (!batch.parcels_.empty() && bytes > limits::kBatchBytesMax) break;
    batch.parcels_.push_back({std::move(backlog.front()), "", false});
    backlog.pop_front();
  }
  batch.undecided_ = batch.parcels_.size();
  return batch;
}

Batch Batch::of_spooled(std::vector<std::string> messages) {
  Batch batch;
  batch.is_queued_ = false;
  for (std::string& message : messages) {
    Waiting waiting;
    waiting.message = std::move(message);
    batch.parcels_.push_back({std::move(waiting), "", false});
  }
  batch.undecided_ = batch.parcels_.size();
  return batch;
}

void Batch::plan(std::int64_t bytes_max) {
  plan_.clear();
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < parcels_.size(); ++i) {
    if (parcels_[i].is_decided) continue;
    const auto size = static_cast<std::int64_t>(parcels_[i].message.size());
    bytes += size;
    const bool continues = !plan_.empty() && plan_.back().end == i && bytes <= bytes_max &&
                           plan_.back().size() < limits::kPublishMessagesMax;
    if (continues) {
      ++plan_.back().end;
    } else {
      plan_.push_back({i, i + 1});
      bytes = size;
    }
  }
  std::reverse(plan_.begin(), plan_.end());
}

std::vector<std::string_view> Batch::messages(Range range) const {
  std::vector<std::string_view> views;
  views.reserve(range.size());
  for (std::size_t i = range.begin; i < range.end; ++i) views.push_back(parcels_[i].message);
  return views;
}

Batch::Decided Batch::decide_next() {
  Decided decided{0, 0, is_queued_};
  for (std::size_t i = plan_.back().begin; i < plan_.back().end; ++i) {
    parcels_[i].is_decided = true;
    ++decided.count;
    decided.bytes += parcels_[i].waiting.bytes;
  }
  undecided_ -= plan_.back().size();
  plan_.pop_back();
  return decided;
}

void Batch::split_next() {
  const Range range = plan_.back();
  const std::size_t middle = range.begin + range.size() / 2;
  plan_.back() = {middle, range.end};
  plan_.push_back({range.begin, middle});
}

Batch::Decided Batch::decide(std::size_t parcel) {
  parcels_[parcel].is_decided = true;
  --undecided_;
  return {1, parcels_[parcel].waiting.bytes, is_queued_};
}

Batch::Decided Batch::decide_rest() {
  Decided decided{0, 0, is_queued_};
  for (Parcel& parcel : parcels_) {
    if (std::exchange(parcel.is_decided, true)) continue;
    ++decided.count;
    decided.bytes += parcel.waiting.bytes;
  }
  undecided_ = 0;
  plan_.clear();
  return decided;
}

}  // namespace apitoolkit::sdk
