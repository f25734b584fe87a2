// How the engine reads a token stream: pointers kept in registers, and the few questions it asks.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "src/json/token_stream.h"
#include "src/json/unescape.h"
#include "src/redact/engine/name_table.h"

namespace apitoolkit::redact {

// A value: its first token and, where it is a container, its ordinal. (Of other values, the ordinal
// is that of the next container.)
struct TokenNode {
  std::uint32_t token = 0;
  std::uint32_t ordinal = 0;
};

class TokenCursor {
 public:
  explicit TokenCursor(const json::TokenStream& stream)
      : bytes_(stream.bytes()),
        positions_(stream.positions()),
        containers_(stream.containers()),
        groups_(stream.groups()),
        source_(reinterpret_cast<const std::uint8_t*>(stream.source().data())),
        size_(static_cast<std::uint32_t>(stream.source().size())),
        has_bmi2_(stream.level() != json::SimdLevel::kPortable),
        safe_tokens_(stream.size()) {
    while (safe_tokens_ > 0 && size_ - positions_[safe_tokens_ - 1] < 1 + sizeof(std::uint64_t)) {
      --safe_tokens_;
    }
  }

  std::uint8_t byte(std::uint32_t token) const { return bytes_[token]; }
  bool is_object(std::uint32_t token) const { return bytes_[token] == '{'; }
  bool is_array(std::uint32_t token) const { return bytes_[token] == '['; }
  bool is_container(std::uint32_t token) const { return (bytes_[token] | 0x20) == '{'; }
  bool is_string(std::uint32_t token) const {
    return bytes_[token] == '"' || bytes_[token] == json::kEscapedString;
  }
  const json::Container& container(std::uint32_t ordinal) const { return containers_[ordinal]; }
  const json::TokenGroup& group(std::uint32_t index) const { return groups_[index]; }

  // The ordinal of the first container that opens at this token or after it.
  std::uint32_t ordinal_at(std::uint32_t token) const {
    const json::TokenGroup& g = groups_[token / json::kGroupTokens];
    const std::uint64_t before = (std::uint64_t{1} << token % json::kGroupTokens) - 1;
    return g.ordinal + static_cast<std::uint32_t>(__builtin_popcountll(g.opens & before));
  }

  // The node after this value: its comma, or the bracket that closes its container.
  TokenNode after(TokenNode value) const {
    if (!is_container(value.token)) return {value.token + 1, value.ordinal};
    const json::Container& c = containers_[value.ordinal];
    return {c.close + 1, c.after};
  }

  std::uint32_t begin_of(std::uint32_t token) const { return positions_[token]; }

  // The offset after a number, literal or string.
  std::uint32_t end_of_scalar(std::uint32_t token) const {
    return end_before(positions_[token + 1]);
  }
  // The offset after a closing bracket.
  std::uint32_t end_of_bracket(std::uint32_t token) const { return positions_[token] + 1; }

  // A number's, literal's or string's bytes, with quotes.
  std::string_view raw(std::uint32_t token) const {
    const std::uint32_t begin = positions_[token];
    return {reinterpret_cast<const char*>(source_) + begin, end_of_scalar(token) - begin};
  }

  // The label that the table gives to the name at this token, kNone if it does not know it.
  // `inner`: the token is one of the first safe_tokens().
  template <bool inner>
  [[gnu::always_inline]] std::uint32_t label(const NameTable& names, std::uint32_t token) const {
    if (__builtin_expect(bytes_[token] == json::kEscapedString, 0)) {
      return label_of_escaped(names, token);
    }
    const std::uint8_t* const name = source_ + positions_[token] + 1;
    const std::uint64_t word = inner ? load_word(name) : last_word(positions_[token] + 1);
    std::uint32_t label = names.candidate(word);
    if (__builtin_expect(label == NameTable::kNone, 1)) return label;
    const std::uint8_t* const colon = source_ + positions_[token + 1];
    while (label != NameTable::kNone && !names.is(label, word, name, colon)) {
      label = names.next(label);
    }
    return label;
  }

  // Which of a group's names, given as bits, may be in the table; all must be among the first
  // safe_tokens().
  std::uint64_t candidates(const NameTable& names, std::uint32_t group, std::uint64_t bits) const {
    const std::uint32_t first = group * json::kGroupTokens;
    const auto search = has_bmi2_ ? plain_candidates_bmi2 : plain_candidates;
    return (bits & groups_[group].escaped) | search(names, source_ + 1, positions_ + first, bits);
  }

  // Tokens from this one on stand so near the end of the source that a word read from behind their
  // first byte may go beyond it.
  std::uint32_t safe_tokens() const { return safe_tokens_; }

  // Whether the name at this token is this text, escapes resolved.
  bool is_name(std::uint32_t token, std::string_view text) const {
    if (__builtin_expect(bytes_[token] == json::kEscapedString, 0)) {
      return json::literal_equals(raw(token), text);
    }
    return is_plain_name(token, text);
  }

 private:
  // As is_name, of a name without escapes. Between its closing quote and the colon, which is the
  // next token, there are only blanks: a quote in the right place is the closing one.
  bool is_plain_name(std::uint32_t token, std::string_view text) const {
    const std::uint32_t begin = positions_[token] + 1;
    const std::size_t end = begin + text.size();
    return end < positions_[token + 1] && source_[end] == '"' &&
           std::memcmp(source_ + begin, text.data(), text.size()) == 0;
  }

  // Functions of their own, so that their loop, the busiest of a search, has the registers to
  // itself; bound by its instructions, it takes a tenth less of them where there is BMI2.
  static std::uint64_t plain_candidates(const NameTable& names, const std::uint8_t* source,
                                        const std::uint32_t* positions, std::uint64_t bits);
  static std::uint64_t plain_candidates_bmi2(const NameTable& names, const std::uint8_t* source,
                                             const std::uint32_t* positions, std::uint64_t bits);
  std::uint32_t label_of_escaped(const NameTable& names, std::uint32_t token) const;
  std::uint64_t last_word(std::uint32_t begin) const;

  // The offset after the last byte before `offset` that is not blank.
  std::uint32_t end_before(std::uint32_t offset) const {
    while (is_blank(source_[offset - 1])) --offset;
    return offset;
  }

  // Outside of strings no other bytes of the source are as small.
  static bool is_blank(std::uint8_t byte) { return byte <= ' '; }

  const std::uint8_t* bytes_;
  const std::uint32_t* positions_;
  const json::Container* containers_;
  const json::TokenGroup* groups_;
  const std::uint8_t* source_;
  std::uint32_t size_;
  bool has_bmi2_;  // every level but the portable one asks for it
  std::uint32_t safe_tokens_;
};

}  // namespace apitoolkit::redact
