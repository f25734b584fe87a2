#include "src/base/base64.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <array>
#include <cstdint>

namespace apitoolkit::base {
namespace {

constexpr char kStandard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kUrlSafe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kInvalid = 0xFF;

constexpr std::array<std::uint8_t, 256> make_decode_table() {
  std::array<std::uint8_t, 256> table{};
  for (auto& entry : table) entry = kInvalid;
  for (std::uint8_t i = 0; i < 64; ++i) {
    table[static_cast<std::uint8_t>(kStandard[i])] = i;
    table[static_cast<std::uint8_t>(kUrlSafe[i])] = i;
  }
  return table;
}
constexpr auto kDecode = make_decode_table();

// These encode whole groups of three bytes, and return how many bytes of `in` are done.
std::size_t encode_groups(const std::uint8_t* in, std::size_t size, const char* alphabet,
                          char* out) {
  std::size_t i = 0;
  for (; i + 3 <= size; i += 3, out += 4) {
    const std::uint32_t group = (in[i] << 16) | (in[i + 1] << 8) | in[i + 2];
    out[0] = alphabet[group >> 18];
    out[1] = alphabet[(group >> 12) & 63];
    out[2] = alphabet[(group >> 6) & 63];
    out[3] = alphabet[group & 63];
  }
  return i;
}

#if defined(__x86_64__)
// 24 bytes a turn, after W. Muła and D. Lemire, "Faster Base64 Encoding and Decoding Using AVX2
// Instructions", 2018. Half of the worker's time went into this before.
__attribute__((target("avx2"))) std::size_t encode_avx2(const std::uint8_t* in, std::size_t size,
                                                        char* out) {
  // Each three bytes abc to bacb, so that two multiplications move all four fields into place.
  const __m256i spread = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,  //
                                          1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
  // What is added to a field to get its character: by range, of which digits take one each.
  const __m256i offsets =
      _mm256_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                       '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0,
                       'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                       '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
  constexpr std::size_t kReadAhead = 28;  // the second half is read as 16 bytes, of which 12 count
  std::size_t i = 0;
  for (; i + kReadAhead <= size; i += 24, out += 32) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i + 12));
    const __m256i bytes = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), spread);
    const __m256i first_and_third = _mm256_mulhi_epu16(
        _mm256_and_si256(bytes, _mm256_set1_epi32(0x0fc0fc00)), _mm256_set1_epi32(0x04000040));
    const __m256i second_and_fourth = _mm256_mullo_epi16(
        _mm256_and_si256(bytes, _mm256_set1_epi32(0x003f03f0)), _mm256_set1_epi32(0x01000010));
    const __m256i fields = _mm256_or_si256(first_and_third, second_and_fourth);
    const __m256i is_upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), fields);
    const __m256i range = _mm256_or_si256(_mm256_subs_epu8(fields, _mm256_set1_epi8(51)),
                                          _mm256_and_si256(is_upper, _mm256_set1_epi8(13)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                        _mm256_add_epi8(fields, _mm256_shuffle_epi8(offsets, range)));
  }
  return i;
}

// 32 characters of the standard alphabet a turn, after the same paper; stops before the first that
// are not. Returns how many characters of `text` are done. A fourteenth of all that the server did
// for an exchange was this before.
__attribute__((target("avx2"))) std::size_t decode_avx2(std::string_view text, char* out) {
  // A character is good if what its two halves are looked up as have no bit in common.
  const __m256i low_classes =
      _mm256_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1A, 0x1B,
                       0x1B, 0x1B, 0x1A, 0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                       0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A);
  const __m256i high_classes =
      _mm256_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10,
                       0x10, 0x10, 0x10, 0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10,
                       0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
  // What is added to a character to get its field: by its upper half, of which '/' takes its own.
  const __m256i offsets =
      _mm256_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 19, 4, -65,
                       -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i gather =
      _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,  //
                       2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  const __m256i slash = _mm256_set1_epi8('/');  // and, as it happens, the mask of both halves
  constexpr std::size_t kRoom = 44;  // 32 bytes are written, of which 24 count; the rest needs 8
  std::size_t i = 0;
  for (; i + kRoom <= text.size(); i += 32, out += 24) {
    const __m256i characters =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + i));
    const __m256i high = _mm256_and_si256(_mm256_srli_epi32(characters, 4), slash);
    const __m256i low = _mm256_and_si256(characters, slash);
    if (_mm256_testz_si256(_mm256_shuffle_epi8(low_classes, low),
                           _mm256_shuffle_epi8(high_classes, high)) == 0) {
      break;
    }
    const __m256i is_slash = _mm256_cmpeq_epi8(characters, slash);
    const __m256i fields =
        _mm256_add_epi8(characters, _mm256_shuffle_epi8(offsets, _mm256_add_epi8(is_slash, high)));
    const __m256i pairs = _mm256_maddubs_epi16(fields, _mm256_set1_epi32(0x01400140));
    const __m256i groups = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
    const __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(groups, gather),
                                                      _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), bytes);
  }
  return i;
}

// Looked up each time: a static of its own would have a lock, which a forked child may find held.
bool has_avx2() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") != 0;
}
#endif

void append(std::string_view bytes, bool is_url_safe, bool pad, std::string& out) {
  const char* alphabet = is_url_safe ? kUrlSafe : kStandard;
  const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const std::size_t rest = bytes.size() % 3;
  std::size_t length = bytes.size() / 3 * 4;
  if (rest > 0) length += pad ? 4 : rest + 1;
  const std::size_t before = out.size();
  out.resize(before + length);
  char* to = out.data() + before;
  std::size_t done = 0;
#if defined(__x86_64__)
  if (!is_url_safe && has_avx2()) done = encode_avx2(in, bytes.size(), to);
#endif
  to += done / 3 * 4;
  const std::size_t groups = encode_groups(in + done, bytes.size() - done, alphabet, to);
  to += groups / 3 * 4;
  done += groups;
  if (rest == 0) return;
  const std::uint32_t group = (in[done] << 16) | (rest == 2 ? in[done + 1] << 8 : 0);
  *to++ = alphabet[group >> 18];
  *to++ = alphabet[(group >> 12) & 63];
  if (rest == 2) *to++ = alphabet[(group >> 6) & 63];
  if (pad) std::fill(to, out.data() + out.size(), '=');
}

}  // namespace

void base64_append(std::string_view bytes, std::string& out) {
  append(bytes, false, true, out);
}

std::string base64_encode(std::string_view bytes) {
  std::string out;
  base64_append(bytes, out);
  return out;
}

std::string base64url_encode(std::string_view bytes) {
  std::string out;
  append(bytes, true, false, out);
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  if (padding > 0 && (text.size() + padding) % 4 != 0) return std::nullopt;
  if (text.size() % 4 == 1) return std::nullopt;
  const auto value = [&](std::size_t i) -> std::uint32_t {
    return kDecode[static_cast<std::uint8_t>(text[i])];
  };
  std::string out(text.size() * 3 / 4, '\0');
  char* to = out.data();
  std::uint32_t seen = 0;  // kInvalid has bits that no value has
  std::size_t i = 0;
#if defined(__x86_64__)
  if (has_avx2()) i = decode_avx2(text, to);
#endif
  to += i / 4 * 3;
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint32_t a = value(i), b = value(i + 1), c = value(i + 2), d = value(i + 3);
    seen |= a | b | c | d;
    const std::uint32_t group = (a << 18) | (b << 12) | (c << 6) | d;
    *to++ = static_cast<char>(group >> 16);
    *to++ = static_cast<char>(group >> 8);
    *to++ = static_cast<char>(group);
  }
  if (i < text.size()) {  // two or three characters
    const std::uint32_t a = value(i), b = value(i + 1);
    const std::uint32_t c = i + 2 < text.size() ? value(i + 2) : 0;
    seen |= a | b | c;
    *to++ = static_cast<char>((a << 2) | (b >> 4));
    if (i + 2 < text.size()) *to++ = static_cast<char>((b << 4) | (c >> 2));
  }
  if (seen > 63) return std::nullopt;
  // RFC 4648 section 3.5: decoders in the field differ on stray low bits; they carry nothing.
  return out;
}

}  // namespace apitoolkit::base
