#include "bench/api_document.h"

#include <cstdint>
#include <cstdio>

#include "src/json/writer.h"

namespace apitoolkit::bench {
namespace {

class Records {
 public:
  void add(json::Writer& w, bool brief) {
    ++id_;
    w.begin_object().key("id").value(id_);
    if (!brief) w.key("uuid").value(uuid());
    w.key("status").value(pick({"active", "pending", "closed"}));
    w.key("active").value(below(2) == 0);
    if (!brief) {
      w.key("score").raw(decimal(100, 2));
      w.key("created_at").value(time());
    }
    add_user(w, brief);
    if (!brief) {
      add_payment(w);
      w.key("tags").begin_array();
      for (std::uint32_t n = below(4); n > 0; --n) w.value(pick({"a", "vip", "new", "churn"}));
      w.end_array();
      w.key("notes").value(std::string_view(kNotes).substr(0, 20 + below(sizeof kNotes - 21)));
      w.key("parent").null();
    }
    w.end_object();
  }

 private:
  static constexpr char kNotes[] = "Called twice about the late delivery; said \"thanks\".";

  void add_user(json::Writer& w, bool brief) {
    static constexpr std::initializer_list<const char*> kNames = {
        "Anna", "Ben", "Carla", "David", "Elena", "Farid", "Grace", "Hiro", "In\u00e9s", "Jonas"};
    w.key("user").begin_object();
    w.key("name").value(std::string(pick(kNames)) + " " + pick(kNames));
    w.key("email").value("user" + std::to_string(below(100'000)) + "@example.com");
    w.key("password").value("s3cr3t-" + std::to_string(below(1u << 30)));
    if (!brief) {
      w.key("address").begin_object();
      w.key("street").value(std::to_string(1 + below(200)) + " Main Street");
      w.key("city").value(pick({"Springfield", "Riverside", "Franklin"}));
      w.key("zip").value(std::to_string(10'000 + below(90'000)));
      w.key("geo").begin_object().key("lat").raw(decimal(90, 6)).key("lng").raw(decimal(180, 6));
      w.end_object().end_object();
    }
    w.end_object();
  }

  void add_payment(json::Writer& w) {
    w.key("payment").begin_object().key("type").value(pick({"card", "iban", "cash"}));
    w.key("card").begin_object().key("number").value("4111111111111111");
    w.key("cvv").value(std::to_string(100 + below(900))).key("expires").value("12/29").end_object();
    w.key("amount").value(below(65'536)).key("currency").value("EUR").end_object();
  }

  // SplitMix64: small, and the same everywhere.
  std::uint32_t below(std::uint32_t bound) {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return static_cast<std::uint32_t>((z ^ (z >> 31)) >> 32) % bound;
  }

  const char* pick(std::initializer_list<const char*> of) {
    return of.begin()[below(static_cast<std::uint32_t>(of.size()))];
  }

  std::string decimal(std::uint32_t bound, int digits) {
    std::string fraction = std::to_string(1'000'000 + below(1'000'000)).substr(1, digits);
    return std::to_string(below(bound)) + "." + fraction;
  }

  std::string time() {
    char text[32];
    std::snprintf(text, sizeof text, "2024-%02u-%02uT%02u:%02u:%02uZ", 1 + below(12), 1 + below(28),
                  below(24), below(60), below(60));
    return text;
  }

  std::string uuid() {
    char text[48];
    std::snprintf(text, sizeof text, "%08x-%04x-4%03x-a%03x-%04x%08x", below(1u << 31),
                  below(65'536), below(4096), below(4096), below(65'536), below(1u << 31));
    return text;
  }

  std::uint64_t state_ = 7;
  int id_ = 1000;
};

}  // namespace

std::string api_document(std::size_t bytes) {
  Records records;
  json::Writer w;
  w.begin_object().key("data").begin_array();
  const bool brief = bytes < 500;
  do {
    records.add(w, brief);
  } while (w.size() + (brief ? 200 : 300) < bytes);
  w.end_array().key("next").null().end_object();
  return std::move(w).str();
}

}  // namespace apitoolkit::bench
