// header := version:u8 project:16 rows identity_ms_min:z identity_ms_max:z strays
//           (min:z max:z){kNumberColumns}
//           (distinct size listed[size]){kTextColumns}
//           pages page_rows{pages} column_bytes{kColumns} stored_bytes
//
// Numbers are varints; those marked z are signed, as zigzag. column_bytes is 0 for a column that is
// a part of its own, else 1 more than it says.
#include <algorithm>

#include "src/base/limits.h"
#include "src/server/store/block/block.h"
#include "src/server/store/block/varint.h"

namespace apitoolkit::server::store {
namespace {

constexpr char kVersion = 2;
constexpr std::int64_t kMillisecondNs = 1'000'000;
constexpr std::int64_t kStrayMs = 60'000;  // between what an id tells and when its exchange began

tl::unexpected<Error> damaged() {
  return fail(ErrorCode::kCorrupt, "a stored block is damaged: its header cannot be read");
}

class HeaderReader {
 public:
  explicit HeaderReader(std::string_view bytes) : rest_(bytes) {}

  std::string_view bytes(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint64_t number(std::uint64_t max) {
    const auto value = ok_ ? take_varint(rest_) : std::nullopt;
    ok_ = value && *value <= max;
    return ok_ ? *value : 0;
  }
  std::int64_t signed_number() { return unzigzag(number(~std::uint64_t{0})); }
  bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

std::optional<std::int64_t> told_ms(const Uuid& identity) {
  if (identity[6] >> 4 != 7 || identity[8] >> 6 != 2) return std::nullopt;
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | identity[i];
  return ms;
}

bool is_stray(const Uuid& identity, std::int64_t start_ns) {
  const auto told = told_ms(identity);
  if (!told) return true;
  const std::int64_t apart = *told - start_ns / kMillisecondNs;
  return apart < -kStrayMs || apart > kStrayMs;
}

std::string encode_header(const BlockHeader& header) {
  std::string out(1, kVersion);
  out.append(header.project.begin(), header.project.end());
  append_varint(header.rows, out);
  append_varint(zigzag(header.identity_ms_min), out);
  append_varint(zigzag(header.identity_ms_max), out);
  append_varint(header.strays, out);
  for (const Range& range : header.ranges) {
    append_varint(zigzag(range.min), out);
    append_varint(zigzag(range.max), out);
  }
  for (std::size_t i = 0; i < header.texts.size(); ++i) {
    const std::string_view listed = header.listed_in(static_cast<TextColumn>(i));
    append_varint(header.texts[i].distinct, out);
    append_varint(listed.size(), out);
    out += listed;
  }
  append_varint(header.page_rows.size(), out);
  for (const std::uint32_t rows : header.page_rows) append_varint(rows, out);
  for (const std::uint32_t bytes : header.column_bytes) {
    append_varint(bytes == kColumnAlone ? 0 : std::uint64_t{1} + bytes, out);
  }
  append_varint(static_cast<std::uint64_t>(header.stored_bytes), out);
  return out;
}

Result<BlockHeader> decode_header(std::string_view bytes) {
  BlockHeader header;
  HeaderReader reader(bytes);
  const std::string_view version = reader.bytes(1);
  if (version.empty() || version[0] != kVersion) return damaged();
  const std::string_view project = reader.bytes(sizeof(Uuid));
  std::copy(project.begin(), project.end(), header.project.begin());
  header.rows = static_cast<std::uint32_t>(reader.number(limits::kBlockRowsMax));
  header.identity_ms_min = reader.signed_number();
  header.identity_ms_max = reader.signed_number();
  header.strays = static_cast<std::uint32_t>(reader.number(header.rows));
  for (Range& range : header.ranges) {
    range.min = reader.signed_number();
    range.max = reader.signed_number();
  }
  for (TextSummary& text : header.texts) {
    text.distinct = static_cast<std::uint32_t>(reader.number(header.rows));
    header.listed += reader.bytes(reader.number(bytes.size()));
    text.listed_end = static_cast<std::uint32_t>(header.listed.size());
  }
  header.listed.shrink_to_fit();
  header.page_rows.resize(reader.number(header.rows));
  for (std::uint32_t& rows : header.page_rows) {
    rows = static_cast<std::uint32_t>(reader.number(kPageRowsMax));
  }
  for (std::uint32_t& size : header.column_bytes) {
    const std::uint64_t number = reader.number(std::uint64_t{1} + kColumnsTogetherBytesMax);
    size = number == 0 ? kColumnAlone : static_cast<std::uint32_t>(number - 1);
  }
  header.stored_bytes = static_cast<std::int64_t>(reader.number(~std::uint64_t{0} >> 1));
  if (!reader.ok() || header.rows == 0) return damaged();
  return header;
}

}  // namespace apitoolkit::server::store
