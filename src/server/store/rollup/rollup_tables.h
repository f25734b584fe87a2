// The rollups in a day's file: which tables there are, and what one row of them is.
//
//   rollups            the cells (rollup_cells.h) of a project's minute, hour or day: once by
//                      endpoint, once for all incoming and all outgoing exchanges together
//   rollup_projects    the numbers of projects
//   rollup_endpoints   the numbers of endpoints, of a project
//   rolled_up          the blocks that are counted in `rollups`, and how many of their exchanges
//                      could not be, because they are damaged
//
// What is not in rolled_up is counted from its columns by whoever asks, so rollups are never behind
// what is stored, and a file without them is merely slow. Blocks that are rolled up are not merged
// any more: what was counted stays counted. Where one of them is removed all the same, with its
// project or because it is rewritten, the day is counted anew.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/store/block/frame.h"
#include "src/server/store/rollup/rollup_cover.h"
#include "src/server/store/sqlite/database.h"

namespace apitoolkit::server::store {

enum class RollupKind : std::uint8_t {
  kTotals,     // the cells' endpoints are 0 (incoming) and 1 (outgoing)
  kEndpoints,  // … are numbers of rollup_endpoints
};

// Adds the tables to a file that has none.
Status make_rollup_tables(Database& database);
// Empties them; and in a transaction of its own.
Status empty_rollup_tables(Database& database);
Status clear_rollup_tables(Database& database);

// Of one connection, which must outlive it; used by one thread at a time.
class RollupTables {
 public:
  explicit RollupTables(Database& database) : database_(database) {}

  struct Endpoint {
    std::int64_t number = 0;
    Direction direction = Direction::kIncoming;
    std::string method;
    std::string host;
    std::string path;
  };
  Result<bool> is_rolled_up(std::int64_t block) const;
  // Those that are rolled up, and how many of their exchanges were unreadable.
  Result<std::map<std::int64_t, std::int64_t>> rolled_up() const;
  // nullopt where nothing of the project is rolled up.
  Result<std::optional<std::int64_t>> project_number(const Uuid& project) const;
  Result<std::vector<Endpoint>> endpoints(std::int64_t project) const;

  // Calls `visit(minute of the day, bytes of the row)` for the rows that there are of the piece.
  template <class Visit>
  Status rows(std::int64_t project, RollupKind kind, const RollupPiece& piece, Visit visit) {
    Result<Statement> statement = select(project, kind, piece);
    if (!statement) return tl::unexpected(statement.error());
    for (;;) {
      const Result<bool> row = statement->step();
      if (!row) return tl::unexpected(row.error());
      if (!*row) return {};
      const Result<std::string> bytes = inflate(statement->bytes(1));
      if (!bytes) return tl::unexpected(bytes.error());
      if (Status visited = visit(minute_of(statement->integer(0)), *bytes); !visited) {
        return visited;
      }
    }
  }

  // The rest belongs into a transaction.
  Result<std::int64_t> add_project(const Uuid& project);
  Result<std::int64_t> add_endpoint(std::int64_t project, const Endpoint& endpoint);
  Status put_row(std::int64_t project, RollupKind kind, RollupSpan span, std::int64_t minute,
                 std::string_view bytes);
  Status put_rolled_up(std::int64_t block, std::int64_t unreadable);

 private:
  static std::int64_t minute_of(std::int64_t key);
  Result<Statement> select(std::int64_t project, RollupKind kind, const RollupPiece& piece) const;
  Result<std::string> inflate(std::string_view frame);

  Database& database_;
  FrameReader reader_;
  FrameWriter writer_;
};

}  // namespace apitoolkit::server::store
