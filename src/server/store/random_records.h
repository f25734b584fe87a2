// For tests: records, filters and directories.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// A directory of its own, removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Draws from small sets, so that times, ids and filters meet: equal nanoseconds, equal
// microseconds, the last and first moments of neighbouring days, equal ids in two projects.
class RandomRecords {
 public:
  explicit RandomRecords(std::uint64_t seed) : random_(seed) {}

  Record record();
  DeadLetter dead_letter();
  Filter filter();
  std::int64_t time_ns();
  Uuid project();
  std::int64_t below(std::int64_t bound);  // 0 to bound - 1
  bool one_in(std::int64_t n) { return below(n) == 0; }

 private:
  std::string text(std::size_t size_max);
  Uuid identity(std::int64_t start_ns);
  Uuid parent();
  std::vector<Header> headers();
  void fill_optional_fields(Exchange& exchange);

  std::mt19937_64 random_;
};

// 2026-01-02T00:00:00Z, in the middle of what RandomRecords::time_ns draws.
inline constexpr std::int64_t kSampleTimeNs = 1'767'312'000'000'000'000;

// A small incoming exchange of that time and id: GET /hello, 200.
Record sample_record(std::int64_t start_ns, std::uint8_t id);
Uuid sample_uuid(std::uint8_t last);

// Every field as text: equal records give equal text, and a difference can be read.
std::string describe(const Record& record);

}  // namespace apitoolkit::server::store
