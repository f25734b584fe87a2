// Reads one day's file, over a connection of its own, beside the writer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/server/store/page_builder.h"
#include "src/server/store/sqlite/database.h"
#include "src/server/store/sqlite/day_file.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// Used by one thread at a time. Every call sees what is committed when it begins. Keeps working on
// a file that is removed or renamed meanwhile.
class DayReader {
 public:
  static Result<DayReader> open(const std::string& path, std::int64_t day);

  Result<bool> contains(const Uuid& project, const Uuid& identity);
  Result<std::optional<Record>> fetch(const Uuid& project, const Uuid& identity);

  // Offers the day's matching rows behind `after` to the page, newest first, until it has ended or
  // they have.
  Status scan(const Filter& filter, const std::optional<Position>& after, PageBuilder& page);

  // Adds what the day holds of the project. Days are added newest first.
  Status add_to(ProjectStats& stats, const Uuid& project) const;

 private:
  struct Candidate {
    std::int64_t key = 0;
    Position position;
  };

  DayReader(Database database, std::int64_t day);
  Status prepare();
  // The first `wanted` matching rows in order.
  Result<std::vector<Candidate>> candidates(const Filter& filter,
                                            const std::optional<Position>& after,
                                            std::size_t wanted) const;
  Result<Statement> prepare_scan(const Filter& filter, const std::optional<Position>& after) const;
  bool is_wanted(const Filter& filter, const std::optional<Position>& after,
                 const Position& position) const;
  Result<Record> load(std::int64_t key);

  std::int64_t day_;
  Database database_;
  RecordDecoder decoder_;
  Statement find_;
  Statement load_;
};

}  // namespace apitoolkit::server::store
