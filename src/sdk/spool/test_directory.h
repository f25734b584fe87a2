// What the spool's tests share: a directory that is gone after the test, and what is in it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/sdk/spool/spool.h"

namespace apitoolkit::sdk {

// Later by a millisecond whenever it is asked, so that segments have an order.
class TickingClock final : public base::Clock {
 public:
  std::int64_t now_ns() const override { return ns_ += 1'000'000; }

 private:
  mutable std::atomic<std::int64_t> ns_ = 0;
};

class TestDirectory {
 public:
  TestDirectory();
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;
  ~TestDirectory();

  const std::string& path() const { return path_; }
  // Fails the test if it is refused. Must not outlive this.
  std::unique_ptr<Spool> open(std::int64_t bytes_max = limits::kSpoolBytesMax) const;
  // Paths of the files whose names end like this, sorted.
  std::vector<std::string> files(std::string_view suffix) const;
  std::vector<std::string> segments() const { return files(".segment"); }

 private:
  std::string path_;
  TickingClock clock_;
};

std::string read_whole(const std::string& path);
void write_whole(const std::string& path, std::string_view bytes);

// Fails the test if it is refused.
void append(Spool& spool, const std::vector<std::string>& messages);
// Takes all there is, batch by batch, and removes it.
std::vector<std::string> drain(Spool& spool);
// What the oldest batch holds; empty if there is none.
std::vector<std::string> peek(Spool& spool);

}  // namespace apitoolkit::sdk
