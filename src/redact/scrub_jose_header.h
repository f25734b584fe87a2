// Recognises the header of a JSON Object Signing and Encryption token (RFC 7515, RFC 7516): a JSON
// object with a member "alg", in base64url.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace apitoolkit::redact {

// The value of a base64url character, 0 to 63; 64 for any other byte.
std::uint8_t base64url_value(char c);
inline bool is_base64url(char c) {
  return base64url_value(c) < 64;
}

// Reads a JSON object byte by byte, in constant memory. It is strict about structure, strings and
// literals, and takes any run of number characters for a number; bytes in strings need not be
// UTF-8.
class JoseHeaderReader {
 public:
  // False as soon as the bytes cannot begin such an object; nothing may be fed after that.
  bool feed(char c);
  // Whether what was fed is one whole object, with a member "alg" of its own.
  bool complete() const { return state_ == State::kEnd && has_alg_; }
  // Whether it also has "enc": the token has five parts rather than three.
  bool encrypted() const { return has_enc_; }

 private:
  enum class State : std::uint8_t {
    kStart,
    kFirstName,  // after "{"
    kName,       // after a comma in an object
    kColon,
    kFirstItem,  // after "["
    kValue,
    kAfterValue,
    kNumber,
    kLiteral,
    kEnd,
  };

  bool feed_in_string(char c);
  bool begin_value(char c);
  bool after_value(char c);
  bool open(bool object);
  void begin_string(bool name);
  void end_string();

  State state_ = State::kStart;
  bool in_string_ = false;
  bool in_name_ = false;
  bool escape_ = false;
  std::uint8_t hex_due_ = 0;
  bool has_alg_ = false;
  bool has_enc_ = false;
  std::string_view literal_;    // what must still come of true, false or null
  std::array<char, 3> name_{};  // the first bytes of the member name being read
  std::size_t name_bytes_ = 0;
  std::uint8_t depth_ = 0;
  std::uint32_t objects_ = 0;  // bit n: level n + 1 is an object
};

struct JoseHeader {
  bool found = false;
  bool encrypted = false;
};

// Whether all of `base64url` encodes such a header.
JoseHeader read_jose_header(std::string_view base64url);

}  // namespace apitoolkit::redact
