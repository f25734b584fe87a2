#include "src/redact/engine/automaton.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace apitoolkit::redact {
namespace {

using jsonpath::Path;
using jsonpath::Segment;
using jsonpath::Selector;
using Set = std::vector<std::uint32_t>;  // positions, sorted

constexpr std::uint32_t kAccept = 0xffffffff;  // the position after the last segment
constexpr std::size_t kStatesMax = 1024;
constexpr std::size_t kTargetsMax = std::size_t{1} << 16;
constexpr std::size_t kStatePredicatesMax = 6;

void insert(Set& set, std::uint32_t position) {
  const auto at = std::lower_bound(set.begin(), set.end(), position);
  if (at == set.end() || *at != position) set.insert(at, position);
}

bool accepts(const Set& set) {
  return !set.empty() && set.back() == kAccept;
}

bool has_bracketed_wildcard(const Segment& segment) {
  return std::any_of(segment.selectors.begin(), segment.selectors.end(),
                     [](const Selector& s) { return s.bracketed; });
}

// Whether a segment can select below an array, or below an object.
bool can_select_in(const Segment& segment, bool array) {
  if (segment.descendant) return true;
  return std::any_of(segment.selectors.begin(), segment.selectors.end(), [&](const Selector& s) {
    switch (s.kind) {
      case Selector::Kind::kName:
        return !array;
      case Selector::Kind::kIndex:
      case Selector::Kind::kSlice:
        return array;
      default:
        return true;
    }
  });
}

class Builder {
 public:
  explicit Builder(std::span<const Path* const> paths) : paths_(paths) {
    for (const Path* path : paths) {
      starts_.push_back(static_cast<std::uint32_t>(segments_.size()));
      for (const Segment& segment : path->segments) {
        segments_.push_back({&segment, &segment == &path->segments.back()});
      }
    }
    automaton_.states.resize(2);
  }

  std::optional<Automaton> build() {
    Set start;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      insert(start, paths_[i]->segments.empty() ? kAccept : starts_[i]);
    }
    automaton_.root = {.array = array_state(start),
                       .object = object_state(start),
                       .scalar = accepts(start) ? kSelected : kDead};
    // States are added while earlier ones are completed.
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      const Set set = pending_[i];  // a copy: the list grows
      if (!complete(static_cast<StateId>(i + 2), set)) return std::nullopt;
    }
    if (failed_) return std::nullopt;
    for (std::size_t i = 2; i < automaton_.states.size(); ++i) {
      State& state = automaton_.states[i];
      state.way = way_through(state, static_cast<StateId>(i));
      state.elements_max = elements_max(state);
      if (state.predicate_count == 0) state.other = automaton_.target(state, NameTable::kNone, 0);
    }
    return std::move(automaton_);
  }

 private:
  struct Position {
    const Segment* segment;
    bool last;
  };

  std::uint32_t next(std::uint32_t position) const {
    return segments_[position].last ? kAccept : position + 1;
  }

  StateId array_state(const Set& set) { return intern(set, true); }

  // What follows "[*]" also applies to a value that is no list, itself. Where nothing follows, the
  // members are selected already.
  StateId object_state(Set set) {
    for (std::size_t i = 0; i < set.size(); ++i) {
      if (set[i] == kAccept) break;
      const Position& position = segments_[set[i]];
      if (has_bracketed_wildcard(*position.segment) && !position.last) insert(set, set[i] + 1);
    }
    return intern(set, false);
  }

  // A scalar is selected where nothing but "[*]" is left.
  StateId scalar_state(const Set& set) const {
    if (accepts(set)) return kSelected;
    for (std::uint32_t position : set) {
      while (has_bracketed_wildcard(*segments_[position].segment)) {
        position = next(position);
        if (position == kAccept) return kSelected;
      }
    }
    return kDead;
  }

  // The state of a set, less the positions that cannot select below a value of that type.
  StateId intern(const Set& set, bool array) {
    if (accepts(set)) return kSelected;
    Set useful;
    for (const std::uint32_t position : set) {
      if (can_select_in(*segments_[position].segment, array)) useful.push_back(position);
    }
    if (useful.empty()) return kDead;
    const auto [at, added] = ids_.emplace(useful, static_cast<StateId>(pending_.size() + 2));
    if (added) {
      if (pending_.size() == kStatesMax) {
        failed_ = true;
        ids_.erase(at);
        return kDead;
      }
      pending_.push_back(std::move(useful));
    }
    return at->second;
  }

  // What a state's positions ask of a child, and the position that each answer leads to.
  struct Questions {
    Set always;                      // whatever the child is
    std::vector<std::string> names;  // that of label l is names[l - 1]
    std::vector<Set> named;          // by label - 1
    std::vector<Predicate> predicates;
    std::vector<std::uint32_t> predicted;  // by predicate
  };

  // Finds each way out of the state. False where there are too many.
  bool complete(StateId id, const Set& set) {
    Questions asked = questions(set);
    const std::size_t count = asked.predicates.size();
    const std::size_t ways = (asked.names.size() + 1) << std::min<std::size_t>(count, 16);
    if (failed_ || count > kStatePredicatesMax || automaton_.targets.size() + ways > kTargetsMax) {
      return false;
    }
    State state;
    state.names = NameTable(asked.names);
    state.first_target = static_cast<std::uint32_t>(automaton_.targets.size());
    state.first_predicate = static_cast<std::uint32_t>(automaton_.predicates.size());
    state.predicate_count = static_cast<std::uint8_t>(count);
    for (std::uint32_t label = 0; label <= asked.names.size(); ++label) {
      for (std::uint32_t outcome = 0; outcome < (1u << count); ++outcome) {
        const Set child = step(asked, label, outcome);
        automaton_.targets.push_back({.array = array_state(child),
                                      .object = object_state(child),
                                      .scalar = scalar_state(child)});
      }
    }
    for (Predicate& predicate : asked.predicates) {
      state.has_filter = state.has_filter || predicate.kind == Predicate::Kind::kFilter;
      state.needs_count = state.needs_count || predicate.needs_count;
      automaton_.predicates.push_back(std::move(predicate));
    }
    if (automaton_.states.size() <= id) automaton_.states.resize(id + 1u);
    automaton_.states[id] = std::move(state);
    return true;
  }

  Questions questions(const Set& set) {
    Questions asked;
    std::unordered_map<std::string_view, std::size_t> places;  // in names
    for (const std::uint32_t position : set) {
      const Segment& segment = *segments_[position].segment;
      const std::uint32_t to = next(position);
      if (segment.descendant) insert(asked.always, position);
      std::vector<std::int64_t> indices;
      for (const Selector& selector : segment.selectors) {
        if (selector.kind == Selector::Kind::kWildcard) {
          insert(asked.always, to);
        } else if (selector.kind == Selector::Kind::kIndex) {
          indices.push_back(selector.index);
        } else if (selector.kind == Selector::Kind::kName) {
          const auto [at, added] = places.emplace(selector.name, asked.names.size());
          if (added) {
            asked.names.push_back(selector.name);
            asked.named.emplace_back();
          }
          insert(asked.named[at->second], to);
        } else {
          asked.predicates.push_back(predicate_of(selector));
          asked.predicted.push_back(to);
        }
      }
      if (indices.empty()) continue;
      asked.predicates.push_back(predicate_of(std::move(indices)));
      asked.predicted.push_back(to);
    }
    return asked;
  }

  static Set step(const Questions& asked, std::uint32_t label, std::uint32_t outcome) {
    Set child = asked.always;
    if (label != NameTable::kNone) {
      for (const std::uint32_t position : asked.named[label - 1]) insert(child, position);
    }
    for (; outcome != 0; outcome &= outcome - 1) {
      insert(child, asked.predicted[static_cast<std::size_t>(__builtin_ctz(outcome))]);
    }
    return child;
  }

  // Of a filter or a slice.
  Predicate predicate_of(const Selector& selector) {
    Predicate predicate;
    if (selector.kind == Selector::Kind::kFilter) {
      predicate.kind = Predicate::Kind::kFilter;
      predicate.filter = filter(*selector.filter);
      return predicate;
    }
    predicate.kind = Predicate::Kind::kSlice;
    predicate.start = selector.start;
    predicate.end = selector.end;
    predicate.step = selector.step;
    // Without an end, elements beyond the array need not be told from those within.
    predicate.needs_count =
        selector.step < 0 || selector.start.value_or(0) < 0 || selector.end.value_or(0) < 0;
    return predicate;
  }

  // Of all the indices of a segment, which lead to the same place: one question in place of many,
  // whose outcomes would multiply.
  static Predicate predicate_of(std::vector<std::int64_t> indices) {
    std::sort(indices.begin(), indices.end());
    Predicate predicate;
    predicate.needs_count = indices.front() < 0;
    predicate.index = indices.front();
    if (indices.size() > 1) {
      predicate.kind = Predicate::Kind::kIndices;
      predicate.indices = std::move(indices);
    }
    return predicate;
  }

  std::uint32_t filter(const jsonpath::Expression& expression) {
    const auto [at, added] =
        filters_.emplace(&expression, static_cast<std::uint32_t>(automaton_.filters.size()));
    if (added) {
      std::string unused;
      automaton_.filters.push_back(*FilterProgram::compile(expression, unused));
    }
    return at->second;
  }

  // Where only elements at given places lead anywhere: how many from the first on can.
  std::uint32_t elements_max(const State& state) const {
    constexpr std::uint32_t kAny = ~std::uint32_t{0};
    const Target& other = automaton_.target(state, NameTable::kNone, 0);
    const bool dead = other.array == kDead && other.object == kDead && other.scalar == kDead;
    if (!dead || state.has_filter || state.needs_count) return kAny;
    std::int64_t most = 0;
    for (std::uint32_t i = 0; i < state.predicate_count; ++i) {
      const Predicate& predicate = automaton_.predicates[state.first_predicate + i];
      if (predicate.kind == Predicate::Kind::kIndex) {
        most = std::max(most, predicate.index + 1);
      } else if (predicate.kind == Predicate::Kind::kIndices) {
        most = std::max(most, predicate.indices.back() + 1);
      } else {
        most = std::max(most, predicate.end.value_or(kAny));
      }
    }
    return static_cast<std::uint32_t>(std::min<std::int64_t>(most, kAny));
  }

  State::Way way_through(const State& state, StateId id) const {
    if (state.predicate_count != 0) return State::Way::kAsking;
    const Target& other = automaton_.target(state, NameTable::kNone, 0);
    if (other.scalar != kDead) return State::Way::kAll;
    if (other.array == kDead && other.object == kDead) return State::Way::kListed;
    return other.array == id && other.object == id ? State::Way::kSearch : State::Way::kAll;
  }

  std::span<const Path* const> paths_;
  std::vector<std::uint32_t> starts_;  // each path's first position
  std::vector<Position> segments_;     // by position
  std::map<Set, StateId> ids_;
  std::vector<Set> pending_;  // the set of state i + 2
  std::map<const jsonpath::Expression*, std::uint32_t> filters_;
  Automaton automaton_;
  bool failed_ = false;
};

}  // namespace

// RFC 9535, section 2.3.4.2.2, asked the other way round.
bool Predicate::selects(std::int64_t i, std::int64_t count) const {
  if (kind == Kind::kIndex) return i == (index < 0 ? index + count : index);
  if (kind == Kind::kIndices) {
    return std::binary_search(indices.begin(), indices.end(), i) ||
           (needs_count && std::binary_search(indices.begin(), indices.end(), i - count));
  }
  if (step == 0) return false;
  const auto from_end = [&](std::int64_t bound) { return bound < 0 ? bound + count : bound; };
  if (step > 0) {
    const std::int64_t first = std::max<std::int64_t>(start ? from_end(*start) : 0, 0);
    return i >= first && (!end || i < from_end(*end)) && (i - first) % step == 0;
  }
  const std::int64_t first = start ? std::min(from_end(*start), count - 1) : count - 1;
  return i <= first && (!end || i > from_end(*end)) && (first - i) % -step == 0;
}

std::optional<Automaton> Automaton::build(std::span<const Path* const> paths) {
  return Builder(paths).build();
}

}  // namespace apitoolkit::redact
