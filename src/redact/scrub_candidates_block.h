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

// Detectors by number, as Detector has them (checked in scrub_candidates.cc).
inline constexpr std::uint8_t kCard = 0;
inline constexpr std::uint8_t kJwt = 1;
inline constexpr std::uint8_t kEmail = 2;
inline constexpr std::uint8_t kIban = 3;
inline constexpr std::uint8_t kSsn = 4;
inline constexpr std::uint8_t kBearer = 5;
inline constexpr std::uint8_t kEscape = 7;

constexpr bool wants(std::uint8_t kinds, std::uint8_t kind) {
  return (kinds >> kind & 1) != 0;
}

// A class's mask of this block, and below it that of the block before. Shifted left by n, bit 64 +
// i says whether the byte n before byte i is of the class. Such shifts are slow on some processors,
// so they are done only where the masks of the block alone leave it open whether there is a
// candidate.
__extension__ using History = unsigned __int128;

inline History join(std::uint64_t mask, std::uint64_t before) {
  return static_cast<History>(mask) << 64 | before;
}
inline std::uint64_t now(History history) {
  return static_cast<std::uint64_t>(history >> 64);
}

// Card numbers and social security numbers are recognised where they end, or where enough of them
// has been read, so that only what was read already matters.
inline constexpr int kCardBack = 12;
inline constexpr int kSsnBack = 10;

// Four digits that no digit precedes, followed by digits, spaces and dashes: thirteen bytes
// together.
inline std::uint64_t card_ends(const ClassMasks& masks, const ClassMasks& before) {
  const std::uint64_t here = masks.digit | masks.space | masks.dash;
  const std::uint64_t there = before.digit | before.space | before.dash;
  // Eleven of them are in this block, or three are at the end of the one before.
  std::uint64_t eleven = here & here << 1;
  eleven &= eleven << 2;
  eleven &= eleven << 4;
  eleven &= eleven << 3;
  if (eleven == 0 && there >> 61 != 7) return 0;
  const History part = join(here, there);
  History run = part & part << 1;
  run &= run << 2;
  run &= run << 4;
  run &= run << 5;
  const History digit = join(masks.digit, before.digit);
  History four = digit & digit << 1;
  four &= four << 2;
  return now(run & four << (kCardBack - 3) & ~(digit << (kCardBack + 1)));
}

// 000-00-0000
inline std::uint64_t ssn_ends(const ClassMasks& masks, const ClassMasks& before) {
  // "-00-0000" is in this block, or a dash among the last ten bytes of the one before.
  std::uint64_t four_digits = masks.digit & masks.digit >> 1;
  four_digits &= four_digits >> 2;
  if ((masks.dash & masks.dash >> 3 & four_digits >> 4) == 0 && before.dash >> 54 == 0) return 0;
  const History digit = join(masks.digit, before.digit);
  const History dash = join(masks.dash, before.dash);
  const History two = digit & digit << 1;
  return now(two & two << 2 & dash << 4 & two << 5 & dash << 7 & two << 8 & digit << kSsnBack);
}

// The first 18 bits of `{"` are eyI, eyJ, eyK or eyL. Those of `{ ` are eyA; of `{` and a tab, ewk;
// and a line feed, ewo; and a carriage return, ew0; in these, a quote or another blank follows, and
// so one of gi JKN: else every "framework" would be a candidate. "keyId" is none for the like
// reason: I stands for the beginning of a control character there.
template <class Block>
std::uint64_t find_jose_headers(const Block& first, const Block& second, const Block& third,
                                const char* bytes) {
  const std::uint64_t e = first.equal('e');
  const std::uint64_t ey = e & second.equal('y');
  const std::uint64_t ew = e & second.equal('w');
  if ((ey | ew) == 0) return 0;
  const Block fourth = Block::load(bytes + 3);
  const std::uint64_t blank_follows = fourth.between('g', 'i') | fourth.between('J', 'N');
  const std::uint64_t control_follows = fourth.between('A', 'Z') | fourth.between('a', 'f');
  const std::uint64_t quote = third.between('J', 'L') | (third.equal('I') & ~control_follows);
  const std::uint64_t blank = ey & third.equal('A');
  const std::uint64_t other_blank = ew & (third.between('k', 'o') | third.equal('0'));
  return (ey & quote) | ((blank | other_blank) & blank_follows);
}

// What is found in one block, a mask a kind.
struct Found {
  std::uint64_t card = 0;
  std::uint64_t ssn = 0;
  std::uint64_t iban = 0;
  std::uint64_t email = 0;
  std::uint64_t bearer = 0;
  std::uint64_t jwt = 0;
  std::uint64_t escape = 0;

  std::uint64_t any() const { return card | ssn | iban | email | bearer | jwt | escape; }
};

// Two letters and two digits where a word begins. What follows is left to the detector: few words
// of ordinary text begin so.
template <class Block>
std::uint64_t find_iban_heads(const char* bytes, const ClassMasks& masks,
                              const ClassMasks& before) {
  const std::uint64_t word = masks.letter | masks.digit;
  const std::uint64_t inside = word << 1 | (before.letter | before.digit) >> 63;
  const std::uint64_t escape = masks.backslash << 2 | before.backslash >> 62;
  const std::uint64_t first = masks.letter & (~inside | escape);
  return first & Block::load(bytes + 1).folded().between('a', 'z') &
         Block::load(bytes + 2).between('0', '9') & Block::load(bytes + 3).between('0', '9');
}

template <class Block>
Found search_block(const char* bytes, std::uint8_t kinds, ClassMasks& before) {
  Found found;
  const Block first = Block::load(bytes);
  const Block folded = first.folded();
  if (wants(kinds, kCard) || wants(kinds, kSsn) || wants(kinds, kIban)) {
    ClassMasks masks;
    masks.digit = first.between('0', '9');
    masks.space = first.equal(' ');
    masks.dash = first.equal('-');
    if (wants(kinds, kCard)) found.card = card_ends(masks, before);
    if (wants(kinds, kSsn)) found.ssn = ssn_ends(masks, before);
    if (wants(kinds, kIban)) {
      masks.letter = folded.between('a', 'z');
      masks.backslash = first.equal('\\');
      found.iban = find_iban_heads<Block>(bytes, masks, before);
    }
    before = masks;
  }
  if (wants(kinds, kEmail)) found.email = first.equal('@');
  if (wants(kinds, kBearer) || wants(kinds, kJwt) || wants(kinds, kEscape)) {
    const Block second = Block::load(bytes + 1);
    const Block third = Block::load(bytes + 2);
    if (wants(kinds, kBearer)) {
      found.bearer = folded.equal('b') & second.folded().equal('e') & third.folded().equal('a');
    }
    if (wants(kinds, kJwt)) found.jwt = find_jose_headers(first, second, third, bytes);
    if (wants(kinds, kEscape)) {
      found.escape = first.equal('\\') & (second.folded().between('a', 'z') | second.equal('/'));
    }
  }
  return found;
}

inline Candidate* append(Candidate* out, std::uint64_t mask, int bit, std::size_t at,
                         std::uint8_t kind) {
  if ((mask >> bit & 1) == 0) return out;
  out->at = at;
  out->kind = kind;
  return out + 1;
}

inline Candidate* append_block(Candidate* out, const Found& found, std::size_t base) {
  for (std::uint64_t any = found.any(); any != 0; any &= any - 1) {
    const int bit = __builtin_ctzll(any);
    const std::size_t at = base + static_cast<std::size_t>(bit);
    out = append(out, found.card, bit, at - kCardBack, kCard);
    out = append(out, found.ssn, bit, at - kSsnBack, kSsn);
    out = append(out, found.iban, bit, at, kIban);
    out = append(out, found.email, bit, at, kEmail);
    out = append(out, found.bearer, bit, at, kBearer);
    out = append(out, found.jwt, bit, at, kJwt);
    out = append(out, found.escape, bit, at, kEscape);
  }
  return out;
}

template <class Block>
std::size_t scan_candidate_blocks(const char* bytes, std::size_t blocks, CandidateState& state,
                                  Candidate* out) {
  ClassMasks before = state.before;
  Candidate* const last = out + kCandidateBatch - kCandidatesPerBlock;
  Candidate* next = out;
  std::size_t read = 0;
  for (; read < blocks && next <= last; ++read) {
    const Found found = search_block<Block>(bytes + read * kScanBlockBytes, state.kinds, before);
    if (found.any() != 0) next = append_block(next, found, state.base);
    state.base += kScanBlockBytes;
  }
  state.before = before;
  state.count += static_cast<std::size_t>(next - out);
  return read;
}

}  // namespace
}  // namespace apitoolkit::redact
