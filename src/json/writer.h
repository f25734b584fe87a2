// Writes JSON text. The only JSON writer of the project.
//
//   json::Writer w;
//   w.begin_object().key("status").value(200).key("tags").begin_array().value("eu").end_array()
//    .end_object();
//   send(std::move(w).str());
//
// Commas are the writer's business; balance is the caller's (asserted). Strings are escaped as RFC
// 8259 asks, non-ASCII passes as UTF-8, and bytes that are not valid UTF-8 become U+FFFD, so the
// result is always valid JSON. `</` and U+2028 need no care: nothing of ours is put into markup.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace apitoolkit::json {

class Writer {
 public:
  Writer() = default;
  // For a text of about that size.
  explicit Writer(std::size_t bytes) { out_.reserve(bytes); }

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);
  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  template <std::integral Number>
  Writer& value(Number number) {
    if constexpr (std::same_as<Number, bool>) {
      return raw(number ? "true" : "false");
    } else if constexpr (std::signed_integral<Number>) {
      return value_int(number);
    } else {
      return value_uint(number);
    }
  }
  Writer& value(double number);  // shortest form that reads back; null where not finite
  Writer& null() { return raw("null"); }
  // `json` must be one valid JSON text; it is written as it is.
  Writer& raw(std::string_view json);
  // A string value holding the base64 of `bytes`.
  Writer& base64(std::string_view bytes);

  const std::string& str() const& { return out_; }
  std::string str() && { return std::move(out_); }
  std::size_t size() const { return out_.size(); }

 private:
  Writer& value_int(std::int64_t number);
  Writer& value_uint(std::uint64_t number);
  Writer& begin(char bracket);
  Writer& end(char bracket);
  void separate();

  std::string out_;
  bool needs_comma_ = false;
  int depth_ = 0;
};

// Appends `text` as a JSON string with its quotes.
void append_string(std::string_view text, std::string& out);

}  // namespace apitoolkit::json
