// What is stored of exchanges, as bytes that anything may have happened to. The first byte says
// what the rest is: a packed block; or the sections of a page, which are not compressed here,
// because a frame with a wrong checksum is refused before anybody looks into it; or a column; or an
// exchange's body, which must come back as it was.
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "src/server/store/block/block_reader.h"
#include "src/server/store/block/block_writer.h"
#include "src/server/store/block/number_filter.h"
#include "src/server/store/block/page.h"
#include "src/server/store/block/varint.h"

namespace store = apitoolkit::server::store;
using apitoolkit::ErrorCode;

namespace {

class Parts final : public store::PartSource {
 public:
  explicit Parts(const std::vector<store::BlockPart>& parts) : parts_(parts) {}
  apitoolkit::Result<std::string_view> part(int number) override {
    for (const store::BlockPart& part : parts_) {
      if (part.number == number) return std::string_view(part.frame);
    }
    return apitoolkit::fail(ErrorCode::kCorrupt, "a part is missing");
  }

 private:
  const std::vector<store::BlockPart>& parts_;
};

void read_block(std::string_view bytes) {
  const auto block = store::unpack_block(bytes);
  if (!block) {
    FUZZ_REQUIRE(block.error().code == ErrorCode::kCorrupt);
    return;
  }
  Parts parts(block->parts);
  store::FrameReader frames;
  store::BlockReader reader(block->header, parts, frames);
  for (std::size_t row = 0; row < reader.rows(); ++row) {
    const auto record = reader.record(row);
    FUZZ_REQUIRE(record || record.error().code == ErrorCode::kCorrupt);
  }
}

// rows:u8 (size:varint section[size]){3} section
// Of the sections that a page is read from; the last one is taken for a filter, too.
void read_page(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto rows = static_cast<std::uint8_t>(bytes[0]);
  bytes.remove_prefix(1);
  std::array<std::string, store::kPageSections> sections;
  constexpr std::size_t kLast = static_cast<std::size_t>(store::PageSection::kIds);
  for (std::size_t i = 0; i < kLast; ++i) {
    const auto size = store::take_varint(bytes);
    const auto section = size ? store::take_bytes(bytes, *size) : std::nullopt;
    if (!section) return;
    sections[i] = *section;
  }
  sections[kLast] = bytes;
  (void)store::may_hold_number(bytes, 607961);
  const auto section = [&](store::PageSection which, std::string& text) -> apitoolkit::Status {
    text = sections[static_cast<std::size_t>(which)];
    return {};
  };
  store::PageReader page;
  if (const auto opened = page.open(rows, section); !opened) {
    FUZZ_REQUIRE(opened.error().code == ErrorCode::kCorrupt);
    return;
  }
  for (std::size_t row = 0; row < rows; ++row) {
    store::Record record;
    const auto read = page.read(row, store::kRowWhole, record);
    FUZZ_REQUIRE(read || read.error().code == ErrorCode::kCorrupt);
  }
  for (const store::SoughtText& sought :
       {store::SoughtText{"name", store::kRowWhole, true, false, ""},
        store::SoughtText{"12", store::kRowWhole, true, false, ""},
        store::SoughtText{"7", store::kRowRequestBody, false, true, "id"}}) {
    const auto hits = page.find(sought);
    FUZZ_REQUIRE(hits || hits.error().code == ErrorCode::kCorrupt);
    if (!hits) continue;
    std::vector<char> found(rows, 1);
    const auto done = page.keep(std::span(&*hits, 1), found);
    FUZZ_REQUIRE(done || done.error().code == ErrorCode::kCorrupt);
  }
}

void read_column(std::string_view bytes) {
  const auto rows = store::take_varint(bytes);
  if (!rows || *rows > 4096) return;
  store::Numbers numbers;
  std::string_view rest = bytes;
  (void)store::take_numbers(rest, *rows, numbers);
  store::Texts texts;
  rest = bytes;
  if (!texts.take_values(rest, *rows) || !texts.take_codes(rest, *rows)) return;
  for (std::size_t row = 0; row < *rows; ++row) (void)texts.at(row);
}

void store_body(std::string_view body) {
  std::vector<store::Record> records(2);
  records[0].exchange.request_body.bytes = body;
  records[0].exchange.request_headers = {{"name", std::string(body)}};
  records[1].exchange.response_body.bytes = body.substr(body.size() / 2);
  std::vector<const store::Record*> pointers = {&records[0], &records[1]};
  store::BlockWriter writer;
  const auto block = writer.encode(pointers);
  FUZZ_REQUIRE(block.has_value());
  Parts parts(block->parts);
  store::FrameReader frames;
  store::BlockReader reader(block->header, parts, frames);
  for (std::size_t row = 0; row < records.size(); ++row) {
    const auto read = reader.record(row);
    FUZZ_REQUIRE(read.has_value());
    const apitoolkit::Exchange& before = records[row].exchange;
    FUZZ_REQUIRE(read->exchange.request_body.bytes == before.request_body.bytes);
    FUZZ_REQUIRE(read->exchange.response_body.bytes == before.response_body.bytes);
    FUZZ_REQUIRE(read->exchange.request_headers == before.request_headers);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      read_block(bytes);
      break;
    case 1:
      read_page(bytes);
      break;
    case 2:
      read_column(bytes);
      break;
    default:
      store_body(bytes);
  }
  return 0;
}
