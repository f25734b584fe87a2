// The parser is one loop over a cursor, an explicit stack of open containers, and two states: a
// value is due, or one has just ended.

#include "src/json/document.h"

#include <array>
#include <limits>

#include "src/base/limits.h"
#include "src/json/text_scan.h"

namespace apitoolkit::json {
namespace {

constexpr std::uint64_t kSourceBytesMax = std::numeric_limits<std::uint32_t>::max();

class Parser {
 public:
  // open_ stays as it is: clearing 4 KB costs more than reading a small document.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
  Parser(std::string_view source, std::vector<Node>& nodes) : source_(source), nodes_(nodes) {}

  Status parse() {
    if (source_.substr(0, kUtf8Bom.size()) == kUtf8Bom) at_ = kUtf8Bom.size();
    bool ok = true;
    do {
      ok = value() && after_value();
    } while (ok && depth_ > 0);
    if (ok) {
      skip_blanks();
      if (at_ == source_.size()) return {};
      expected("the end of the text");
    }
    return tl::unexpected<Error>(std::move(error_));
  }

 private:
  char peek() const { return at_ < source_.size() ? source_[at_] : '\0'; }

  void skip_blanks() {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
      ++at_;
    }
  }

  bool expected(std::string_view what) { return reject(ErrorCode::kCorrupt, what); }

  bool reject(ErrorCode code, std::string_view what) {
    error_.code = code;
    error_.message = "expected " + std::string(what) + " at byte " + std::to_string(at_);
    return false;
  }

  std::uint32_t add(Type type, std::size_t begin, std::size_t end) {
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back(Node{.type = type,
                          .begin = static_cast<std::uint32_t>(begin),
                          .end = static_cast<std::uint32_t>(end),
                          .next = index + 1});
    return index;
  }

  // Reads a scalar, or opens containers until it has read a scalar or an empty container.
  bool value() {
    while (true) {
      skip_blanks();
      switch (peek()) {
        case '{':
          if (!open(Type::kObject)) return false;
          if (close_if('}')) return true;
          if (!name()) return false;
          continue;
        case '[':
          if (!open(Type::kArray)) return false;
          if (close_if(']')) return true;
          continue;
        case '"':
          return string();
        case 't':
          return literal("true", Type::kTrue);
        case 'f':
          return literal("false", Type::kFalse);
        case 'n':
          return literal("null", Type::kNull);
        default:
          return number();
      }
    }
  }

  // Closes what ends here, up to the comma that announces another value.
  bool after_value() {
    while (depth_ > 0) {
      Node& container = nodes_[open_[depth_ - 1]];
      ++container.count;
      const bool is_object = container.type == Type::kObject;
      skip_blanks();
      if (peek() == ',') {
        ++at_;
        return !is_object || name();
      }
      if (!close_if(is_object ? '}' : ']'))
        return expected(is_object ? "',' or '}'" : "',' or ']'");
    }
    return true;
  }

  bool open(Type type) {
    if (depth_ == open_.size()) {
      return reject(ErrorCode::kResourceExhausted,
                    "at most " + std::to_string(limits::kJsonDepthMax) + " levels");
    }
    open_[depth_++] = add(type, at_, at_);
    ++at_;
    return true;
  }

  bool close_if(char bracket) {
    skip_blanks();
    if (peek() != bracket) return false;
    ++at_;
    Node& container = nodes_[open_[--depth_]];
    container.end = static_cast<std::uint32_t>(at_);
    container.next = static_cast<std::uint32_t>(nodes_.size());
    return true;
  }

  bool name() {
    skip_blanks();
    if (peek() != '"') return expected("a name in quotes");
    if (!string()) return false;
    skip_blanks();
    if (peek() != ':') return expected("':'");
    ++at_;
    return true;
  }

  bool string() {
    const std::size_t begin = at_++;
    bool escaped = false;
    while (true) {
      at_ = skip_plain(source_, at_);
      if (at_ == source_.size()) return expected("the string's closing quote");
      const char c = source_[at_];
      if (c == '"') break;
      if (c == '\\') {
        escaped = true;
        if (!escape()) return false;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        return expected("no control character in a string");
      } else {
        const std::size_t length = utf8_sequence(source_.substr(at_));
        if (length == 0) return expected("valid UTF-8");
        at_ += length;
      }
    }
    ++at_;
    nodes_[add(Type::kString, begin, at_)].escaped = escaped;
    return true;
  }

  bool escape() {
    ++at_;
    switch (peek()) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        ++at_;
        return true;
      case 'u':
        ++at_;
        if (read_hex4(source_.substr(at_)) < 0) return expected("four hexadecimal digits");
        at_ += 4;
        return true;
      default:
        return expected("an escape character");
    }
  }

  bool literal(std::string_view word, Type type) {
    if (source_.substr(at_, word.size()) != word) return expected("a value");
    add(type, at_, at_ + word.size());
    at_ += word.size();
    return true;
  }

  bool number() {
    const std::size_t length = number_length(source_, at_);
    if (length == 0) return expected("a value");
    add(Type::kNumber, at_, at_ + length);
    at_ += length;
    return true;
  }

  std::string_view source_;
  std::vector<Node>& nodes_;
  std::size_t at_ = 0;
  std::array<std::uint32_t, limits::kJsonDepthMax> open_;  // indices of the open containers
  std::size_t depth_ = 0;
  Error error_;
};

}  // namespace

Result<Document> Document::parse(std::string_view source) {
  Document document;
  if (Status status = document.reparse(source); !status) {
    return tl::unexpected<Error>(std::move(status.error()));
  }
  return document;
}

Status Document::reparse(std::string_view source) {
  nodes_.clear();
  source_ = source;
  Status status;
  if (source.size() > kSourceBytesMax) {
    status = fail(ErrorCode::kResourceExhausted, "expected at most 4 GiB of text");
  } else {
    status = Parser(source, nodes_).parse();
  }
  if (!status) {
    nodes_.clear();
    source_ = {};
  }
  return status;
}

std::string_view Document::raw(std::uint32_t i) const {
  return source_.substr(nodes_[i].begin, nodes_[i].end - nodes_[i].begin);
}

std::string Document::text(std::uint32_t i) const {
  const std::string_view literal = raw(i);
  if (nodes_[i].escaped) return unescape(literal);
  return std::string(literal.substr(1, literal.size() - 2));
}

bool Document::text_equals(std::uint32_t i, std::string_view value) const {
  const std::string_view literal = raw(i);
  if (nodes_[i].escaped) return literal_equals(literal, value);
  return literal.substr(1, literal.size() - 2) == value;
}

std::optional<std::uint32_t> Document::member(std::uint32_t object, std::string_view name) const {
  std::optional<std::uint32_t> found;
  if (nodes_[object].type != Type::kObject) return found;
  for (std::uint32_t i = object + 1; i < nodes_[object].next; i = nodes_[i + 1].next) {
    if (text_equals(i, name)) found = i + 1;
  }
  return found;
}

}  // namespace apitoolkit::json
