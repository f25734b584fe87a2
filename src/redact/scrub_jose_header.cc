#include "src/redact/scrub_jose_header.h"

namespace apitoolkit::redact {
namespace {

constexpr std::uint8_t kNotBase64 = 64;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotBase64);
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr std::array<std::uint8_t, 256> kValues = make_values();

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_number(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

constexpr std::uint8_t kDepthMax = 8;  // real headers have three levels; see scrub_jwt.cc

}  // namespace

std::uint8_t base64url_value(char c) {
  return kValues[static_cast<std::uint8_t>(c)];
}

bool JoseHeaderReader::feed(char c) {
  if (in_string_) return feed_in_string(c);
  if (state_ == State::kLiteral) {
    if (c != literal_.front()) return false;
    literal_.remove_prefix(1);
    if (literal_.empty()) state_ = State::kAfterValue;
    return true;
  }
  if (state_ == State::kNumber) {
    if (is_number(c)) return true;
    state_ = State::kAfterValue;
  }
  if (is_blank(c)) return true;
  switch (state_) {
    case State::kStart:
      return c == '{' && open(true);
    case State::kFirstName:
      if (c == '}') return after_value(c);
      [[fallthrough]];
    case State::kName:
      if (c != '"') return false;
      begin_string(true);
      return true;
    case State::kColon:
      state_ = State::kValue;
      return c == ':';
    case State::kFirstItem:
      if (c == ']') return after_value(c);
      [[fallthrough]];
    case State::kValue:
      return begin_value(c);
    case State::kAfterValue:
      return after_value(c);
    default:
      return false;  // something after the object
  }
}

void JoseHeaderReader::begin_string(bool name) {
  in_string_ = true;
  in_name_ = name;
  name_bytes_ = 0;
}

bool JoseHeaderReader::feed_in_string(char c) {
  if (static_cast<unsigned char>(c) < 0x20) return false;
  if (hex_due_ > 0) {
    --hex_due_;
    return is_hex(c);
  }
  if (escape_) {
    escape_ = false;
    if (c == 'u') {
      hex_due_ = 4;
      return true;
    }
    constexpr std::string_view kEscapes = "\"\\/bfnrt";
    return kEscapes.find(c) != std::string_view::npos;
  }
  if (c == '"') {
    end_string();
    return true;
  }
  escape_ = c == '\\';
  if (name_bytes_ < name_.size()) name_[name_bytes_] = c;
  ++name_bytes_;
  return true;
}

void JoseHeaderReader::end_string() {
  in_string_ = false;
  state_ = in_name_ ? State::kColon : State::kAfterValue;
  if (!in_name_ || depth_ != 1 || name_bytes_ != name_.size()) return;
  const std::string_view name(name_.data(), name_.size());
  has_alg_ = has_alg_ || name == "alg";
  has_enc_ = has_enc_ || name == "enc";
}

bool JoseHeaderReader::open(bool object) {
  if (depth_ == kDepthMax) return false;
  const std::uint32_t level = 1U << depth_++;
  objects_ = object ? objects_ | level : objects_ & ~level;
  state_ = object ? State::kFirstName : State::kFirstItem;
  return true;
}

bool JoseHeaderReader::begin_value(char c) {
  switch (c) {
    case '{':
      return open(true);
    case '[':
      return open(false);
    case '"':
      begin_string(false);
      return true;
    case 't':
      literal_ = "rue";
      break;
    case 'f':
      literal_ = "alse";
      break;
    case 'n':
      literal_ = "ull";
      break;
    default:
      state_ = State::kNumber;
      return is_number(c);
  }
  state_ = State::kLiteral;
  return true;
}

bool JoseHeaderReader::after_value(char c) {
  if (depth_ == 0) return false;
  const bool in_object = (objects_ >> (depth_ - 1) & 1) != 0;
  if (c == ',') {
    state_ = in_object ? State::kName : State::kValue;
    return true;
  }
  if (c != (in_object ? '}' : ']')) return false;
  state_ = --depth_ == 0 ? State::kEnd : State::kAfterValue;
  return true;
}

JoseHeader read_jose_header(std::string_view base64url) {
  JoseHeader header;
  if (base64url.size() % 4 == 1) return header;
  JoseHeaderReader reader;
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : base64url) {
    bits = bits << 6 | base64url_value(c);
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    if (!reader.feed(static_cast<char>(bits >> bit_count & 0xFF))) return header;
  }
  header.found = reader.complete();
  header.encrypted = reader.encrypted();
  return header;
}

}  // namespace apitoolkit::redact
