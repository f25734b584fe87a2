// The linker: reads the compacted token bytes 64 at a time, checks the whole grammar, and finds
// where each container ends.
//
// All rules but two compare a token with its neighbour, so they are shifts of masks. A string
// before a colon is a name. What is left is that brackets match, and that after a comma there is a
// name in objects and a value in arrays; for both it is enough to stop at brackets, since all
// commas between two brackets belong to the same container. Numbers and literals are checked one by
// one.
//
// Included by each vector level; see scan_block.h for why it uses no inline function of the
// library.
#pragma once

#include <cstdint>

#include "src/json/scan_scalar.h"
#include "src/json/scan_state.h"

namespace apitoolkit::json {
// Each level has its own copies on purpose; see scan_block.h.
// NOLINTBEGIN(misc-definitions-in-headers)
namespace {

// The masks of one group: bit i stands for its token i.
struct GroupMasks {
  std::uint64_t opens;        // { [
  std::uint64_t brackets;     // { } [ ]
  std::uint64_t object_ends;  // { }
  std::uint64_t names;
  std::uint64_t escaped;  // strings with a backslash
  std::uint64_t literals;
  std::uint64_t numbers;
  std::uint64_t after_comma_name;   // must be in an object
  std::uint64_t after_comma_value;  // must be in an array
};

// The bytes that tokens begin with, in the form in which the level compares them.
template <class Block>
struct Needles {
  typename Block::Needle open_object = Block::needle('{');
  typename Block::Needle close_object = Block::needle('}');
  typename Block::Needle open_array = Block::needle('[');
  typename Block::Needle close_array = Block::needle(']');
  typename Block::Needle colon = Block::needle(':');
  typename Block::Needle comma = Block::needle(',');
  typename Block::Needle quote = Block::needle('"');
  typename Block::Needle escaped = Block::needle(kEscapedString);
  typename Block::Needle nine = Block::needle('9');
};

// Reads the group, and once more from the token before it, which puts each token's predecessor into
// its own bit. The text is preceded by a comma: the top level takes what an array takes after one.
template <class Block>
GroupMasks classify(LinkState& s, const Needles<Block>& needles, std::uint32_t group,
                    std::uint64_t valid) {
  const Block tokens = Block::load(s.tokens + group);
  const std::uint64_t open_object = tokens.equal(needles.open_object);
  const std::uint64_t close_object = tokens.equal(needles.close_object);
  const std::uint64_t open_array = tokens.equal(needles.open_array);
  const std::uint64_t close_array = tokens.equal(needles.close_array);
  const std::uint64_t colon = tokens.equal(needles.colon);
  const std::uint64_t comma = tokens.equal(needles.comma);
  const std::uint64_t escaped = tokens.equal(needles.escaped) & valid;
  const std::uint64_t string = tokens.equal(needles.quote) | escaped;
  const std::uint64_t letters = tokens.above(needles.nine);
  const Block before = Block::load(s.tokens + group - 1);
  const std::uint64_t after_open_object = before.equal(needles.open_object);
  const std::uint64_t after_open_array = before.equal(needles.open_array);
  const std::uint64_t after_colon = before.equal(needles.colon);
  const std::uint64_t after_comma = before.equal(needles.comma);

  const std::uint64_t opens = open_object | open_array;
  const std::uint64_t brackets = opens | close_object | close_array;
  const std::uint64_t scalar = ~(brackets | colon | comma | string);
  const std::uint64_t before_colon =
      (colon >> 1) | (static_cast<std::uint64_t>(s.tokens[group + kGroupTokens] == ':') << 63);
  const std::uint64_t name = string & before_colon;
  const std::uint64_t value = opens | scalar | (string & ~name);
  const std::uint64_t value_due = after_open_array | after_comma | after_colon;
  const std::uint64_t name_due = after_open_object | after_comma;
  const std::uint64_t after_value = ~(value_due | after_open_object);
  const std::uint64_t after_name = (name << 1) | s.after_name;
  s.after_name = name >> 63;
  s.bad |= ((colon & ~after_name) | (name & ~name_due) | (value & ~value_due) |
            (comma & ~after_value) | (close_object & ~(after_value | after_open_object)) |
            (close_array & ~(after_value | after_open_array))) &
           valid;
  return {.opens = opens & valid,
          .brackets = brackets & valid,
          .object_ends = open_object | close_object,
          .names = name & valid,
          .escaped = escaped,
          .literals = scalar & letters & valid,
          .numbers = scalar & ~letters & valid,
          .after_comma_name = name & after_comma,
          .after_comma_value = value & after_comma};
}

// Matches the brackets of one group. On the way it finds which tokens stand in an object: those
// from one bracket, exclusive, to the next, inclusive, have the same container, an opening bracket
// being itself a value of the one around it.
inline void match_brackets(LinkState& s, std::uint32_t group, const GroupMasks& m,
                           std::uint64_t valid) {
  std::uint32_t* const stack = s.stack;
  Container* const containers = s.containers;
  std::uint32_t depth = s.depth;
  std::uint32_t count = s.container_count;
  std::uint32_t top = stack[depth];
  std::uint64_t done = 0;
  std::uint64_t in_object = 0;
  std::uint32_t mismatch = 0;
  for (std::uint64_t rest = m.brackets; rest != 0; rest &= rest - 1) {
    const auto index = static_cast<std::uint32_t>(__builtin_ctzll(rest));
    const std::uint64_t upto = rest ^ (rest - 1);
    in_object |= (upto ^ done) & (0 - std::uint64_t{top & 1});
    done = upto;
    const auto is_object = static_cast<std::uint32_t>(m.object_ends >> index) & 1;
    if (((m.opens >> index) & 1) != 0) {
      if (__builtin_expect(depth == limits::kJsonDepthMax, 0)) {
        s.too_deep = true;
        return;
      }
      top = count++ * 2 + is_object;
      stack[++depth] = top;
    } else {
      if (__builtin_expect(depth == 0, 0)) {
        s.bad = 1;
        return;
      }
      mismatch |= top ^ is_object;  // in its lowest bit
      containers[top >> 1] = {.close = group + index, .after = count};
      top = stack[--depth];
    }
  }
  in_object |= ~done & (0 - std::uint64_t{top & 1});
  s.bad |= (m.after_comma_name & ~in_object & valid) | (m.after_comma_value & in_object & valid) |
           (mismatch & 1);
  s.depth = depth;
  s.container_count = count;
}

inline void check_literals(LinkState& s, std::uint32_t group, std::uint64_t literals) {
  const std::uint8_t* const end = s.source + s.source_size;
  std::uint64_t bad = 0;
  for (; literals != 0; literals &= literals - 1) {
    const auto index = static_cast<std::uint32_t>(__builtin_ctzll(literals));
    const std::uint8_t* const at = s.source + s.positions[group + index];
    const bool inner = end - at >= static_cast<std::ptrdiff_t>(kNumberWindow);
    bad |= (__builtin_expect(inner, 1) ? is_literal(at) : is_last_literal(at, end)) ? 0 : 1;
  }
  s.bad |= bad;
}

// The numbers of one group after the other, handed on in fours.
template <class Block>
class Numbers {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): only what waits is read
  explicit Numbers(const LinkState& s)
      : source_(s.source), end_(s.source + s.source_size), positions_(s.positions) {}

  [[gnu::always_inline]] void add(std::uint32_t group, std::uint64_t numbers) {
    std::uint32_t count = waiting_count_;
    for (; numbers != 0; numbers &= numbers - 1) {
      const auto index = static_cast<std::uint32_t>(__builtin_ctzll(numbers));
      const std::uint8_t* const at = source_ + positions_[group + index];
      if (__builtin_expect(end_ - at < static_cast<std::ptrdiff_t>(kNumberWindow), 0)) {
        bad_ |= !is_last_number(at, end_);
      } else {
        waiting_[count++] = at;
      }
    }
    std::uint32_t done = 0;
    for (; count - done >= kNumbersAtOnce; done += kNumbersAtOnce) check(waiting_ + done);
    for (std::uint32_t i = 0; i < kNumbersAtOnce - 1; ++i) waiting_[i] = waiting_[done + i];
    waiting_count_ = count - done;
  }

  // Whether one of them was none.
  bool finish() {
    if (waiting_count_ != 0) {
      for (std::uint32_t i = waiting_count_; i < kNumbersAtOnce; ++i) waiting_[i] = kAnyNumber;
      check(waiting_);
    }
    return bad_;
  }

 private:
  [[gnu::always_inline]] void check(const std::uint8_t* const* four) {
    if (__builtin_expect(!are_short_numbers<Block>(constants_, four), 0)) check_one_by_one(four);
  }

  [[gnu::noinline]] void check_one_by_one(const std::uint8_t* const* four) {
    for (std::uint32_t i = 0; i < kNumbersAtOnce; ++i) {
      const std::uint8_t* const end = four[i] == kAnyNumber ? kAnyNumber + kNumberWindow : end_;
      bad_ |= !is_number(four[i], end);
    }
  }

  const std::uint8_t* source_;
  const std::uint8_t* end_;
  const std::uint32_t* positions_;
  const typename Block::Constants constants_{};
  const std::uint8_t* waiting_[kGroupTokens + 2 * kNumbersAtOnce];  // waiting_count_ of them
  std::uint32_t waiting_count_ = 0;
  bool bad_ = false;
};

template <class Block>
void link_tokens(LinkState& s, std::uint32_t from, std::uint32_t to) {
  const Needles<Block> needles;
  Numbers<Block> numbers(s);
  for (std::uint32_t group = from; group < to && (s.bad == 0) && !s.too_deep;
       group += kGroupTokens) {
    const std::uint32_t left = to - group;
    const std::uint64_t valid = left >= kGroupTokens ? ~std::uint64_t{0} : (1ULL << left) - 1;
    const GroupMasks masks = classify<Block>(s, needles, group, valid);
    s.groups[group / kGroupTokens] = {.names = masks.names,
                                      .escaped = masks.escaped,
                                      .opens = masks.opens,
                                      .ordinal = s.container_count};
    check_literals(s, group, masks.literals);
    numbers.add(group, masks.numbers);
    match_brackets(s, group, masks, valid);
  }
  s.bad |= numbers.finish() ? 1 : 0;
}

}  // namespace
// NOLINTEND(misc-definitions-in-headers)
}  // namespace apitoolkit::json
