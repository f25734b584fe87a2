// Scanning and linking take turns, a chunk of the source each, so that the linker finds the tokens,
// and the source of the numbers it checks, in the first-level cache: a chunk and its tokens take
// about 17 KB.

#include "src/json/token_stream.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace apitoolkit::json {
namespace {

constexpr std::uint32_t kChunkBytes = 8 << 10;
constexpr std::uint32_t kSlack = 64;  // entries that a vector store may write beyond the last token
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

const ScanKernel& kernel_of(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return scan_kernel_avx512();
  if (level == SimdLevel::kAvx2) return scan_kernel_avx2();
#endif
  (void)level;
  return scan_kernel_portable();
}

}  // namespace

TokenStream::Fault TokenStream::read(std::string_view source, SimdLevel level) {
  source_ = source;
  level_ = level;
  count_ = 0;
  container_count_ = 0;
  if (source.size() >= std::numeric_limits<std::uint32_t>::max()) return Fault::kTooLong;
  const auto size = static_cast<std::uint32_t>(source.size());
  const ScanKernel& kernel = kernel_of(level);
  ScanState scanned;
  LinkState linked;
  stack_[0] = 0;
  std::uint32_t at = source.substr(0, kByteOrderMark.size()) == kByteOrderMark ? 3 : 0;
  std::uint32_t ready = 0;
  while (at < size) {
    const std::uint32_t end = at + std::min(kChunkBytes, size - at);
    scan(kernel, scanned, at, end);
    at = end;
    if (at == size) break;
    if (scanned.count == 0) continue;  // blanks so far
    // Full groups only, and only when the token after them is known.
    const std::uint32_t before = ready;
    ready = (scanned.count - 1) / kGroupTokens * kGroupTokens;
    link(kernel, linked, before, ready);
  }
  count_ = scanned.count;
  reserve(0);
  std::memset(writable_bytes() + count_, 0, kSlack);
  positions_.data()[count_] = size;
  link(kernel, linked, ready, count_);

  if (scanned.bad_utf8 != 0 || kernel.utf8_cut_short(scanned)) return Fault::kUtf8;
  if (linked.too_deep) return Fault::kTooDeep;
  const bool good = scanned.bad_text == 0 && scanned.in_string == 0 && linked.bad == 0 &&
                    linked.depth == 0 && is_one_value();
  return good ? Fault::kNone : Fault::kSyntax;
}

// The tokens of source[from, to). The last, partial block is copied: the source has no padding.
void TokenStream::scan(const ScanKernel& kernel, ScanState& state, std::uint32_t from,
                       std::uint32_t to) {
  count_ = state.count;
  reserve(to - from);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(source_.data());
  const std::uint32_t blocks = (to - from) / kBlockBytes;
  kernel.scan(bytes + from, blocks, from, state, positions_.data(), writable_bytes());
  from += blocks * kBlockBytes;
  if (from == to) return;
  std::uint8_t last[kBlockBytes];
  std::memset(last, ' ', sizeof last);
  std::memcpy(last, bytes + from, to - from);
  kernel.scan(last, 1, from, state, positions_.data(), writable_bytes());
}

void TokenStream::link(const ScanKernel& kernel, LinkState& state, std::uint32_t from,
                       std::uint32_t to) {
  state.source = reinterpret_cast<const std::uint8_t*>(source_.data());
  state.source_size = static_cast<std::uint32_t>(source_.size());
  state.positions = positions_.data();
  state.tokens = bytes();
  writable_bytes()[-1] = ',';
  state.containers = containers_.data();
  state.groups = groups_.data();
  state.stack = stack_;
  kernel.link(state, from, to);
  container_count_ = state.container_count;
}

// Each byte may be a token, each token a container.
void TokenStream::reserve(std::uint32_t more_bytes) {
  const std::size_t wanted = std::size_t{count_} + more_bytes + 2 * kSlack;
  bytes_.reserve(wanted + kBytesBefore, count_ + kBytesBefore);
  positions_.reserve(wanted, count_);
  containers_.reserve(wanted, container_count_);
  groups_.reserve(wanted / kGroupTokens + 1, (count_ + kGroupTokens - 1) / kGroupTokens);
}

// Whether nothing stands beside the top-level value, all tokens being in order otherwise.
bool TokenStream::is_one_value() const {
  if (count_ == 0) return false;
  if (container_count_ == 0) return count_ == 1;
  return containers_.data()[0].close == count_ - 1 && (bytes()[0] == '{' || bytes()[0] == '[');
}

std::size_t TokenStream::memory_bytes() const {
  return bytes_.capacity() + positions_.capacity() * sizeof(std::uint32_t) +
         containers_.capacity() * sizeof(Container) + groups_.capacity() * sizeof(TokenGroup);
}

void TokenStream::release() {
  bytes_.release();
  positions_.release();
  containers_.release();
  groups_.release();
}

}  // namespace apitoolkit::json
