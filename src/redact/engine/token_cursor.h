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

// A member's name as it stands in the source, without its quotes.
struct RawName {
  const std::uint8_t* bytes = nullptr;
  std::uint32_t length = 0;
  std::uint64_t word = 0;  // name_word of it
  bool escaped = false;    // to be compared by same_name only
};

class TokenCursor {
 public:
  explicit TokenCursor(const json::TokenStream& stream)
      : bytes_(stream.bytes()),
        positions_(stream.positions()),
        containers_(stream.containers()),
        groups_(stream.groups()),
        source_(reinterpret_cast<const std::uint8_t*>(stream.source().data())),
        size_(static_cast<std::uint32_t>(stream.source().size())) {}

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

  // The offset after the value that ends with this token: a scalar, or a closing bracket.
  std::uint32_t end_of(std::uint32_t token) const {
    if (bytes_[token] == '}' || bytes_[token] == ']') return positions_[token] + 1;
    return end_before(positions_[token + 1]);
  }

  // A number's, literal's or string's bytes, with quotes.
  std::string_view raw(std::uint32_t token) const {
    const std::uint32_t begin = positions_[token];
    return {reinterpret_cast<const char*>(source_) + begin, end_of(token) - begin};
  }

  RawName name(std::uint32_t token) const {
    const std::uint32_t begin = positions_[token] + 1;
    std::uint32_t end = positions_[token + 1] - 1;  // of the closing quote, the colon being next
    if (__builtin_expect(source_[end] != '"', 0)) end = end_before(end) - 1;
    RawName name{.bytes = source_ + begin, .length = end - begin};
    name.escaped = bytes_[token] == json::kEscapedString;
    name.word = __builtin_expect(size_ - begin >= 8, 1)
                    ? name_word(name.bytes, name.length)
                    : name_word({reinterpret_cast<const char*>(name.bytes), name.length});
    return name;
  }

  // Whether the name is this text, escapes resolved.
  static bool same_name(const RawName& name, std::string_view text, std::uint64_t word) {
    if (__builtin_expect(name.escaped, 0)) return json::literal_equals(with_quotes(name), text);
    return name.word == word && name.length == text.size() &&
           (name.length <= 8 ||
            std::memcmp(name.bytes + 8, text.data() + 8, name.length - 8) == 0);
  }

  // The label of a name in the table, size() if it is not there.
  static std::uint32_t label(const NameTable& names, const RawName& name) {
    if (__builtin_expect(name.escaped, 0)) return label_of_escaped(names, name);
    return names.find(name.bytes, name.length, name.word);
  }

 private:
  static std::string_view with_quotes(const RawName& name) {
    return {reinterpret_cast<const char*>(name.bytes) - 1, name.length + 2};
  }

  static std::uint32_t label_of_escaped(const NameTable& names, const RawName& name);

  // The offset after the last byte before `offset` that is not blank.
  std::uint32_t end_before(std::uint32_t offset) const {
    while (is_blank(source_[offset - 1])) --offset;
    return offset;
  }

  static bool is_blank(std::uint8_t byte) {
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
  }

  const std::uint8_t* bytes_;
  const std::uint32_t* positions_;
  const json::Container* containers_;
  const json::TokenGroup* groups_;
  const std::uint8_t* source_;
  std::uint32_t size_;
};

}  // namespace apitoolkit::redact
