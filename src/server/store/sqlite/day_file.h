// The file of one UTC day, "exchanges-2026-01-02.db": its name, its schema, its writer. How rows
// are keyed stands in day_file.cc. Reading is day_reader.h's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/server/store/sqlite/database.h"
#include "src/server/store/sqlite/record_codec.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

std::string day_file_name(std::int64_t day);
// nullopt for the names of other files, such as the logs beside a day's.
std::optional<std::int64_t> day_of_file_name(std::string_view name);

// What is known of a day without reading its rows; kept in the file, current with every commit.
struct DaySummary {
  std::int64_t exchanges = 0;
  std::int64_t strays = 0;  // of those, the ones whose identity is not of the day
  std::int64_t oldest_ns = 0;
  std::int64_t newest_ns = 0;
};

// Whether the identity is a UUIDv7 of that day, or of the one before or after.
bool is_of_day(const Uuid& identity, std::int64_t day);
// Whether an exchange of that identity can be in the day's file: a day without strays need not be
// asked about the UUIDv7s of other days, nor about ids that carry no time.
bool may_hold(const DaySummary& summary, std::int64_t day, const Uuid& identity);

// Rows are keyed by the microsecond of the day, then by arrival.
inline constexpr int kArrivalBits = 26;
std::int64_t first_key_of(std::int64_t start_ns);  // of the microsecond of that time
std::int64_t start_of_key(std::int64_t day, std::int64_t key, std::int64_t nanos);

Result<DaySummary> read_summary(const Database& database);

// Used by one thread at a time.
class DayWriter {
 public:
  // Opens the day's file, or makes it.
  static Result<DayWriter> open(const std::string& path, std::int64_t day);

  const DaySummary& summary() const { return summary_; }

  // One transaction, durable when it returns; on an error nothing is stored. Records that the file
  // has already are left out. Every record must be of this day.
  Status insert(std::span<const Record* const> records);

 private:
  DayWriter(Database database, std::int64_t day, DaySummary summary);

  Status prepare();
  Result<std::int64_t> next_key(std::int64_t start_ns);
  // False if the file has it already.
  Result<bool> insert_one(const Record& record);
  Status write_summary(const DaySummary& summary);

  std::int64_t day_;
  DaySummary summary_;
  RecordEncoder encoder_;
  std::unique_ptr<Database> database_;  // stays in place: statements and transactions point to it
  Statement last_key_;
  Statement insert_exchange_;
  Statement insert_payload_;
  Statement update_summary_;
};

}  // namespace apitoolkit::server::store
