// Whatever a segment's file holds: the reader neither crashes nor goes on for ever nor reads more
// than the bounds allow, and what it removed is not there the next time. The input is the file
// itself, then what stands in the body of a record that is sound otherwise.
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/require.h"
#include "src/base/limits.h"
#include "src/sdk/spool/little_endian.h"
#include "src/sdk/spool/record.h"
#include "src/sdk/spool/segment_format.h"
#include "src/sdk/spool/segment_reader.h"

namespace {

namespace sdk = apitoolkit::sdk;
namespace limits = apitoolkit::limits;

// That of the segments in the corpus.
constexpr apitoolkit::Uuid kOwner = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

// A file with a name, since the reader takes one without for removed; one for all inputs.
class File {
 public:
  File() {
    const char* const folder = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe)
    path_ = std::string(folder == nullptr ? "/tmp" : folder) + "/spool_fuzz_XXXXXX";
    descriptor_ = sdk::FileDescriptor(mkstemp(path_.data()));
    FUZZ_REQUIRE(descriptor_.is_open());
  }
  ~File() { unlink(path_.c_str()); }

  void hold(std::string_view bytes) const {
    const auto size = static_cast<ssize_t>(bytes.size());
    FUZZ_REQUIRE(ftruncate(descriptor_.get(), 0) == 0);
    FUZZ_REQUIRE(pwrite(descriptor_.get(), bytes.data(), bytes.size(), 0) == size);
  }
  sdk::SegmentReader read() const {
    sdk::FileDescriptor file(dup(descriptor_.get()));
    FUZZ_REQUIRE(file.is_open());
    return {std::move(file), sdk::mark_of(kOwner), path_};
  }

 private:
  std::string path_;
  sdk::FileDescriptor descriptor_;
};

void check(const std::vector<std::string>& messages) {
  FUZZ_REQUIRE(!messages.empty());
  FUZZ_REQUIRE(messages.size() <= std::size_t{limits::kPublishMessagesMax});
  for (const std::string& message : messages) {
    FUZZ_REQUIRE(message.size() <= std::size_t{limits::kMessageBytesMax});
  }
}

// Takes and removes all there is.
void fuzz_segment(const File& file, std::string_view bytes) {
  file.hold(bytes);
  sdk::SegmentReader reader = file.read();
  auto batch = reader.oldest();
  if (!batch) {
    FUZZ_REQUIRE(batch.error().code == apitoolkit::ErrorCode::kUnsupported);
    return;
  }
  std::size_t count = 0;
  for (; batch && *batch; batch = reader.oldest()) {
    check(**batch);
    FUZZ_REQUIRE(++count <= bytes.size() / sdk::kRecordHeadBytes);
    FUZZ_REQUIRE(reader.remove().has_value());
  }
  FUZZ_REQUIRE(batch.has_value());
  FUZZ_REQUIRE(!reader.has_more().value());
  sdk::SegmentReader again = file.read();
  FUZZ_REQUIRE(!again.oldest().value().has_value());
}

// Bodies that pass their checksum, as only a hostile writer makes them.
std::string segment_around(std::string_view body, std::uint32_t size, std::uint32_t count) {
  std::string record(sdk::kRecordHeadBytes, '\0');
  record += body;
  sdk::put(record.data() + 16, static_cast<std::uint32_t>(body.size()));
  sdk::put(record.data() + 20, size);
  sdk::put(record.data() + 24, count);
  sdk::put(record.data() + 28, static_cast<std::uint32_t>(crc32_z(
                                   0, reinterpret_cast<const Bytef*>(body.data()), body.size())));
  std::string segment = sdk::make_segment_head();
  sdk::place_record(record, {sdk::mark_of(kOwner), static_cast<std::int64_t>(segment.size())});
  return segment + record;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const File file;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzz_segment(file, bytes);
  if (size >= 8) {
    const auto stated = sdk::get<std::uint32_t>(bytes.data());
    const auto count = sdk::get<std::uint32_t>(bytes.data() + 4);
    fuzz_segment(file, segment_around(bytes.substr(8), stated, count));
  }
  return 0;
}
