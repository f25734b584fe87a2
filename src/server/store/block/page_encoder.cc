#include <utility>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/server/store/block/number_filter.h"
#include "src/server/store/block/page.h"

namespace apitoolkit::server::store {

void PageEncoder::clear() {
  rows_ = 0;
  bytes_ = 0;
  values_.clear();
  shapes_.clear();
  splitter_.clear();
}

bool PageEncoder::is_full_for(const Record& record) const {
  return rows_ == kPageRowsMax ||
         (rows_ > 0 && bytes_ + record_fields_bytes(record) > kPageBytesMax);
}

Status PageEncoder::add(const Record& record) {
  const std::int64_t bytes = record_fields_bytes(record);
  if (bytes > limits::kStoredRecordBytesMax) {
    return fail(ErrorCode::kInvalidArgument, "exchange " + base::format_uuid(record.identity) +
                                                 " is too big to be stored (" +
                                                 std::to_string(bytes) + " bytes)");
  }
  if (rows_ == 0) {
    // Their details tell them apart.
    for (std::uint8_t part = 0; part < 3; ++part) values_.stream({}, ValueKind::kList, part + 1);
  }
  shape_.clear();
  const std::size_t fields_place = values_.add_later(0);
  append_record_fields(record, values_, shape_);
  values_.set(0, fields_place, shapes_.intern(shape_));
  std::uint32_t stream = 1;
  for (const Body* body : {&record.exchange.request_body, &record.exchange.response_body}) {
    const std::size_t place = values_.add_later(stream);
    values_.set(stream++, place, splitter_.split(body->bytes));
  }
  bytes_ += bytes;
  ++rows_;
  return {};
}

Result<PageFrames> PageEncoder::end(FrameWriter& frames, int level) {
  std::array<std::string, kPageSections> sections;
  values_.append_streams(sections[0]);
  shapes_.append(sections[0]);
  values_.append_numbers_of_all(sections[1]);
  values_.append_texts(sections[2]);
  values_.append_ids(sections[3]);
  sections[4] = encode_number_filter(values_, splitter_.has_odd_numbers());
  PageFrames out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    Result<std::string> frame = frames.compress(sections[i], level);
    if (!frame) return tl::unexpected(frame.error());
    out[i] = std::move(*frame);
  }
  clear();
  return out;
}

}  // namespace apitoolkit::server::store
