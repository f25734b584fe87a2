// The search of one block for candidates: arithmetic on 64-bit masks, bit n standing for byte n.
//
// Each vector level includes this file and gives it a Block, which turns 64 bytes into masks:
//   static Block load(const char* bytes);
//   Block folded() const;                      every byte with 0x20 set: letters in lower case
//   std::uint64_t equal(char c) const;
//   std::uint64_t between(char first, char last) const;
//
// Everything is in an anonymous namespace and uses no inline function of the standard library: this
// code is compiled with flags that other objects must not inherit by way of the linker.
#pragma once

#include "src/redact/scrub_candidates_state.h"

namespace apitoolkit::redact {
namespace {

// The bits of the detectors, as Detector numbers them (checked in scrub_candidates.cc).
constexpr std::uint8_t kCardBit = 1;
constexpr std::uint8_t kJwtBit = 2;
constexpr std::uint8_t kEmailBit = 4;
constexpr std::uint8_t kIbanBit = 8;
constexpr std::uint8_t kSsnBit = 16;
constexpr std::uint8_t kBearerBit = 32;
constexpr std::uint8_t kUnicodeBit = 128;

// A block's mask, and above it that of the block after it.
__extension__ using Mask128 = unsigned __int128;

inline Mask128 join(std::uint64_t mask, std::uint64_t after) {
  return static_cast<Mask128>(after) << 64 | mask;
}
inline std::uint64_t low(Mask128 mask) {
  return static_cast<std::uint64_t>(mask);
}

// The bytes before which a byte of the mask stands `n` earlier.
inline std::uint64_t follow(std::uint64_t mask, std::uint64_t before, int n) {
  return mask << n | before >> (64 - n);
}

template <class Block>
ClassMasks classify(const char* bytes, std::uint8_t kinds) {
  ClassMasks masks;
  const Block raw = Block::load(bytes);
  const Block folded = raw.folded();
  if ((kinds & (kCardBit | kSsnBit | kIbanBit)) != 0) {
    masks.digit = raw.between('0', '9');
    masks.dash = raw.equal('-');
    masks.space = raw.equal(' ');
  }
  if ((kinds & kIbanBit) != 0) masks.letter = folded.between('a', 'z');
  if ((kinds & (kIbanBit | kUnicodeBit)) != 0) masks.backslash = raw.equal('\\');
  if ((kinds & kEmailBit) != 0) masks.at_sign = raw.equal('@');
  if ((kinds & (kJwtBit | kBearerBit | kUnicodeBit)) == 0) return masks;
  const Block second = Block::load(bytes + 1);
  const Block third = Block::load(bytes + 2);
  if ((kinds & kBearerBit) != 0) {
    masks.bearer = folded.equal('b') & second.folded().equal('e') & third.folded().equal('a');
  }
  if ((kinds & kJwtBit) != 0) {
    // The first 18 bits of `{"` are eyI, eyJ, eyK or eyL; of `{ `, eyA; of `{` and a tab, ewk; and
    // a line feed, ewo; and a carriage return, ew0. In each case one bit or two are the next
    // byte's.
    const std::uint64_t quote = second.equal('y') & (third.between('I', 'L') | third.equal('A'));
    const std::uint64_t blank = second.equal('w') & (third.between('k', 'o') | third.equal('0'));
    masks.jose = raw.equal('e') & (quote | blank);
  }
  if ((kinds & kUnicodeBit) != 0) masks.unicode = masks.backslash & second.equal('u');
  return masks;
}

// A group of four digits, and from there on thirteen digits, spaces and dashes.
inline std::uint64_t card_candidates(const ClassMasks& before, const ClassMasks& current,
                                     const ClassMasks& after) {
  const Mask128 digit = join(current.digit, after.digit);
  Mask128 four = digit & digit >> 1;
  four &= four >> 2;
  const Mask128 part = digit | join(current.dash, after.dash) | join(current.space, after.space);
  Mask128 run = part & part >> 1;
  run &= run >> 2;
  run &= run >> 4;
  run &= run >> 5;
  return low(four & run) & ~follow(current.digit, before.digit, 1);
}

// 000-00-0000
inline std::uint64_t ssn_candidates(const ClassMasks& current, const ClassMasks& after) {
  const Mask128 digit = join(current.digit, after.digit);
  const Mask128 dash = join(current.dash, after.dash);
  const Mask128 two = digit & digit >> 1;
  const Mask128 four = two & two >> 2;
  return low(two & digit >> 2 & dash >> 3 & two >> 4 & dash >> 6 & four >> 7);
}

// Two letters and two digits where a word begins, and from there on fifteen letters, digits and
// spaces.
inline std::uint64_t iban_candidates(const ClassMasks& before, const ClassMasks& current,
                                     const ClassMasks& after) {
  const Mask128 digit = join(current.digit, after.digit);
  const Mask128 letter = join(current.letter, after.letter);
  const std::uint64_t inside =
      follow(current.digit | current.letter, before.digit | before.letter, 1) &
      ~follow(current.backslash, before.backslash, 2);
  const Mask128 head = letter & letter >> 1 & digit >> 2 & digit >> 3;
  if ((low(head) & ~inside) == 0) return 0;
  const Mask128 part = digit | letter | join(current.space, after.space);
  Mask128 run = part & part >> 1;
  run &= run >> 2;
  run &= run >> 4;
  run &= run >> 7;
  return low(head & run) & ~inside;
}

template <class Block>
std::size_t scan_candidate_blocks(const char* bytes, std::size_t blocks, CandidateState& state,
                                  Candidate* found) {
  const std::uint8_t kinds = state.kinds;
  ClassMasks before = state.before;
  ClassMasks current = state.current;
  std::size_t count = state.count;
  std::size_t base = state.base;
  std::size_t read = 0;
  for (; read < blocks && count + kScanBlockBytes <= kCandidateBatch; ++read) {
    const ClassMasks after = classify<Block>(bytes + read * kScanBlockBytes, kinds);
    std::uint64_t card = 0;
    std::uint64_t ssn = 0;
    std::uint64_t iban = 0;
    if ((kinds & kCardBit) != 0) card = card_candidates(before, current, after);
    if ((kinds & kSsnBit) != 0) ssn = ssn_candidates(current, after);
    if ((kinds & kIbanBit) != 0) iban = iban_candidates(before, current, after);
    std::uint64_t any =
        card | ssn | iban | current.at_sign | current.bearer | current.jose | current.unicode;
    for (; any != 0; any &= any - 1) {
      const int bit = __builtin_ctzll(any);
      const auto flag = [bit](std::uint64_t mask, std::uint8_t kind) {
        return static_cast<std::uint8_t>((mask >> bit & 1) * kind);
      };
      found[count].at = base - kScanBlockBytes + static_cast<std::size_t>(bit);
      found[count++].kinds = static_cast<std::uint8_t>(
          flag(card, kCardBit) | flag(ssn, kSsnBit) | flag(iban, kIbanBit) |
          flag(current.at_sign, kEmailBit) | flag(current.bearer, kBearerBit) |
          flag(current.jose, kJwtBit) | flag(current.unicode, kUnicodeBit));
    }
    before = current;
    current = after;
    base += kScanBlockBytes;
  }
  state.before = before;
  state.current = current;
  state.count = count;
  state.base = base;
  return read;
}

}  // namespace
}  // namespace apitoolkit::redact
