// Whatever bytes a segment has: reading it ends, gives only batches that can be published, goes
// only forward, and does not give again what was removed; and a Spool that finds the segment gives
// the same, and lets go of the file.
//
// Of an input, the first byte's lowest bit says whether checksums are made right first, so that
// what they protect is read as well; the rest is the file.
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "src/base/limits.h"
#include "src/sdk/spool/little_endian.h"
#include "src/sdk/spool/record.h"
#include "src/sdk/spool/segment_format.h"
#include "src/sdk/spool/segment_name.h"
#include "src/sdk/spool/segment_reader.h"
#include "src/sdk/spool/spool.h"

namespace {

using namespace apitoolkit::sdk;
namespace limits = apitoolkit::limits;

using Messages = std::vector<std::string>;

constexpr SegmentName kName{
    1, {'s', 'p', 'o', 'o', 'l', 'f', 'u', 'z', 'f', 'u', 'z', 'z', 'm', 'a', 'r', 'k'}};

// Where the segment is put; gone with the process.
class Scratch {
 public:
  Scratch() {
    std::string pattern = std::filesystem::temp_directory_path() / "spool_fuzz_XXXXXX";
    FUZZ_REQUIRE(mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
    path_ = directory_ + "/" + to_string(kName);
  }
  ~Scratch() {
    std::error_code error;
    std::filesystem::remove_all(directory_, error);
  }

  const std::string& directory() const { return directory_; }
  const std::string& path() const { return path_; }
  bool has_segment() const { return access(path_.c_str(), F_OK) == 0; }

  SegmentReader put(std::string_view bytes) const {
    FileDescriptor file(open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    FUZZ_REQUIRE(file.is_open());
    FUZZ_REQUIRE(write(file.get(), bytes.data(), bytes.size()) ==
                 static_cast<ssize_t>(bytes.size()));
    return reader();
  }
  SegmentReader reader() const {
    return {FileDescriptor(open(path_.c_str(), O_RDWR | O_CLOEXEC)), mark_of(kName.owner), path_};
  }

 private:
  std::string directory_;
  std::string path_;
};

// Gives what looks like a record the checksums that it would have.
void seal(std::string& bytes) {
  constexpr std::size_t kLength = 16;
  constexpr std::size_t kBodyCrc = 28;
  const std::uint64_t mark = mark_of(kName.owner);
  for (std::size_t at = kSegmentHeadBytes; at + kRecordHeadBytes <= bytes.size();
       at += kRecordAlignment) {
    if (get<std::uint64_t>(bytes.data() + at) != mark) continue;
    std::string head = bytes.substr(at, kRecordHeadBytes);
    const std::size_t length = get<std::uint32_t>(head.data() + kLength);
    const char* const body = bytes.data() + at + kRecordHeadBytes;
    if (length <= bytes.size() - at - kRecordHeadBytes) {
      put(head.data() + kBodyCrc,
          static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(body), length)));
    }
    place_record(head, {mark, static_cast<std::int64_t>(at)});
    bytes.replace(at, kRecordHeadBytes, head);
  }
}

void require_publishable(const Messages& messages) {
  FUZZ_REQUIRE(!messages.empty() && messages.size() <= limits::kPublishMessagesMax);
  for (const std::string& message : messages) {
    FUZZ_REQUIRE(message.size() <= limits::kMessageBytesMax);
  }
}

struct Found {
  std::vector<Messages> batches;
  std::int64_t corrupt_records = 0;
  bool is_readable = true;
};

Found read_all(SegmentReader segment) {
  Found found;
  std::int64_t end = 0;
  while (true) {
    const auto batch = segment.oldest();
    if (!batch) {
      FUZZ_REQUIRE(batch.error().code == apitoolkit::ErrorCode::kUnsupported);
      FUZZ_REQUIRE(found.batches.empty());
      found.is_readable = false;
      return found;
    }
    if (!*batch) break;
    require_publishable(**batch);
    FUZZ_REQUIRE(segment.offset() >= end && segment.offset() % kRecordAlignment == 0);
    const auto again = segment.oldest();
    FUZZ_REQUIRE(again && *again == *batch);
    found.batches.push_back(**batch);
    const std::int64_t offset = segment.offset();
    FUZZ_REQUIRE(segment.remove().has_value());
    end = segment.offset();
    FUZZ_REQUIRE(end > offset);
  }
  const auto has_more = segment.has_more();
  FUZZ_REQUIRE(has_more && !*has_more);
  found.corrupt_records = segment.corrupt_records();
  return found;
}

void require_same_from_a_spool(const Scratch& scratch, const Found& expected) {
  auto spool = Spool::open({scratch.directory()});
  FUZZ_REQUIRE(spool.has_value());
  if (!expected.is_readable) {
    FUZZ_REQUIRE(!(*spool)->oldest().has_value());
    const auto next = (*spool)->oldest();
    FUZZ_REQUIRE(next && !*next);
    FUZZ_REQUIRE(scratch.has_segment());
    return;
  }
  for (const Messages& messages : expected.batches) {
    const auto batch = (*spool)->oldest();
    FUZZ_REQUIRE(batch && *batch && (*batch)->messages == messages);
    FUZZ_REQUIRE((*spool)->remove(**batch).has_value());
  }
  const auto none = (*spool)->oldest();
  FUZZ_REQUIRE(none && !*none);
  FUZZ_REQUIRE((*spool)->corrupt_records() == expected.corrupt_records);
  FUZZ_REQUIRE(!scratch.has_segment());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Scratch scratch;
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 1) != 0) seal(bytes);

  const Found found = read_all(scratch.put(bytes));
  FUZZ_REQUIRE(read_all(scratch.reader()).batches.empty());
  scratch.put(bytes);
  require_same_from_a_spool(scratch, found);
  return 0;
}
