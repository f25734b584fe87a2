#include "src/redact/engine/walk.h"

namespace apitoolkit::redact {
namespace {

class Walker {
 public:
  Walker(const json::TokenStream& stream, const Automaton& automaton,
         std::vector<WalkFrame>& stack, std::vector<Span>& spans, std::int64_t& operations)
      : tokens_(stream),
        automaton_(automaton),
        stack_(stack),
        spans_(spans),
        operations_(operations) {}

  bool walk() {
    stack_.clear();
    ordinal_ = 0;
    visit(0, automaton_.root);
    while (!stack_.empty()) {
      WalkFrame& frame = stack_.back();
      const State& state = automaton_.states[frame.state];
      const bool done = state.flat         ? search(frame, state)
                        : frame.is_array ? elements(frame, state)
                        : state.predicate_count == 0 ? members<false>(frame, state)
                                                     : members<true>(frame, state);
      if (operations_ < 0) return false;
      if (done) stack_.pop_back();
    }
    return true;
  }

 private:
  // Each of these three goes on with a container's children until it enters one of them, which it
  // pushes (the frame is invalid then), or is done: true.

  template <bool has_predicates>
  bool members(WalkFrame& frame, const State& state) {
    const std::uint32_t close = frame.close;
    std::uint32_t at = frame.next;
    while (at < close) {
      const std::uint32_t label = TokenCursor::label(state.names, tokens_.name(at));
      const std::uint32_t value = at + 2;
      const std::uint32_t outcome = has_predicates ? ask_filters(state, value) : 0;
      const Target& target = automaton_.target(state, label, outcome);
      const std::uint8_t byte = tokens_.byte(value);
      if (byte != '{' && byte != '[') {
        if (target.scalar != kDead) select(value, value);
        at = value + 2;
        continue;
      }
      at = tokens_.container(ordinal_).close + 2;
      if (enter(value, byte == '{' ? target.object : target.array, frame, at)) return false;
    }
    return true;
  }

  bool elements(WalkFrame& frame, const State& state) {
    const std::uint32_t close = frame.close;
    std::uint32_t at = frame.next;
    while (at < close) {
      const std::uint32_t value = at;
      const std::uint32_t outcome =
          state.predicate_count == 0 ? 0 : ask(state, value, frame.index++, frame.count);
      const Target& target = automaton_.target(state, state.names.size(), outcome);
      const std::uint8_t byte = tokens_.byte(value);
      if (byte != '{' && byte != '[') {
        if (target.scalar != kDead) select(value, value);
        at = value + 2;
        continue;
      }
      at = tokens_.container(ordinal_).close + 2;
      if (enter(value, byte == '{' ? target.object : target.array, frame, at)) return false;
    }
    return true;
  }

  // A subtree in which only names count: goes from name to name, whatever lies between.
  bool search(WalkFrame& frame, const State& state) {
    const std::uint32_t close = frame.close;
    std::uint32_t from = frame.next;
    while (from < close) {
      const std::uint32_t group = from / json::kGroupTokens;
      std::uint64_t names = tokens_.group(group).names & (~std::uint64_t{0} << from % json::kGroupTokens);
      from = (group + 1) * json::kGroupTokens;
      for (; names != 0; names &= names - 1) {
        const std::uint32_t at =
            group * json::kGroupTokens + static_cast<std::uint32_t>(__builtin_ctzll(names));
        if (at > close) break;
        const std::uint32_t label = TokenCursor::label(state.names, tokens_.name(at));
        if (__builtin_expect(label == state.names.size(), 1)) continue;
        if (found(frame, state, label, at + 2, from)) return false;
        if (from != (group + 1) * json::kGroupTokens) break;  // the value was left behind
      }
    }
    ordinal_ = tokens_.ordinal_at(close);
    return true;
  }

  // A listed name's value, in a search, which goes on at `from`. True if it was entered.
  bool found(WalkFrame& frame, const State& state, std::uint32_t label, std::uint32_t value,
             std::uint32_t& from) {
    const Target& target = automaton_.target(state, label, 0);
    const std::uint8_t byte = tokens_.byte(value);
    if (byte != '{' && byte != '[') {
      if (target.scalar != kDead) select(value, value);
      return false;
    }
    const StateId next = byte == '{' ? target.object : target.array;
    if (next == frame.state) return false;
    ordinal_ = tokens_.ordinal_at(value);
    from = tokens_.container(ordinal_).close + 1;
    return enter(value, next, frame, from);
  }

  // A container in the given state: skips it, selects it, or pushes it, and then tells so.
  bool enter(std::uint32_t token, StateId id, WalkFrame& frame, std::uint32_t resume) {
    if (id <= kSelected) {
      const json::Container& container = tokens_.container(ordinal_);
      if (id == kSelected) select(token, container.close);
      ordinal_ = container.after;
      return false;
    }
    frame.next = resume;
    push(token, id);
    return true;
  }

  void push(std::uint32_t token, StateId id) {
    WalkFrame frame;
    frame.state = id;
    frame.is_array = tokens_.is_array(token);
    frame.next = token + 1;
    frame.close = tokens_.container(ordinal_).close;
    ++ordinal_;
    if (frame.is_array && automaton_.states[id].needs_count) frame.count = count_elements(frame);
    stack_.push_back(frame);
  }

  void visit(std::uint32_t token, const Target& target) {
    if (!tokens_.is_container(token)) {
      if (target.scalar != kDead) select(token, token);
      return;
    }
    const StateId id = tokens_.is_object(token) ? target.object : target.array;
    if (id == kSelected) {
      select(token, tokens_.container(0).close);
    } else if (id != kDead) {
      push(token, id);
    }
  }

  std::int64_t count_elements(const WalkFrame& frame) {
    std::int64_t count = 0;
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

  std::uint32_t ask_filters(const State& state, std::uint32_t value) {
    std::uint32_t outcome = 0;
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

  void select(std::uint32_t first, std::uint32_t last) {
    spans_.push_back({tokens_.begin_of(first), tokens_.end_of(last)});
  }

  const TokenCursor tokens_;
  const Automaton& automaton_;
  std::vector<WalkFrame>& stack_;
  std::vector<Span>& spans_;
  std::int64_t& operations_;
  std::uint32_t ordinal_ = 0;  // of the next container that the walk comes to
};

}  // namespace

bool walk(const json::TokenStream& stream, const Automaton& automaton,
          std::vector<WalkFrame>& stack, std::vector<Span>& spans, std::int64_t& operations) {
  return Walker(stream, automaton, stack, spans, operations).walk();
}

}  // namespace apitoolkit::redact
