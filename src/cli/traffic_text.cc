#include "src/cli/traffic_text.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "src/cli/traffic_catalogue.h"

namespace apitoolkit::cli {

// In the order of kPlaces.
enum class TrafficText::Place : std::uint8_t {
  kNone,
  kAdjective,
  kAmount,
  kBool,
  kCity,
  kCode,
  kCountry,
  kCurrency,
  kId,
  kNoun,
  kNow,
  kPage,
  kPast,
  kPrice,
  kProductId,
  kProductName,
  kQuantity,
  kRating,
  kSentence,
  kSku,
  kSort,
  kStatus,
  kStreet,
  kTag,
  kThis,
  kToken,
  kUserEmail,
  kUserId,
  kUserName,
  kUuid,
};

namespace {

constexpr std::array<std::string_view, 30> kPlaces{
    "",         "adjective", "amount",     "bool",         "city",      "code",
    "country",  "currency",  "id",         "noun",         "now",       "page",
    "past",     "price",     "product_id", "product_name", "quantity",  "rating",
    "sentence", "sku",       "sort",       "status",       "street",    "tag",
    "this",     "token",     "user_email", "user_id",      "user_name", "uuid"};
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::uint64_t kPastSecondsMax = 60 * 86'400;
constexpr std::uint64_t kIdsMax = 10'000'000;

[[noreturn]] void abort_over(std::string_view text) {
  std::fprintf(stderr, "a text of the traffic catalogue is wrong at: %.*s\n",
               static_cast<int>(text.size()), text.data());
  std::abort();
}

std::string_view one_of(std::span<const std::string_view> words, std::uint64_t which) {
  return words[which % words.size()];
}

// The same bits for the same thing, whoever asks.
std::uint64_t trait(std::uint64_t thing) {
  return TrafficRandom(thing).next();
}

void append_two_digits(std::string& out, unsigned number) {
  out += static_cast<char>('0' + number / 10);
  out += static_cast<char>('0' + number % 10);
}

// "12.90"
void append_cents(std::string& out, std::uint64_t cents) {
  append_number(out, cents / 100);
  out += '.';
  append_two_digits(out, static_cast<unsigned>(cents % 100));
}

void append_uuid(std::string& out, TrafficRandom& random) {
  const std::uint64_t high = random.next();
  const std::uint64_t low = random.next();
  append_hex(out, high >> 32, 8);
  out += '-';
  append_hex(out, high >> 16, 4);
  out += "-4";
  append_hex(out, high, 3);
  out += '-';
  append_hex(out, (low >> 48 & 0x3fff) | 0x8000, 4);
  out += '-';
  append_hex(out, low, 12);
}

void append_product_name(std::string& out, std::uint64_t product) {
  const TrafficWords& words = traffic_words();
  out += one_of(words.adjectives, product);
  out += ' ';
  out += one_of(words.nouns, product / words.adjectives.size());
}

void append_sku(std::string& out, std::uint64_t product) {
  constexpr std::string_view kLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ";
  const std::uint64_t bits = trait(product);
  for (int i = 0; i < 3; ++i) out += kLetters[(bits >> (8 * i)) % kLetters.size()];
  out += '-';
  append_number(out, 10'000 + product);
}

std::uint64_t price_cents(std::uint64_t product) {
  return 199 + trait(product) % 180 * 50;
}

std::string_view name_at(std::string_view text) {
  return text.substr(0, text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"));
}

}  // namespace

std::uint64_t TrafficRandom::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

double TrafficRandom::unit() {
  return static_cast<double>(next() >> 11) * 0x1p-53;
}

std::uint64_t TrafficRandom::skewed(std::uint64_t n) {
  const double x = unit();
  return static_cast<std::uint64_t>(x * x * x * static_cast<double>(n));
}

// A multiple of a rank, modulo a prime: those who come often are not those with small ids.
std::uint64_t some_user(TrafficRandom& random) {
  return (random.skewed(kTrafficUsers) * 387'913 + 50'021) % kTrafficUsers;
}

std::uint64_t some_product(TrafficRandom& random) {
  return (random.skewed(kTrafficProducts) * 7'919 + 101) % kTrafficProducts;
}

TrafficText::TrafficText(std::string_view text) {
  const std::size_t group = text.find("@{");
  if (group == std::string_view::npos) {
    head_ = compile(text);
    return;
  }
  std::size_t end = group + 2;
  for (int depth = 1; depth > 0; ++end) {
    if (end >= text.size()) abort_over(text.substr(group));
    depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
  }
  head_ = compile(text.substr(0, group));
  item_ = compile(text.substr(group + 2, end - group - 3));
  tail_ = compile(text.substr(end));
  tail_bytes_ = text.size() - end;
}

TrafficText::Pieces TrafficText::compile(std::string_view text) {
  Pieces pieces;
  while (!text.empty()) {
    const std::size_t at = text.find('@');
    Piece piece{std::string(text.substr(0, at)), Place::kNone};
    text.remove_prefix(piece.literal.size());
    if (!text.empty()) {
      const std::string_view name = name_at(text.substr(1));
      for (std::size_t i = 1; i < kPlaces.size(); ++i) {
        if (kPlaces[i] == name) piece.place = static_cast<Place>(i);
      }
      if (piece.place == Place::kNone) abort_over(text);
      text.remove_prefix(1 + name.size());
    }
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

void TrafficText::render(std::string& out, TrafficRandom& random, TrafficSubject subject,
                         std::size_t bytes) const {
  const std::size_t begin = out.size();
  append(head_, out, random, subject);
  if (!item_.empty()) {
    append(item_, out, random, subject);
    while (out.size() - begin + tail_bytes_ < bytes) {
      out += ',';
      subject.product = some_product(random);
      append(item_, out, random, subject);
    }
  }
  append(tail_, out, random, subject);
}

void TrafficText::append(const Pieces& pieces, std::string& out, TrafficRandom& random,
                         const TrafficSubject& subject) {
  for (const Piece& piece : pieces) {
    out += piece.literal;
    fill(piece.place, out, random, subject);
  }
}

void TrafficText::fill(Place place, std::string& out, TrafficRandom& random,
                       const TrafficSubject& subject) {
  const TrafficWords& words = traffic_words();
  const auto word = [&](std::span<const std::string_view> list) {
    out += one_of(list, random.next());
  };
  switch (place) {
    case Place::kNone:
      return;
    case Place::kAdjective:
      return word(words.adjectives);
    case Place::kAmount:
      return append_cents(out, 500 + random.below(60'000));
    case Place::kBool:
      out += random.below(4) == 0 ? "false" : "true";
      return;
    case Place::kCity:
      return word(words.cities);
    case Place::kCode:
      return word(words.codes);
    case Place::kCountry:
      return word(words.countries);
    case Place::kCurrency:
      out += "EUR";
      return;
    case Place::kId:
      return append_number(out, 1 + random.below(kIdsMax));
    case Place::kNoun:
      return word(words.nouns);
    case Place::kNow:
      return append_time(out, subject.now_ns);
    case Place::kPage:
      return append_number(out, 1 + random.skewed(9));
    case Place::kPast:
      return append_time(
          out, subject.now_ns -
                   static_cast<std::int64_t>(random.below(kPastSecondsMax * 1000)) * 1'000'000);
    case Place::kPrice:
      return append_cents(out, price_cents(subject.product));
    case Place::kProductId:
      return append_number(out, subject.product);
    case Place::kProductName:
      return append_product_name(out, subject.product);
    case Place::kQuantity:
      return append_number(out, 1 + random.skewed(40));
    case Place::kRating:
      append_number(out, 1 + random.below(4));
      out += '.';
      out += static_cast<char>('0' + random.below(10));
      return;
    case Place::kSentence:
      return word(words.sentences);
    case Place::kSku:
      return append_sku(out, subject.product);
    case Place::kSort:
      return word(words.sorts);
    case Place::kStatus:
      return word(words.statuses);
    case Place::kStreet:
      word(words.streets);
      out += ' ';
      return append_number(out, 1 + random.below(180));
    case Place::kTag:
      return word(words.tags);
    case Place::kThis:
      return append_number(out, subject.id);
    case Place::kToken:
      append_hex(out, random.next(), 16);
      return append_hex(out, random.next(), 8);
    case Place::kUserEmail:
      return append_user_email(out, subject.user);
    case Place::kUserId:
      return append_number(out, subject.user);
    case Place::kUserName:
      return append_user_name(out, subject.user);
    case Place::kUuid:
      return append_uuid(out, random);
  }
}

void append_time(std::string& out, std::int64_t unix_ns) {
  using std::chrono::days;
  const std::int64_t seconds = unix_ns / kSecondNs;
  const std::chrono::sys_days day{days(seconds / 86'400)};
  const std::chrono::year_month_day date(day);
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  const auto in_day = static_cast<unsigned>(seconds % 86'400);
  auto micros = static_cast<unsigned>(unix_ns % kSecondNs / 1000);
  append_two_digits(out, year / 100);
  append_two_digits(out, year % 100);
  out += '-';
  append_two_digits(out, static_cast<unsigned>(date.month()));
  out += '-';
  append_two_digits(out, static_cast<unsigned>(date.day()));
  out += 'T';
  append_two_digits(out, in_day / 3600);
  out += ':';
  append_two_digits(out, in_day / 60 % 60);
  out += ':';
  append_two_digits(out, in_day % 60);
  out += '.';
  append_two_digits(out, micros / 10'000);
  append_two_digits(out, micros / 100 % 100);
  append_two_digits(out, micros % 100);
  out += "+00:00";
}

void append_number(std::string& out, std::uint64_t number) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): the next line writes what is read
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_hex(std::string& out, std::uint64_t bits, int digits) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kHex[bits >> shift & 15];
}

void append_user_name(std::string& out, std::uint64_t user) {
  const TrafficWords& words = traffic_words();
  const std::uint64_t bits = trait(user);
  out += one_of(words.first_names, bits & 0xffff);
  out += ' ';
  out += one_of(words.last_names, bits >> 16 & 0xffff);
}

void append_user_email(std::string& out, std::uint64_t user) {
  const TrafficWords& words = traffic_words();
  const std::uint64_t bits = trait(user);
  const std::size_t begin = out.size();
  out += one_of(words.first_names, bits & 0xffff);
  out += '.';
  out += one_of(words.last_names, bits >> 16 & 0xffff);
  for (std::size_t i = begin; i < out.size(); ++i) out[i] = static_cast<char>(out[i] | 0x20);
  append_number(out, user % 1000);
  out += "@mail.example";
}

void append_user_address(std::string& out, std::uint64_t user) {
  const std::uint64_t bits = trait(user + kTrafficUsers);
  append_number(out, 11 + bits % 180);
  for (int i = 1; i < 4; ++i) {
    out += '.';
    append_number(out, bits >> (8 * i) & 255);
  }
}

}  // namespace apitoolkit::cli
