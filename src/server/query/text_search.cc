#include "src/server/query/text_search.h"

#include <algorithm>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace apitoolkit::server::query {
namespace {

char fold(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

char raise(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool equals_folded(const char* text, std::string_view folded) {
  for (std::size_t i = 0; i < folded.size(); ++i) {
    if (fold(text[i]) != folded[i]) return false;
  }
  return true;
}

}  // namespace

SearchText::SearchText(std::string_view text) : folded_(fold_case(text)) {}

// Candidates are where the first and the last byte fit, sixteen places at a time.
std::size_t SearchText::find(std::string_view in, std::size_t from) const {
  const std::size_t size = folded_.size();
  if (from > in.size() || in.size() - from < size) return std::string_view::npos;
  if (size == 0) return from;
  const std::size_t last = in.size() - size;  // place where it could still begin
  std::size_t at = from;
#ifdef __SSE2__
  constexpr std::size_t kStep = 16;
  const char first_byte = folded_.front();
  const char last_byte = folded_.back();
  const __m128i first_low = _mm_set1_epi8(first_byte);
  const __m128i first_high = _mm_set1_epi8(raise(first_byte));
  const __m128i last_low = _mm_set1_epi8(last_byte);
  const __m128i last_high = _mm_set1_epi8(raise(last_byte));
  for (; at + kStep <= last + 1; at += kStep) {
    const auto load = [&in](std::size_t i) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(in.data() + i));
    };
    const __m128i heads = load(at);
    const __m128i tails = load(at + size - 1);
    const __m128i fits = _mm_and_si128(
        _mm_or_si128(_mm_cmpeq_epi8(heads, first_low), _mm_cmpeq_epi8(heads, first_high)),
        _mm_or_si128(_mm_cmpeq_epi8(tails, last_low), _mm_cmpeq_epi8(tails, last_high)));
    for (auto mask = static_cast<unsigned>(_mm_movemask_epi8(fits)); mask != 0; mask &= mask - 1) {
      const std::size_t i = at + static_cast<std::size_t>(__builtin_ctz(mask));
      if (equals_folded(in.data() + i, folded_)) return i;
    }
  }
#endif
  for (; at <= last; ++at) {
    if (equals_folded(in.data() + at, folded_)) return at;
  }
  return std::string_view::npos;
}

bool SearchText::begins(std::string_view text) const {
  return text.size() >= folded_.size() && equals_folded(text.data(), folded_);
}

bool SearchText::ends(std::string_view text) const {
  return text.size() >= folded_.size() &&
         equals_folded(text.data() + (text.size() - folded_.size()), folded_);
}

bool SearchText::is_word_in(std::string_view text) const {
  if (folded_.empty()) return true;
  const bool word_first = is_word_byte(folded_.front());
  const bool word_last = is_word_byte(folded_.back());
  for (std::size_t at = find(text); at != std::string_view::npos; at = find(text, at + 1)) {
    const std::size_t end = at + folded_.size();
    const bool left = !word_first || at == 0 || !is_word_byte(text[at - 1]);
    const bool right = !word_last || end == text.size() || !is_word_byte(text[end]);
    if (left && right) return true;
  }
  return false;
}

std::string fold_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), fold);
  return out;
}

std::string to_upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), raise);
  return out;
}

}  // namespace apitoolkit::server::query
