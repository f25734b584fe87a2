#include "src/server/store/sqlite/cursors_ahead.h"

#include <algorithm>
#include <utility>

#include "src/base/limits.h"
#include "src/server/store/sqlite/locked_parts.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::size_t kOpenedAlone = 2;   // blocks, before threads look ahead
constexpr std::size_t kOpenedAhead = 16;  // blocks; each that has matches takes a few megabytes

}  // namespace

CursorsAhead::CursorsAhead(DayReader& day, const Search& search, std::vector<StoredBlock> blocks)
    : day_(day), search_(search), blocks_(std::move(blocks)), slots_(kOpenedAhead) {}

CursorsAhead::~CursorsAhead() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::unique_ptr<BlockCursor> CursorsAhead::cursor_of(std::size_t number, FrameReader& frames) {
  const StoredBlock& block = blocks_[number];
  return std::make_unique<BlockCursor>(
      block, std::make_unique<LockedParts>(connection_, day_.parts_of(block.id)), frames);
}

Result<std::unique_ptr<BlockCursor>> CursorsAhead::open(query::Scanned& scanned) {
  const std::size_t number = taken_++;
  if (number < kOpenedAlone) {
    claimed_ = taken_;
    std::unique_ptr<BlockCursor> cursor = cursor_of(number, day_.frames());
    if (Status selected = cursor->select(search_); !selected) {
      return tl::unexpected(selected.error());
    }
    return cursor;
  }
  std::unique_lock lock(mutex_);
  wanted_end_ = std::min(number + kOpenedAhead, blocks_.size());
  const std::size_t threads =
      std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, limits::kQueryThreadsMax);
  const std::size_t left = blocks_.size() - number;
  while (threads_.size() + 1 < std::min(threads, left)) {
    threads_.emplace_back([this] { work(); });
  }
  changed_.notify_all();
  Slot& slot = slots_[number % kOpenedAhead];
  while (!slot.is_done) {
    if (!open_one_ahead(lock, day_.frames())) changed_.wait(lock);
  }
  slot.is_done = false;
  scanned.merge(slot.scanned);
  slot.scanned = {};
  Result<std::unique_ptr<BlockCursor>> cursor = std::move(slot.cursor);
  if (cursor) (*cursor)->use(day_.frames());
  return cursor;
}

void CursorsAhead::work() {
  FrameReader frames;
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (!open_one_ahead(lock, frames)) changed_.wait(lock);
  }
}

bool CursorsAhead::open_one_ahead(std::unique_lock<std::mutex>& lock, FrameReader& frames) {
  if (claimed_ >= wanted_end_) return false;
  const std::size_t number = claimed_++;
  lock.unlock();
  query::Scanned scanned;
  std::unique_ptr<BlockCursor> cursor = cursor_of(number, frames);
  Status done = search_.control.check();
  if (done) done = cursor->select(search_);
  if (done) done = cursor->keep_passing(search_, scanned);
  if (done) cursor->read_ahead(search_);
  lock.lock();
  Slot& slot = slots_[number % kOpenedAhead];
  slot.scanned = scanned;
  if (done) {
    slot.cursor = std::move(cursor);
  } else {
    slot.cursor = tl::unexpected(done.error());
  }
  slot.is_done = true;
  changed_.notify_all();
  return true;
}

}  // namespace apitoolkit::server::store
