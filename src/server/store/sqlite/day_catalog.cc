#include "src/server/store/sqlite/day_catalog.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::server::store {
namespace {

const char* const kLogSuffixes[] = {"-wal", "-shm"};

tl::unexpected<Error> fail_system(const std::string& what) {
  return fail(ErrorCode::kIo, what + ": " + std::system_category().message(errno));
}

}  // namespace

Result<std::string> set_file_aside(const std::string& path) {
  std::string aside = path + ".corrupt";
  for (int i = 2; ::access(aside.c_str(), F_OK) == 0; ++i) {
    aside = path + ".corrupt-" + std::to_string(i);
  }
  for (const char* suffix : kLogSuffixes) {
    if (std::rename((path + suffix).c_str(), (aside + suffix).c_str()) != 0 && errno != ENOENT) {
      return fail_system("cannot move " + path + suffix + " aside");
    }
  }
  if (std::rename(path.c_str(), aside.c_str()) != 0) {
    return fail_system("cannot move " + path + " aside");
  }
  return aside;
}

Day::Day(std::string path, std::int64_t number, std::vector<StoredBlock> blocks, Shared& shared)
    : path_(std::move(path)),
      number_(number),
      shared_(shared),
      blocks_(std::move(blocks), shared.filters),
      rollups_(shared.open_rows) {}

Day::~Day() {
  drop_idle();
}

Result<std::unique_ptr<DayReader>> Day::borrow() {
  // Opened under the lock: between looking whether the file is gone and opening it, it must not go.
  const std::lock_guard lock(mutex_);
  if (gone_) return nullptr;
  if (!idle_.empty()) {
    std::unique_ptr<DayReader> reader = std::move(idle_.back());
    idle_.pop_back();
    --shared_.idle_readers;
    return reader;
  }
  Result<DayReader> opened = DayReader::open(path_, number_);
  if (!opened) return tl::unexpected(opened.error());
  return std::make_unique<DayReader>(std::move(*opened));
}

void Day::give_back(std::unique_ptr<DayReader> reader) {
  const std::lock_guard lock(mutex_);
  if (gone_ || shared_.idle_readers >= limits::kStoreReadersIdleMax) return;
  idle_.push_back(std::move(reader));
  ++shared_.idle_readers;
}

void Day::drop_idle() {
  shared_.idle_readers -= static_cast<int>(idle_.size());
  idle_.clear();
}

Status Day::remove() {
  const std::lock_guard lock(mutex_);
  drop_idle();
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) {
    return fail_system("cannot remove " + path_);
  }
  gone_ = true;
  for (const char* suffix : kLogSuffixes) ::unlink((path_ + suffix).c_str());
  return {};
}

Result<std::string> Day::set_aside() {
  const std::lock_guard lock(mutex_);
  drop_idle();
  Result<std::string> aside = set_file_aside(path_);
  gone_ = aside.has_value();
  return aside;
}

std::shared_ptr<Day> DayCatalog::find(std::int64_t number) const {
  const std::lock_guard lock(mutex_);
  const auto found = days_.find(number);
  return found == days_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Day>> DayCatalog::newest_first() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Day>> days;
  days.reserve(days_.size());
  for (const auto& [number, day] : days_) days.push_back(day);
  return days;
}

std::shared_ptr<Day> DayCatalog::add(std::string path, std::int64_t number,
                                     std::vector<StoredBlock> blocks) {
  auto day = std::make_shared<Day>(std::move(path), number, std::move(blocks), shared_);
  const std::lock_guard lock(mutex_);
  days_[number] = day;
  return day;
}

void DayCatalog::erase(std::int64_t number) {
  const std::lock_guard lock(mutex_);
  days_.erase(number);
}

}  // namespace apitoolkit::server::store
