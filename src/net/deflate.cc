#include "src/net/deflate.h"

#include <isa-l/igzip_lib.h>

#include <array>
#include <cstdint>
#include <utility>

namespace apitoolkit::net {

// Not initialised: what isal_deflate_init does not set is written before it is read, and 300 KiB
// need not be cleared. NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
struct GzipWriter::State {
  isal_zstream stream;
  std::array<std::uint8_t, ISAL_DEF_LVL1_DEFAULT> work;
  std::array<std::uint8_t, 32 << 10> out;
  std::string member;

  void run() {
    do {
      stream.next_out = out.data();
      stream.avail_out = static_cast<std::uint32_t>(out.size());
      isal_deflate(&stream);  // fails on arguments only, and these are good
      member.append(reinterpret_cast<const char*>(out.data()), out.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
};

GzipWriter::GzipWriter() : state_(new State) {
  isal_zstream& stream = state_->stream;
  isal_deflate_init(&stream);
  stream.level = 1;
  stream.level_buf = state_->work.data();
  stream.level_buf_size = static_cast<std::uint32_t>(state_->work.size());
  stream.gzip_flag = IGZIP_GZIP;
}

GzipWriter::~GzipWriter() = default;

void GzipWriter::append(std::string_view bytes) {
  // ISA-L's interface knows no const; it only reads.
  state_->stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
  state_->stream.avail_in = static_cast<std::uint32_t>(bytes.size());
  state_->run();
}

std::string GzipWriter::finish() {
  state_->stream.end_of_stream = 1;
  state_->stream.next_in = nullptr;
  state_->stream.avail_in = 0;
  state_->run();
  return std::move(state_->member);
}

std::string gzip(std::string_view bytes) {
  GzipWriter writer;
  writer.append(bytes);
  return writer.finish();
}

}  // namespace apitoolkit::net
