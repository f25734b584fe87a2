// A block: up to limits::kBlockRowsMax exchanges of one project and one UTC day, oldest first by
// (start_ns, identity). It is a number of parts, each a frame of its own (frame.h), so that whoever
// asks reads what he needs:
//
//   kHeaderPart           what most questions are decided by without reading more (below)
//   kFilterPart           which identities may be here (bloom_filter.h)
//   kColumnsPart          the small columns, one after the other
//   kFirstColumnPart + c  column c, where it is not one of them: the identities are number 0, then
//                         the numbers, then the texts
//   page_part(p, s)       section s of page p: for some rows what is in no column (page.h)
//
// Their grammar stands in block_header.cc, columns.h and page.h.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/store/block/bloom_filter.h"
#include "src/server/store/block/columns.h"
#include "src/server/store/block/page.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

inline constexpr int kHeaderPart = 0;
inline constexpr int kFilterPart = 1;
inline constexpr int kColumnsPart = 2;
inline constexpr int kFirstColumnPart = 3;
inline constexpr int kFirstPagePart = 64;
inline constexpr int kColumns = 1 + kNumberColumns + kTextColumns;
static_assert(kFirstColumnPart + kColumns <= kFirstPagePart);

// Of kColumnsPart, inflated.
inline constexpr std::int64_t kColumnsTogetherBytesMax = 4 << 20;
inline constexpr std::uint32_t kColumnAlone = ~std::uint32_t{0};

inline constexpr int kIdentityColumn = 0;
constexpr int page_part(std::size_t page, PageSection section) {
  return kFirstPagePart + static_cast<int>(page) * kPageSections + static_cast<int>(section);
}

constexpr int column_index(NumberColumn column) {
  return 1 + static_cast<int>(column);
}
constexpr int column_index(TextColumn column) {
  return 1 + kNumberColumns + static_cast<int>(column);
}

struct Range {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

// Of a column of texts. Its values are listed, by their codes, where they are few and short.
struct TextSummary {
  std::uint32_t distinct = 0;
  std::uint32_t listed_end = 0;  // in BlockHeader::listed
};

// Immutable once it is made. Those of all blocks are in memory.
struct BlockHeader {
  Uuid project{};
  std::uint32_t rows = 0;
  // The milliseconds that identities tell, of those that are UUIDv7 and tell about the time of
  // their exchange; the others are strays. min > max: all are.
  std::int64_t identity_ms_min = 0;
  std::int64_t identity_ms_max = -1;
  std::uint32_t strays = 0;
  std::array<Range, kNumberColumns> ranges{};
  std::array<TextSummary, kTextColumns> texts{};
  std::string listed;  // of all columns of texts
  std::vector<std::uint32_t> page_rows;
  // Inflated sizes in kColumnsPart; kColumnAlone where the column is a part of its own.
  std::array<std::uint32_t, kColumns> column_bytes{};
  std::int64_t stored_bytes = 0;  // of all parts but this one

  const Range& range(NumberColumn column) const { return ranges[static_cast<std::size_t>(column)]; }
  // As Texts::append_values writes them; empty where they are in the column.
  std::string_view listed_in(TextColumn column) const {
    const auto which = static_cast<std::size_t>(column);
    const std::uint32_t begin = which == 0 ? 0 : texts[which - 1].listed_end;
    return std::string_view(listed).substr(begin, texts[which].listed_end - begin);
  }
  std::int64_t first_ns() const { return range(NumberColumn::kStart).min; }
  std::int64_t last_ns() const { return range(NumberColumn::kStart).max; }
  // Whether an exchange of that identity that is no stray can be here.
  bool spans(std::int64_t identity_ms) const {
    return identity_ms >= identity_ms_min && identity_ms <= identity_ms_max;
  }
};

std::string encode_header(const BlockHeader& header);
// Any bytes may be given; kCorrupt.
Result<BlockHeader> decode_header(std::string_view bytes);

// The milliseconds that a UUIDv7 tells (RFC 9562, section 5.7); nullopt for other ids.
std::optional<std::int64_t> told_ms(const Uuid& identity);
// Whether the identity is not a UUIDv7 of about that time.
bool is_stray(const Uuid& identity, std::int64_t start_ns);

struct BlockPart {
  int number = 0;
  std::string frame;
};

// A block that is ready to be stored.
struct EncodedBlock {
  std::shared_ptr<const BlockHeader> header;  // shared with whoever indexes it
  std::shared_ptr<const BloomFilter> filter;
  std::vector<BlockPart> parts;             // all of them
  std::vector<std::uint64_t> stray_hashes;  // identity_hash of each stray
};

// One block as bytes, to be stored elsewhere for a while; and back. Any bytes may be given;
// kCorrupt.
std::string pack_block(const EncodedBlock& block);
Result<EncodedBlock> unpack_block(std::string_view bytes);

}  // namespace apitoolkit::server::store
