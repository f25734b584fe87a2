#include "src/sdk/spool/record.h"

#include <zlib.h>
#include <zstd.h>

#include <array>
#include <bit>

#include "src/base/limits.h"
#include "src/sdk/spool/little_endian.h"

namespace apitoolkit::sdk {
namespace {

constexpr int kCompressionLevel = 1;
constexpr std::size_t kPrefixBytes = 4;  // a message's length
constexpr std::size_t kBodyBytesMax = ZSTD_COMPRESSBOUND(std::size_t{limits::kSpoolRecordBytesMax});

// Where a head's fields begin.
enum : std::size_t {
  kMark = 0,
  kLength = 16,
  kSize = 20,
  kCount = 24,
  kBodyCrc = 28,
  kHeadCrc = 32
};

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::uint32_t head_crc(const char* head, std::int64_t offset) {
  std::array<char, 32> covered{};
  put(covered.data(), get<std::uint64_t>(head + kMark));
  put(covered.data() + 8, static_cast<std::uint64_t>(offset));
  for (std::size_t i = kLength; i < kHeadCrc; ++i) covered[i] = head[i];
  return crc_of({covered.data(), covered.size()});
}

std::size_t padded(std::size_t bytes) {
  return (bytes + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
}

// How many of the first messages one record holds; `size` becomes that of what it then holds.
std::size_t count_that_fits(std::span<const std::string_view> messages, std::size_t& size) {
  size = 0;
  std::size_t count = 0;
  for (const std::string_view message : messages) {
    const std::size_t more = kPrefixBytes + message.size();
    if (count == limits::kPublishMessagesMax || size + more > limits::kSpoolRecordBytesMax) break;
    size += more;
    ++count;
  }
  return count;
}

Result<std::string> make_record(std::span<const std::string_view> messages, std::size_t size) {
  std::string content(size, '\0');
  char* at = content.data();
  for (const std::string_view message : messages) {
    put(at, static_cast<std::uint32_t>(message.size()));
    at += kPrefixBytes;
    at += message.copy(at, message.size());
  }
  std::string record(kRecordHeadBytes + ZSTD_compressBound(size), '\0');
  const std::size_t length =
      ZSTD_compress(record.data() + kRecordHeadBytes, record.size() - kRecordHeadBytes,
                    content.data(), size, kCompressionLevel);
  if (ZSTD_isError(length) != 0) {
    return fail(ErrorCode::kInternal, std::string("spool: zstd: ") + ZSTD_getErrorName(length));
  }
  record.resize(kRecordHeadBytes + length);
  put(record.data() + kBodyCrc, crc_of(std::string_view(record).substr(kRecordHeadBytes)));
  record.resize(padded(record.size()));
  put(record.data() + kLength, static_cast<std::uint32_t>(length));
  put(record.data() + kSize, static_cast<std::uint32_t>(size));
  put(record.data() + kCount, static_cast<std::uint32_t>(messages.size()));
  return record;
}

}  // namespace

std::int64_t RecordHead::bytes() const {
  return static_cast<std::int64_t>(padded(kRecordHeadBytes + length));
}

Result<std::vector<std::string>> make_records(std::span<const std::string_view> messages) {
  for (const std::string_view message : messages) {
    if (message.size() > limits::kMessageBytesMax) {
      return fail(ErrorCode::kInvalidArgument,
                  "spool: a message of " + std::to_string(message.size()) + " bytes; at most " +
                      std::to_string(limits::kMessageBytesMax) + " are allowed");
    }
  }
  std::vector<std::string> records;
  while (!messages.empty()) {
    std::size_t size = 0;
    const std::size_t count = count_that_fits(messages, size);
    auto record = make_record(messages.first(count), size);
    if (!record) return tl::unexpected(record.error());
    records.push_back(std::move(*record));
    messages = messages.subspan(count);
  }
  return records;
}

void place_record(std::string& record, RecordPlace place) {
  put(record.data() + kMark, place.mark);
  put(record.data() + kHeadCrc, head_crc(record.data(), place.offset));
}

std::optional<RecordHead> parse_record_head(std::string_view bytes, RecordPlace place) {
  const char* const at = bytes.data();
  if (get<std::uint64_t>(at + kMark) != place.mark) return std::nullopt;
  if (get<std::uint32_t>(at + kHeadCrc) != head_crc(at, place.offset)) return std::nullopt;
  RecordHead head;
  head.is_removed = std::popcount(get<std::uint64_t>(at + kRecordStateOffset)) > 32;
  head.length = get<std::uint32_t>(at + kLength);
  head.size = get<std::uint32_t>(at + kSize);
  head.count = get<std::uint32_t>(at + kCount);
  head.body_crc = get<std::uint32_t>(at + kBodyCrc);
  if (head.length > kBodyBytesMax || head.size > limits::kSpoolRecordBytesMax ||
      head.count > limits::kPublishMessagesMax) {
    return std::nullopt;
  }
  return head;
}

std::optional<std::vector<std::string>> parse_record_body(std::string_view body,
                                                          const RecordHead& head) {
  if (body.size() != head.length || crc_of(body) != head.body_crc) return std::nullopt;
  if (ZSTD_getFrameContentSize(body.data(), body.size()) != head.size) return std::nullopt;
  std::string content(head.size, '\0');
  if (ZSTD_decompress(content.data(), content.size(), body.data(), body.size()) != content.size()) {
    return std::nullopt;
  }
  std::vector<std::string> messages;
  messages.reserve(head.count);
  std::string_view rest = content;
  while (!rest.empty()) {
    if (rest.size() < kPrefixBytes || messages.size() == head.count) return std::nullopt;
    const auto length = get<std::uint32_t>(rest.data());
    rest.remove_prefix(kPrefixBytes);
    if (length > rest.size() || length > limits::kMessageBytesMax) return std::nullopt;
    messages.emplace_back(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  if (messages.size() != head.count || messages.empty()) return std::nullopt;
  return messages;
}

}  // namespace apitoolkit::sdk
