// The linker: reads the compacted token bytes 64 at a time, checks the whole grammar, and finds where
// each container ends.
//
// All rules but two compare a token with its neighbour, so they are shifts of masks. A string before
// a colon is a name. What is left is that brackets match, and that after a comma there is a name in
// objects and a value in arrays; for both it is enough to stop at brackets, since all commas between
// two brackets belong to the same container. Numbers and literals are checked one by one.
//
// Included by each vector level; see scan_block.h for why it uses no inline function of the library.
#pragma once

#include <cstdint>

#include "src/json/scan_scalar.h"
#include "src/json/scan_state.h"

namespace apitoolkit::json {
namespace {

// The masks of one group: bit i stands for its token i.
struct GroupMasks {
  std::uint64_t opens;        // { [
  std::uint64_t brackets;     // { } [ ]
  std::uint64_t object_ends;  // { }
  std::uint64_t names;
  std::uint64_t literals;
  std::uint64_t numbers;
  std::uint64_t wrong[2];  // what must not stand in [0] an array, [1] an object: after a comma
};

// The previous token's property, moved onto its follower.
inline std::uint64_t follow(std::uint64_t mask, std::uint64_t& carry) {
  const std::uint64_t moved = (mask << 1) | carry;
  carry = mask >> 63;
  return moved;
}

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

template <class Block>
GroupMasks classify(LinkState& s, const Needles<Block>& needles, std::uint32_t group,
                    std::uint64_t valid) {
  const Block tokens = Block::load(s.tokens + group);
  const std::uint64_t open_object = tokens.equal(needles.open_object) & valid;
  const std::uint64_t close_object = tokens.equal(needles.close_object) & valid;
  const std::uint64_t open_array = tokens.equal(needles.open_array) & valid;
  const std::uint64_t close_array = tokens.equal(needles.close_array) & valid;
  const std::uint64_t colon = tokens.equal(needles.colon) & valid;
  const std::uint64_t comma = tokens.equal(needles.comma) & valid;
  const std::uint64_t string = (tokens.equal(needles.quote) | tokens.equal(needles.escaped)) & valid;
  const std::uint64_t before_colon =
      (colon >> 1) | (static_cast<std::uint64_t>(s.tokens[group + kGroupTokens] == ':') << 63);
  const std::uint64_t opens = open_object | open_array;
  const std::uint64_t brackets = opens | close_object | close_array;
  const std::uint64_t scalar = valid & ~(brackets | colon | comma | string);

  const std::uint64_t letters = tokens.above(needles.nine);
  const std::uint64_t name = string & before_colon & valid;
  const std::uint64_t value = opens | scalar | (string & ~name);
  const std::uint64_t after_comma = follow(comma, s.after_comma);
  const std::uint64_t after_open_object = follow(open_object, s.after_open_object);
  const std::uint64_t after_open_array = follow(open_array, s.after_open_array);
  const std::uint64_t after_value =
      follow(close_object | close_array | string | scalar, s.after_value);
  const std::uint64_t value_due = follow(open_array | comma | colon, s.after_value_announcer);
  s.bad |= (colon & ~follow(string, s.after_string)) |
           (name & ~(after_comma | after_open_object)) | (value & ~value_due) |
           (comma & ~after_value) | (close_object & ~(after_value | after_open_object)) |
           (close_array & ~(after_value | after_open_array));
  return {.opens = opens,
          .brackets = brackets,
          .object_ends = open_object | close_object,
          .names = name,
          .literals = scalar & letters,
          .numbers = scalar & ~letters,
          .wrong = {name & after_comma, value & after_comma}};
}

// Matches the brackets of one group. `done` covers what has been compared with its container; an
// opening bracket is itself a value of the container around it.
inline void match_brackets(LinkState& s, std::uint32_t group, const GroupMasks& m,
                           std::uint64_t valid) {
  std::uint32_t* const stack = s.stack;
  Container* const containers = s.containers;
  std::uint64_t done = 0;
  std::uint64_t bad = 0;
  std::uint32_t depth = s.depth;
  std::uint32_t count = s.container_count;
  std::uint32_t top = stack[depth];
  for (std::uint64_t rest = m.brackets; rest != 0; rest &= rest - 1) {
    const std::uint64_t upto = rest ^ (rest - 1);
    const std::uint64_t bit = upto & ~(upto >> 1);
    bad |= m.wrong[top & 1] & upto & ~done;
    done = upto;
    const std::uint32_t is_object = (m.object_ends & bit) != 0 ? 1 : 0;
    if ((m.opens & bit) != 0) {
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
      bad |= (top ^ is_object) & 1;
      const auto index = static_cast<std::uint32_t>(__builtin_ctzll(rest));
      containers[top >> 1] = {.close = group + index, .after = count};
      top = stack[--depth];
    }
  }
  bad |= m.wrong[top & 1] & ~done & valid;
  s.bad |= bad;
  s.depth = depth;
  s.container_count = count;
}

template <class Block, bool letter>
void check_scalars(LinkState& s, std::uint32_t group, std::uint64_t scalars) {
  std::uint64_t bad = 0;
  for (; scalars != 0; scalars &= scalars - 1) {
    const auto token = group + static_cast<std::uint32_t>(__builtin_ctzll(scalars));
    bad |= is_scalar<Block>(s.source, s.positions[token], s.source_size, letter) ? 0 : 1;
  }
  s.bad |= bad;
}

template <class Block>
void link_tokens(LinkState& s, std::uint32_t from, std::uint32_t to) {
  const Needles<Block> needles;
  for (std::uint32_t group = from; group < to && (s.bad == 0) && !s.too_deep;
       group += kGroupTokens) {
    const std::uint32_t left = to - group;
    const std::uint64_t valid = left >= kGroupTokens ? ~std::uint64_t{0} : (1ULL << left) - 1;
    const GroupMasks masks = classify<Block>(s, needles, group, valid);
    s.groups[group / kGroupTokens] = {
        .names = masks.names, .opens = masks.opens, .ordinal = s.container_count};
    check_scalars<Block, true>(s, group, masks.literals);
    check_scalars<Block, false>(s, group, masks.numbers);
    match_brackets(s, group, masks, valid);
  }
}

}  // namespace
}  // namespace apitoolkit::json
