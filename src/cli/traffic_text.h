// Text with places to fill, compiled once and rendered hundreds of thousands of times a second.
//
//   text  := (literal | place | group)*            at most one group
//   place := "@" name                              one of traffic_places()
//   group := "@{" (literal | place)* "}"           braces within are balanced; rendered again and
//                                                  again, with commas between, until there is
//                                                  enough
//
// The places of one exchange agree with one another: its user has one name, a product one price.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apitoolkit::cli {

// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014): the same
// numbers for the same seed on every machine.
class TrafficRandom {
 public:
  explicit TrafficRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  // 0 to n - 1.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  // [0, 1).
  double unit();
  // 0 to n - 1, small ones far more often, as few customers buy most.
  std::uint64_t skewed(std::uint64_t n);

 private:
  std::uint64_t state_;
};

// Who and what one exchange is about.
struct TrafficSubject {
  std::int64_t now_ns = 0;    // Unix time
  std::uint64_t user = 0;     // an id below kTrafficUsers
  std::uint64_t product = 0;  // an id below kTrafficProducts
  std::uint64_t id = 0;       // of the thing that the path names
};
inline constexpr std::uint64_t kTrafficUsers = 1'000'003;  // prime, see some_user
inline constexpr std::uint64_t kTrafficProducts = 20'011;  // prime

std::uint64_t some_user(TrafficRandom& random);
std::uint64_t some_product(TrafficRandom& random);

class TrafficText {
 public:
  // A name that is no place, or braces without balance, abort: texts are ours.
  explicit TrafficText(std::string_view text);

  bool empty() const { return head_.empty() && item_.empty(); }

  // Appends the text, its group repeated (at least once) until it is about `bytes` long.
  void render(std::string& out, TrafficRandom& random, TrafficSubject subject,
              std::size_t bytes) const;

 private:
  enum class Place : std::uint8_t;
  struct Piece {
    std::string literal;  // before the place
    Place place;
  };
  using Pieces = std::vector<Piece>;

  static Pieces compile(std::string_view text);
  static void fill(Place place, std::string& out, TrafficRandom& random,
                   const TrafficSubject& subject);
  static void append(const Pieces& pieces, std::string& out, TrafficRandom& random,
                     const TrafficSubject& subject);

  Pieces head_, item_, tail_;
  std::size_t tail_bytes_ = 0;  // about
};

// "2026-01-02T03:04:05.678901+00:00", as Python's SDK writes it; the years 1970 to 9999.
void append_time(std::string& out, std::int64_t unix_ns);
void append_number(std::string& out, std::uint64_t number);
void append_hex(std::string& out, std::uint64_t bits, int digits);
void append_user_name(std::string& out, std::uint64_t user);
void append_user_email(std::string& out, std::uint64_t user);
void append_user_address(std::string& out, std::uint64_t user);  // IPv4

}  // namespace apitoolkit::cli
