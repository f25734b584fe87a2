// How a record becomes bytes, and back. The grammar stands in record_codec.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/server/store/store.h"

namespace apitoolkit::server::store {

enum class RecordPart {
  kWhole,          // everything
  kWithoutColumns  // without what a day's file has columns for (see day_file.cc)
};

// Keeps zstd's working memory between records. Used by one thread at a time.
class RecordEncoder {
 public:
  RecordEncoder();
  ~RecordEncoder();
  RecordEncoder(RecordEncoder&&) noexcept;
  RecordEncoder& operator=(RecordEncoder&&) noexcept;

  // Valid until the next call. kInvalidArgument where the record is over
  // limits::kStoredRecordBytesMax.
  Result<std::string_view> encode(const Record& record, RecordPart part);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

// As RecordEncoder, the other way.
class RecordDecoder {
 public:
  RecordDecoder();
  ~RecordDecoder();
  RecordDecoder(RecordDecoder&&) noexcept;
  RecordDecoder& operator=(RecordDecoder&&) noexcept;

  // Fills in `record`, in which the columns have been set if they were left out. Any bytes may be
  // given: what encode did not write is kCorrupt, and then `record` holds no particular values.
  Status decode(std::string_view payload, Record& record);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace apitoolkit::server::store
