// Reads one JSON text (RFC 8259) into a flat array of nodes that point into it.
//
// Numbers are never converted and strings never copied: a node is a span of the source. That keeps
// what other parsers refuse or change (23-digit integers, 1e400, lone surrogates, duplicate names)
// exactly as it came. Parsing uses an explicit stack, so depth cannot exhaust the thread's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/result.h"
#include "src/json/number.h"    // IWYU pragma: export
#include "src/json/unescape.h"  // IWYU pragma: export
#include "src/json/utf8.h"      // IWYU pragma: export

namespace apitoolkit::json {

enum class Type : std::uint8_t { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };

// Nodes stand in document order; an object's members are [name, value, name, value, …], where a
// name is a kString node. The first child of container i is i + 1; `next` leads to its sibling.
struct Node {
  Type type = Type::kNull;
  bool escaped = false;     // a string that holds a backslash
  std::uint32_t begin = 0;  // byte offsets in the source; strings include their quotes
  std::uint32_t end = 0;
  std::uint32_t next = 0;   // index of the node after this one's last descendant
  std::uint32_t count = 0;  // elements of an array, members of an object
};

// A view of the source and its nodes: the source must outlive the Document. Immutable after parse;
// threads may share it.
class Document {
 public:
  // Accepts exactly RFC 8259 with valid UTF-8, one value, white space around it, at most
  // limits::kJsonDepthMax levels and 2^32 - 1 bytes. A leading UTF-8 byte order mark is skipped.
  // kCorrupt, or kResourceExhausted where it is too deep or too long: "expected ':' at byte 7".
  static Result<Document> parse(std::string_view source);

  // As parse, but keeps this Document's memory; on error the Document is empty.
  Status reparse(std::string_view source);

  std::string_view source() const { return source_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const Node& operator[](std::uint32_t i) const { return nodes_[i]; }
  std::uint32_t root() const { return 0; }

  // The node's bytes as they stand in the source.
  std::string_view raw(std::uint32_t i) const;
  // The value of string node i, unescaped; a lone surrogate becomes U+FFFD.
  std::string text(std::uint32_t i) const;
  // Whether string node i has exactly this value, escapes resolved. Allocates nothing.
  bool text_equals(std::uint32_t i, std::string_view value) const;
  // The value node of an object's member of that name: the last one, if there are several, as
  // Python and JavaScript read it.
  std::optional<std::uint32_t> member(std::uint32_t object, std::string_view name) const;

 private:
  std::string_view source_;
  std::vector<Node> nodes_;
};

}  // namespace apitoolkit::json
