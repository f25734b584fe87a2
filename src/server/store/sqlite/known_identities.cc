#include "src/server/store/sqlite/known_identities.h"

#include <algorithm>
#include <set>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::server::store {
namespace {

// 0 means an empty place.
std::uint32_t print_of(std::uint64_t hash) {
  return std::max(static_cast<std::uint32_t>(hash >> 32), std::uint32_t{1});
}

// Follows from the print alone, so that a table can grow.
std::size_t slot_of(std::uint32_t print) {
  return (print * std::uint64_t{0x9e3779b97f4a7c15}) >> 32;
}

bool comes_before(const Uuid& project_a, std::int64_t ms_a, const Uuid& project_b,
                  std::int64_t ms_b) {
  return project_a != project_b ? project_a < project_b : ms_a < ms_b;
}

constexpr std::int64_t kTellsNoTime = -1;

}  // namespace

void StraySet::add(std::uint64_t hash) {
  if (table_.size() < size_ + size_ / 2 + 2) grow();
  insert(print_of(hash));
  ++size_;
}

void StraySet::insert(std::uint32_t print) {
  const std::size_t mask = table_.size() - 1;
  std::size_t slot = slot_of(print) & mask;
  while (table_[slot] != 0) slot = (slot + 1) & mask;
  table_[slot] = print;
}

void StraySet::grow() {
  const std::vector<std::uint32_t> old = std::exchange(
      table_, std::vector<std::uint32_t>(std::max<std::size_t>(64, table_.size() * 2)));
  for (const std::uint32_t print : old) {
    if (print != 0) insert(print);
  }
}

bool StraySet::may_hold(std::uint64_t hash) const {
  if (table_.empty()) return false;
  const std::uint32_t print = print_of(hash);
  const std::size_t mask = table_.size() - 1;
  for (std::size_t slot = slot_of(print) & mask; table_[slot] != 0; slot = (slot + 1) & mask) {
    if (table_[slot] == print) return true;
  }
  return false;
}

Result<std::vector<const Record*>> KnownIdentities::unknown(
    std::span<const Record> records, std::span<const std::shared_ptr<Day>> days,
    std::optional<std::int64_t>& day_at_work) {
  std::vector<Candidate> candidates;
  std::set<std::pair<Uuid, Uuid>> seen;
  for (const Record& record : records) {
    if (!seen.insert({record.project, record.identity}).second) continue;
    candidates.push_back(
        {&record, told_ms(record.identity).value_or(kTellsNoTime), identity_hash(record.identity)});
  }
  // Sorted, so that those that a block spans stand together.
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return comes_before(a.record->project, a.told_ms, b.record->project, b.told_ms);
  });
  for (const std::shared_ptr<Day>& day : days) {
    if (candidates.empty()) break;
    day_at_work = day->number();
    if (Status looked = look_in(*day, candidates); !looked) return tl::unexpected(looked.error());
    std::erase_if(candidates, [](const Candidate& candidate) { return candidate.known; });
  }
  day_at_work.reset();
  std::vector<const Record*> fresh;
  fresh.reserve(candidates.size());
  for (const Candidate& candidate : candidates) fresh.push_back(candidate.record);
  return fresh;
}

Status KnownIdentities::look_in(Day& day, std::span<Candidate> candidates) {
  std::int64_t min = candidates.front().told_ms;
  std::int64_t max = min;
  for (const Candidate& candidate : candidates) {
    min = std::min(min, candidate.told_ms);
    max = std::max(max, candidate.told_ms);
  }
  const std::vector<StoredBlock> blocks = day.blocks().select([&](const BlockHeader& header) {
    return header.strays > 0 || (header.identity_ms_min <= max && header.identity_ms_max >= min);
  });
  if (blocks.empty()) return {};
  if (Status read = read_strays(day, blocks); !read) return read;
  const std::vector<Suspicion> suspected = suspicions(day, blocks, candidates);
  if (suspected.empty()) return {};
  return day.read([&](DayReader& reader) -> Status {
    for (const Suspicion& suspicion : suspected) {
      const auto filter = reader.filter(suspicion.block.id);
      if (!filter) return tl::unexpected(filter.error());
      std::vector<Candidate*> left = suspicion.candidates;
      std::erase_if(left, [&](const Candidate* one) { return !(*filter)->may_hold(one->hash); });
      if (left.empty()) continue;
      const std::unique_ptr<PartSource> parts = reader.parts_of(suspicion.block.id);
      BlockReader block(suspicion.block.header, *parts, reader.frames());
      const auto ids = block.identities();
      if (!ids) return tl::unexpected(ids.error());
      for (Candidate* one : left) {
        const auto found = std::find(ids->begin(), ids->end(), one->record->identity);
        one->known = one->known || found != ids->end();
      }
    }
    return {};
  });
}

std::vector<KnownIdentities::Suspicion> KnownIdentities::suspicions(
    const Day& day, std::span<const StoredBlock> blocks, std::span<Candidate> candidates) const {
  // By the day's set: the candidates that may be among its strays.
  std::vector<Candidate*> strays;
  const auto set = strays_.find(day.number());
  if (set != strays_.end()) {
    for (Candidate& candidate : candidates) {
      if (!set->second || set->second->may_hold(candidate.hash)) strays.push_back(&candidate);
    }
  }
  std::vector<Suspicion> suspected;
  for (const StoredBlock& block : blocks) {
    const BlockHeader& header = *block.header;
    std::vector<Candidate*> wanted;
    auto one = std::lower_bound(candidates.begin(), candidates.end(), header.identity_ms_min,
                                [&](const Candidate& candidate, std::int64_t ms) {
                                  return comes_before(candidate.record->project, candidate.told_ms,
                                                      header.project, ms);
                                });
    for (; one != candidates.end() && one->record->project == header.project &&
           one->told_ms <= header.identity_ms_max;
         ++one) {
      wanted.push_back(&*one);
    }
    if (header.strays > 0) {
      for (Candidate* stray : strays) {
        if (stray->record->project == header.project) wanted.push_back(stray);
      }
    }
    if (wanted.empty()) continue;
    if (const auto filter = day.blocks().filter(block.id)) {
      std::erase_if(wanted, [&](const Candidate* each) { return !filter->may_hold(each->hash); });
    }
    if (!wanted.empty()) suspected.push_back({block, std::move(wanted)});
  }
  return suspected;
}

Status KnownIdentities::read_strays(Day& day, std::span<const StoredBlock> blocks) {
  if (strays_.contains(day.number())) return {};
  std::size_t count = 0;
  for (const StoredBlock& block : blocks) count += block.header->strays;
  if (count == 0) return {};
  if (stray_count_ + count > static_cast<std::size_t>(limits::kStrayIdentitiesMax)) {
    strays_[day.number()] = std::nullopt;
    return {};
  }
  StraySet set;
  Status read = day.read([&](DayReader& reader) -> Status {
    for (const StoredBlock& stored : blocks) {
      if (stored.header->strays == 0) continue;
      const std::unique_ptr<PartSource> parts = reader.parts_of(stored.id);
      BlockReader block(stored.header, *parts, reader.frames());
      const auto ids = block.identities();
      if (!ids) return tl::unexpected(ids.error());
      const auto starts = block.numbers(NumberColumn::kStart);
      if (!starts) return tl::unexpected(starts.error());
      for (std::size_t row = 0; row < ids->size(); ++row) {
        if (is_stray((*ids)[row], (*starts)[row])) set.add(identity_hash((*ids)[row]));
      }
    }
    return {};
  });
  if (!read) return read;
  stray_count_ += set.size();
  strays_[day.number()] = std::move(set);
  return {};
}

void KnownIdentities::stored(std::int64_t day, std::span<const std::uint64_t> stray_hashes) {
  for (const std::uint64_t hash : stray_hashes) {
    // A day without strays has no set yet; one that had some got its set when it was looked into.
    std::optional<StraySet>& set = strays_.try_emplace(day, StraySet()).first->second;
    if (!set) continue;
    if (stray_count_ >= static_cast<std::size_t>(limits::kStrayIdentitiesMax)) {
      stray_count_ -= set->size();
      set.reset();
      continue;
    }
    set->add(hash);
    ++stray_count_;
  }
}

void KnownIdentities::forget(std::int64_t day) {
  const auto found = strays_.find(day);
  if (found == strays_.end()) return;
  if (found->second) stray_count_ -= found->second->size();
  strays_.erase(found);
}

}  // namespace apitoolkit::server::store
