#include "fuzz/planted_body.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string_view>

#include "src/redact/engine/reference_json.h"

namespace apitoolkit::fuzz {
namespace {

using redact::Random;

constexpr std::string_view kBoundary = "b";
constexpr std::string_view kLineEnd = "\r\n";

// Where the secret stands: at a name of the top level, in an object, or in what may be a list.
enum class Place { kTop, kInObject, kInList };

std::string zlib_coded(std::string_view text, int window_bits) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string brotli_coded(std::string_view text) {
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size()) + 64;
  std::string out(size, '\0');
  BrotliEncoderCompress(1, 18, BROTLI_MODE_TEXT, text.size(),
                        reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                        reinterpret_cast<std::uint8_t*>(out.data()));
  out.resize(size);
  return out;
}

std::string zstd_coded(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

class Planter {
 public:
  explicit Planter(Random& random) : random_(random) {}

  PlantedBody plant() {
    constexpr std::string_view kNames[] = {"password", "p",  "pass word", "p\xc3\xa4ss",
                                           "a&b=c",    "1a", "a+b",       "a%41"};
    name_ = kNames[random_.below(8)];
    place_ = static_cast<Place>(random_.below(3));
    planted_.secret = secret();
    planted_.path = path();
    switch (random_.below(5)) {
      case 0:
        json();
        break;
      case 1:
        records("application/x-ndjson", "", "\n");
        break;
      case 2:
        records("application/json-seq", "\x1e", "\n\x1e");
        break;
      case 3:
        form();
        break;
      default:
        multipart();
        break;
    }
    planted_.unique = stands_once(planted_.first_part()) && stands_once(planted_.last_part());
    if (random_.below(6) == 0) cut();
    code();
    if (random_.below(8) == 0) cut();
    return std::move(planted_);
  }

 private:
  bool stands_once(std::string_view part) const {
    const std::size_t first = planted_.body.find(part);
    return first != std::string::npos && planted_.body.find(part, first + 1) == std::string::npos;
  }

  std::string secret() {
    std::string out = "Zq7";
    for (char place = 'a'; place < 'm'; ++place) {  // so that no part of it comes again in itself
      out += static_cast<char>('A' + random_.below(26));
      out += place;
    }
    return out;
  }

  std::string path() {
    const std::string last = "['" + name_ + "']";
    if (random_.below(4) == 0) return "$.." + last;
    if (place_ == Place::kTop) return "$" + last;
    return (place_ == Place::kInObject ? "$.user" : "$.items[*]") + last;
  }

  std::string noise() {
    constexpr std::string_view kPieces[] = {"user",
                                            "items",
                                            "[",
                                            "]",
                                            "=",
                                            "&",
                                            "\r\n",
                                            "\n",
                                            "{",
                                            "}",
                                            "\"",
                                            ":",
                                            ",",
                                            "0",
                                            "%",
                                            "+",
                                            ".",
                                            "--b",
                                            "--b--",
                                            "\x1e",
                                            "password",
                                            "[]",
                                            "\\",
                                            "\xef\xbb\xbf",
                                            "[0]",
                                            "%5B",
                                            "--b\r\n",
                                            "\r\n\r\n",
                                            "{\"a\":1}",
                                            "name=",
                                            "\xff",
                                            "null",
                                            "user[password]=1",
                                            "Content-Disposition: form-data; name=\"user\"",
                                            "Content-Type: application/json"};
    std::string out;
    for (std::uint32_t n = random_.below(12); n > 0; --n) {
      const std::uint32_t choice = random_.below(48);
      if (choice < std::size(kPieces)) {
        out += kPieces[choice];
      } else {
        out += static_cast<char>(random_.below(256));
      }
    }
    return out;
  }

  std::string value() {
    std::string string = "\"" + planted_.secret + "\"";
    switch (random_.below(5)) {
      case 0:
        return "[1, " + string + "]";
      case 1:
        return R"({"x":[{"y":)" + string + "}]}";
      default:
        return string;
    }
  }

  // Damage in two places could make up for each other, and put the secret under another name.
  std::string valid_text() {
    std::string text = redact::random_text(random_);
    redact::reference::Value unused;
    return redact::reference::read(text, unused) == redact::reference::Fault::kNone ? text : "1";
  }

  // Members around one that is given.
  std::string object(const std::string& member) {
    std::string out = "{";
    const auto other = [&] {
      return redact::random_string(random_, random_.below(2) == 0 ? "x" : "user") + ":" +
             valid_text();
    };
    for (std::uint32_t n = random_.below(3); n > 0; --n) out += other() + ",";
    out += member;
    for (std::uint32_t n = random_.below(3); n > 0; --n) out += "," + other();
    return out + "}";
  }

  std::string document() {
    std::string out = object(redact::random_string(random_, name_) + " : " + value());
    if (place_ == Place::kTop) return out;
    if (place_ == Place::kInObject)
      return object(redact::random_string(random_, "user") + ":" + out);
    if (random_.below(3) != 0) out = "[" + valid_text() + "," + out + ",1]";
    return object(redact::random_string(random_, "items") + ":" + out);
  }

  void json() {
    constexpr std::string_view kTypes[] = {"application/json",
                                           "",
                                           "text/plain",
                                           "application/problem+json; charset=utf-8",
                                           "application/json; charset=utf-16",
                                           "application/x-www-form-urlencoded"};
    planted_.content_type = kTypes[random_.below(6)];
    planted_.body = document();
  }

  void records(std::string_view type, std::string_view begin, std::string_view separator) {
    planted_.content_type = type;
    std::string line = document();
    for (char& c : line) {
      if (c == '\n') c = ' ';  // a blank, since within strings it is escaped
    }
    std::string& body = planted_.body;
    body = begin;
    for (std::uint32_t n = random_.below(3); n > 0; --n) body.append(noise()).append(separator);
    body += line;
    for (std::uint32_t n = random_.below(3); n > 0; --n) body.append(separator).append(noise());
  }

  std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (c == ' ' && random_.below(2) == 0) {
        out += '+';
      } else if (plain && random_.below(6) != 0) {
        out += c;
      } else {
        std::array<char, 4> code{};
        std::snprintf(code.data(), code.size(), random_.below(2) == 0 ? "%%%02x" : "%%%02X",
                      static_cast<unsigned>(static_cast<unsigned char>(c)));
        out += code.data();
      }
    }
    return out;
  }

  // As forms write where a value belongs.
  std::string field_name() {
    const bool dots = random_.below(3) == 0;
    const std::string last = dots ? "." + name_ : "[" + name_ + "]";
    if (place_ == Place::kTop) return name_;
    if (place_ == Place::kInObject) return "user" + last;
    constexpr std::string_view kPositions[] = {"[0]", "[]", "[3]", ""};
    return "items" + std::string(kPositions[random_.below(4)]) + last;
  }

  void form() {
    planted_.content_type = "application/x-www-form-urlencoded";
    // It begins like no JSON, which would be read as that.
    std::string& body = planted_.body;
    body = "z=" + noise();
    body += "&" + percent_encoded(field_name()) + "=" + planted_.secret;
    if (random_.below(2) == 0) body += "&" + noise();
  }

  void multipart() {
    planted_.content_type = "multipart/form-data; boundary=b";
    std::string& body = planted_.body;
    const std::string delimiter = std::string(kLineEnd) + "--" + std::string(kBoundary);
    if (random_.below(3) == 0) body = noise();
    for (std::uint32_t n = random_.below(3); n > 0; --n) {
      body += delimiter + std::string(kLineEnd);
      body += "Content-Disposition: form-data; name=\"x\"\r\n\r\n" + noise();
    }
    body += delimiter + std::string(kLineEnd);
    body += "Content-Disposition: form-data; name=\"" + field_name() + "\"";
    const std::uint32_t kind = random_.below(4);
    if (kind == 0) body += "; filename=\"f\"";  // whose content never leaves, whatever the path
    body += kLineEnd;
    if (kind == 1) body += "Content-Type: application/json\r\n";
    body += kLineEnd;
    body += kind == 1 ? value() : planted_.secret;
    if (random_.below(4) == 0) {
      body += delimiter + std::string(kLineEnd);
      if (random_.below(4) != 0) body += "Content-Disposition: form-data; name=\"user\"\r\n\r\n";
      body += noise();
    }
    if (random_.below(8) != 0) body += delimiter + "--";
  }

  // The end is missing, whether that is known or not.
  void cut() {
    planted_.truncated = planted_.truncated || random_.below(2) == 0;
    const std::size_t at = std::size_t{random_.below(256)} * 256 + random_.below(256);
    planted_.body.resize(at % (planted_.body.size() + 1));
  }

  void code() {
    std::string& body = planted_.body;
    const auto set = [&](std::string_view coding, std::string coded) {
      planted_.content_encoding = coding;
      body = std::move(coded);
    };
    switch (random_.below(12)) {
      case 0:
        return set("gzip", zlib_coded(body, 31));
      case 1:
        return set("deflate", zlib_coded(body, random_.below(2) == 0 ? 15 : -15));
      case 2:
        return set("br", brotli_coded(body));
      case 3:
        return set("zstd", zstd_coded(body));
      case 4:
        return set("br, gzip", zlib_coded(brotli_coded(body), 31));
      case 5:
        planted_.content_encoding = "gzip";  // that somebody has undone before
        return;
      default:
        return;
    }
  }

  Random& random_;
  PlantedBody planted_;
  std::string name_;
  Place place_ = Place::kTop;
};

}  // namespace

PlantedBody plant(redact::Random& random) {
  return Planter(random).plant();
}

}  // namespace apitoolkit::fuzz
