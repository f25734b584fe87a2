// packed := (number size frame[size])*      of all parts; numbers are varints
#include <utility>

#include "src/base/limits.h"
#include "src/server/store/block/block.h"
#include "src/server/store/block/block_reader.h"
#include "src/server/store/block/varint.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::int64_t kHeaderBytesMax = 1 << 20;
constexpr int kPartsMax = kFirstPagePart + limits::kBlockRowsMax * kPageSections;

class PackedParts final : public PartSource {
 public:
  explicit PackedParts(const std::vector<BlockPart>& parts) : parts_(parts) {}
  Result<std::string_view> part(int number) override {
    for (const BlockPart& part : parts_) {
      if (part.number == number) return std::string_view(part.frame);
    }
    return fail(ErrorCode::kCorrupt, "a stored block is damaged: a part is missing");
  }

 private:
  const std::vector<BlockPart>& parts_;
};

}  // namespace

std::string pack_block(const EncodedBlock& block) {
  std::string bytes;
  for (const BlockPart& part : block.parts) {
    append_varint(static_cast<std::uint64_t>(part.number), bytes);
    append_varint(part.frame.size(), bytes);
    bytes += part.frame;
  }
  return bytes;
}

Result<EncodedBlock> unpack_block(std::string_view bytes) {
  EncodedBlock block;
  while (!bytes.empty()) {
    const auto number = take_varint(bytes);
    const auto size = number ? take_varint(bytes) : std::nullopt;
    if (!size || *size > bytes.size() || *number > kPartsMax) {
      return fail(ErrorCode::kCorrupt, "a stored block is damaged: it is cut short");
    }
    block.parts.push_back({static_cast<int>(*number), std::string(bytes.substr(0, *size))});
    bytes.remove_prefix(*size);
  }
  PackedParts parts(block.parts);
  FrameReader frames;
  const Result<std::string_view> header_frame = parts.part(kHeaderPart);
  if (!header_frame) return tl::unexpected(header_frame.error());
  const Result<std::string> header_bytes = frames.inflate(*header_frame, kHeaderBytesMax);
  if (!header_bytes) return tl::unexpected(header_bytes.error());
  Result<BlockHeader> header = decode_header(*header_bytes);
  if (!header) return tl::unexpected(header.error());
  block.header = std::make_shared<const BlockHeader>(std::move(*header));
  BlockReader reader(block.header, parts, frames);
  const auto ids = reader.identities();
  if (!ids) return tl::unexpected(ids.error());
  const auto starts = reader.numbers(NumberColumn::kStart);
  if (!starts) return tl::unexpected(starts.error());
  auto filter = std::make_shared<BloomFilter>(ids->size());
  for (std::size_t row = 0; row < ids->size(); ++row) {
    const std::uint64_t hash = identity_hash((*ids)[row]);
    filter->add(hash);
    if (is_stray((*ids)[row], (*starts)[row])) block.stray_hashes.push_back(hash);
  }
  block.filter = std::move(filter);
  return block;
}

}  // namespace apitoolkit::server::store
