#include "src/redact/engine/walk.h"

#include <algorithm>

#include "src/redact/engine/token_cursor.h"

namespace apitoolkit::redact {
namespace {

class Walker {
 public:
  Walker(const json::TokenStream& stream, const Automaton& automaton, WalkStack& stack,
         std::vector<Span>& spans, std::int64_t& operations)
      : tokens_(stream),
        automaton_(automaton),
        outer_(stack.frames),
        spans_(spans),
        operations_(operations) {}

  // The innermost container that is being walked is `frame`; entering a child puts it on the stack.
  bool walk() {
    WalkFrame* const bottom = outer_;
    WalkFrame frame{};
    if (!start(frame)) return true;
    while (true) {
      if (go_on(frame)) continue;
      if (outer_ == bottom) return operations_ >= 0;
      pop(frame);
    }
  }

 private:
  // Walks the frame's children until one of them is entered, and is the frame then, or until there
  // are no more: false.
  [[gnu::always_inline]] bool go_on(WalkFrame& frame) {
    if (frame.state->way == State::Way::kSearch) return search(frame);
    if (tokens_.byte(frame.close) == ']') {
      return frame.state->way == State::Way::kAsking ? elements<State::Way::kAsking>(frame)
                                                     : elements<State::Way::kAll>(frame);
    }
    switch (frame.state->way) {
      case State::Way::kListed:
        return members<State::Way::kListed>(frame);
      case State::Way::kAsking:
        return members<State::Way::kAsking>(frame);
      default:
        return members<State::Way::kAll>(frame);
    }
  }

  template <State::Way way>
  [[gnu::always_inline]] bool members(WalkFrame& frame) {
    const std::uint32_t inner = std::min(frame.close, tokens_.safe_tokens());
    if (members_before<way, true>(frame, inner)) return true;
    if (__builtin_expect(frame.next >= frame.close, 1)) return false;
    return members_before<way, false>(frame, frame.close);
  }

  template <State::Way way, bool inner>
  [[gnu::always_inline]] bool members_before(WalkFrame& frame, std::uint32_t end) {
    const State& state = *frame.state;
    std::uint32_t at = frame.next;
    while (at < end) {
      const std::uint32_t label = tokens_.label<inner>(state.names, at);
      const std::uint32_t value = at + 2;
      if (way == State::Way::kListed && __builtin_expect(label == NameTable::kNone, 1)) {
        if (tokens_.is_container(value)) {
          const json::Container& container = tokens_.container(ordinal_);
          ordinal_ = container.after;
          at = container.close + 2;
        } else {
          at = value + 2;
        }
        continue;
      }
      const std::uint32_t outcome = way == State::Way::kAsking ? ask_filters(state, value) : 0;
      const Target& target = automaton_.target(state, label, outcome);
      if (!tokens_.is_container(value)) {
        if (target.scalar != kDead) select_scalar(value);
        at = value + 2;
        continue;
      }
      at = tokens_.container(ordinal_).close + 2;
      if (enter<way>(value, tokens_.is_object(value) ? target.object : target.array, frame, at)) {
        return true;
      }
    }
    frame.next = at;
    return false;
  }

  template <State::Way way>
  [[gnu::always_inline]] bool elements(WalkFrame& frame) {
    const State& state = *frame.state;
    const std::uint32_t close = frame.close;
    std::uint32_t at = frame.next;
    while (at < close) {
      if (way == State::Way::kAsking && frame.index >= state.elements_max) {
        ordinal_ = tokens_.ordinal_at(close);
        return false;
      }
      const std::uint32_t value = at;
      const Target& target = way == State::Way::kAsking
                                 ? automaton_.target(state, NameTable::kNone,
                                                     ask(state, value, frame.index++, frame.count))
                                 : state.other;
      if (!tokens_.is_container(value)) {
        if (target.scalar != kDead) select_scalar(value);
        at = value + 2;
        continue;
      }
      at = tokens_.container(ordinal_).close + 2;
      if (enter<way>(value, tokens_.is_object(value) ? target.object : target.array, frame, at)) {
        return true;
      }
    }
    return false;
  }

  // Goes from name to name, whatever lies between.
  [[gnu::always_inline]] bool search(WalkFrame& frame) {
    const std::uint32_t inner = std::min(frame.close, tokens_.safe_tokens());
    if (search_before<true>(frame, inner)) return true;
    if (frame.next < frame.close && search_before<false>(frame, frame.close)) return true;
    ordinal_ = tokens_.ordinal_at(frame.close);
    return false;
  }

  template <bool inner>
  [[gnu::always_inline]] bool search_before(WalkFrame& frame, std::uint32_t end) {
    const NameTable& names = frame.state->names;
    std::uint32_t from = frame.next;
    while (from < end) {
      const std::uint32_t first = from & ~(json::kGroupTokens - 1);
      std::uint64_t rest = tokens_.group(first / json::kGroupTokens).names;
      rest &= ~std::uint64_t{0} << (from - first);
      from = first + json::kGroupTokens;
      if (from > end) {
        rest &= (std::uint64_t{1} << (end - first)) - 1;
        from = end;
      }
      if (inner) rest = tokens_.candidates(names, first / json::kGroupTokens, rest);
      for (; rest != 0; rest &= rest - 1) {
        const std::uint32_t at = first + static_cast<std::uint32_t>(__builtin_ctzll(rest));
        const std::uint32_t label = tokens_.label<inner>(names, at);
        if (__builtin_expect(label == NameTable::kNone, 1)) continue;
        const Target& target = automaton_.target(*frame.state, label, 0);
        const std::uint32_t value = at + 2;
        if (!tokens_.is_container(value)) {
          if (target.scalar != kDead) select_scalar(value);
          continue;
        }
        const StateId next = tokens_.is_object(value) ? target.object : target.array;
        if (&automaton_.states[next] == frame.state) continue;
        ordinal_ = tokens_.ordinal_at(value);
        from = tokens_.container(ordinal_).close + 1;
        if (enter<State::Way::kSearch>(value, next, frame, from)) return true;
        break;  // the value was left behind
      }
    }
    frame.next = from;
    return false;
  }

  // A container in the given state: skips it, selects it, or makes it the frame, and then tells so.
  template <State::Way way>
  [[gnu::always_inline]] bool enter(std::uint32_t token, StateId id, WalkFrame& frame,
                                    std::uint32_t resume) {
    if (id <= kSelected) {
      const json::Container& container = tokens_.container(ordinal_);
      if (id == kSelected) select_container(token, container.close);
      ordinal_ = container.after;
      return false;
    }
    outer_->state = frame.state;
    outer_->next = resume;
    outer_->close = frame.close;
    if (way == State::Way::kAsking) {
      outer_->index = frame.index;
      outer_->count = frame.count;
    }
    ++outer_;
    frame = frame_of(token, id);
    return true;
  }

  void pop(WalkFrame& frame) {
    --outer_;
    frame.state = outer_->state;
    frame.next = outer_->next;
    frame.close = outer_->close;
    if (frame.state->way == State::Way::kAsking) {
      frame.index = outer_->index;
      frame.count = outer_->count;
    }
  }

  WalkFrame frame_of(std::uint32_t token, StateId id) {
    const State& state = automaton_.states[id];
    WalkFrame frame{.state = &state,
                    .next = token + 1,
                    .close = tokens_.container(ordinal_).close,
                    .index = 0,
                    .count = 0};
    ++ordinal_;
    if (state.needs_count && tokens_.is_array(token)) frame.count = count_elements(frame);
    return frame;
  }

  // The top-level value's frame, if it is to be walked.
  bool start(WalkFrame& frame) {
    const Target& root = automaton_.root;
    const StateId id = tokens_.is_object(0)  ? root.object
                       : tokens_.is_array(0) ? root.array
                                             : root.scalar;
    if (id == kSelected) {
      tokens_.is_container(0) ? select_container(0, tokens_.container(0).close) : select_scalar(0);
    }
    if (id <= kSelected) return false;
    frame = frame_of(0, id);
    return true;
  }

  std::uint32_t count_elements(const WalkFrame& frame) {
    std::uint32_t count = 0;
    TokenNode element{frame.next, ordinal_};
    for (; element.token < frame.close; ++element.token, ++count) element = tokens_.after(element);
    return count;
  }

  // What the state's predicates say of an array's element: a bit each.
  std::uint32_t ask(const State& state, std::uint32_t value, std::int64_t index,
                    std::int64_t count) {
    std::uint32_t outcome = state.has_filter ? ask_filters(state, value) : 0;
    for (std::uint32_t i = 0; i < state.predicate_count; ++i) {
      const Predicate& predicate = automaton_.predicates[state.first_predicate + i];
      if (predicate.kind == Predicate::Kind::kFilter) continue;
      outcome |= static_cast<std::uint32_t>(predicate.selects(index, count)) << i;
    }
    return outcome;
  }

  // Nothing is asked any more when the operations are spent: the walk comes to nothing then, and
  // what is left of it costs no more than one without filters.
  std::uint32_t ask_filters(const State& state, std::uint32_t value) {
    std::uint32_t outcome = 0;
    if (__builtin_expect(operations_ < 0, 0)) return outcome;
    for (std::uint32_t i = 0; i < state.predicate_count; ++i) {
      const Predicate& predicate = automaton_.predicates[state.first_predicate + i];
      if (predicate.kind != Predicate::Kind::kFilter) continue;
      const FilterProgram& filter = automaton_.filters[predicate.filter];
      const bool known = filter.of_scalars().has_value() && !tokens_.is_container(value);
      const bool matches =
          known ? *filter.of_scalars() : filter.matches(tokens_, {value, ordinal_}, operations_);
      outcome |= static_cast<std::uint32_t>(matches) << i;
    }
    return outcome;
  }

  void select_scalar(std::uint32_t token) {
    spans_.push_back({tokens_.begin_of(token), tokens_.end_of_scalar(token)});
  }

  void select_container(std::uint32_t open, std::uint32_t close) {
    spans_.push_back({tokens_.begin_of(open), tokens_.end_of_bracket(close)});
  }

  const TokenCursor tokens_;
  const Automaton& automaton_;
  WalkFrame* outer_;  // one beyond the last frame of the stack
  std::vector<Span>& spans_;
  std::int64_t& operations_;
  std::uint32_t ordinal_ = 0;  // of the next container that the walk comes to
};

}  // namespace

bool walk(const json::TokenStream& stream, const Automaton& automaton, WalkStack& stack,
          std::vector<Span>& spans, std::int64_t& operations) {
  return Walker(stream, automaton, stack, spans, operations).walk();
}

}  // namespace apitoolkit::redact
