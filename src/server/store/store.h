// Where exchanges are kept. One interface, several homes: memory (the oracle of the tests), SQLite
// (the default). All pass contract_test.h, and agree on random records, filters and pages.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"
#include "src/base/limits.h"
#include "src/server/query/analysis.h"
#include "src/server/query/answer.h"
#include "src/server/query/ast.h"
#include "src/server/store/traffic.h"

namespace apitoolkit::server::store {

// An exchange as it is kept.
struct Record {
  Uuid project{};
  Uuid identity{};                   // wire::identity: the msg_id where the sender gave one
  std::int64_t received_ns = 0;      // Unix time; increases with the order of commits
  bool timestamp_corrected = false;  // start_ns was unusable and is the time of receipt
  Exchange exchange;
};

// Newest first is the only order: by (start_ns, identity), both descending.
struct Position {
  std::int64_t start_ns = 0;
  Uuid identity{};
  friend bool operator==(const Position&, const Position&) = default;
};

// Every condition that is set must hold.
struct Filter {
  Uuid project{};
  std::optional<std::int64_t> since_ns;  // start_ns >= since
  std::optional<std::int64_t> until_ns;  // start_ns < until
  std::optional<int> status_min;         // inclusive
  std::optional<int> status_max;         // inclusive
  std::optional<std::string> method;     // exact, upper case
  std::optional<std::string> url_path;   // exact
  std::optional<Direction> kind;
  std::optional<Uuid> parent_id;
  // Has no sections but `where`.
  std::optional<query::Query> where;
  std::int64_t now_ns = 0;  // of now() and ago() in it
};

struct Page {
  std::vector<Record> records;
  std::optional<Position> next;  // where the next page starts, exclusive; none at the end
  std::int64_t unreadable = 0;   // rows left out because their bytes on disk are damaged
};

struct PageLimit {
  int rows = 100;                 // at least 1
  std::int64_t bytes = 32 << 20;  // as memory_bytes counts; at least one row is returned
  query::Control control{};       // when to give up looking for them
};

// What a query is asked of.
struct QueryScope {
  Uuid project{};
  query::TimeRange span;    // of start_ns, besides the query's own conditions
  std::int64_t now_ns = 0;  // of now() and ago()
};

// What a query may cost.
struct QueryBudget {
  query::Control control{};
  std::int64_t rows_max = limits::kQueryRowsDefault;  // of the answer
  std::int64_t memory_bytes_max = limits::kQueryMemoryBytesMax;
};

// A message that could not be decoded, kept so that somebody can see why.
struct DeadLetter {
  std::int64_t id = 0;  // given by the store, increasing
  Uuid project{};
  std::int64_t received_ns = 0;
  std::string source;  // which door: "pubsub_rest"
  std::string reason;
  std::string bytes;  // as received
};

// One line of a log that names the trace it belongs to, so that it can be shown beside the exchange
// of that trace (OTLP's LogRecord).
struct LogEntry {
  Uuid project{};
  std::string trace_id;  // lower-case hex; never empty
  std::string span_id;   // lower-case hex; empty where there is none
  std::int64_t time_ns = 0;
  int severity = 0;  // OTLP's SeverityNumber: 1 to 24, 0 where not known
  std::string body;
  std::string attributes_json;  // one JSON object's text, or empty
  friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

// What one append stores, all or nothing. The spans must stay alive until it returns.
struct Batch {
  std::span<const Record> records;
  std::span<const DeadLetter> dead_letters{};
  std::span<const LogEntry> logs{};
};

struct Appended {
  std::int64_t stored = 0;
  std::int64_t duplicates = 0;  // of what is stored already, or of one another
};

struct StoreStats {
  std::int64_t exchanges = 0;
  std::int64_t dead_letters = 0;
  std::int64_t bytes = 0;      // on disk, or in memory
  std::int64_t oldest_ns = 0;  // start_ns; 0 when empty
  std::int64_t newest_ns = 0;
};

// A UTC day that has exchanges or logs.
struct DayStats {
  std::int64_t begin_ns = 0;
  std::int64_t exchanges = 0;
  std::int64_t bytes = 0;  // on disk, or in memory
};

// What one project holds.
struct ProjectStats {
  std::int64_t exchanges = 0;
  std::int64_t dead_letters = 0;
  std::int64_t oldest_ns = 0;  // start_ns; 0 when empty
  std::int64_t newest_ns = 0;
  friend bool operator==(const ProjectStats&, const ProjectStats&) = default;
};

// append is called by one thread at a time; everything else by any number of threads at any time,
// also meanwhile.
class Store {
 public:
  virtual ~Store() = default;

  // Durable when it returns: a power failure afterwards loses nothing. Records whose (project,
  // identity) is stored already are dropped, whatever their other fields say. All or nothing, on an
  // error and on a crash, also where the batch spans days: kResourceExhausted when the disk is
  // full, else kIo. Letters get their ids here; those given are ignored. At most
  // limits::kDeadLettersMax and limits::kDeadLettersBytesMax of them are kept: the oldest go. Logs
  // have no identity: what is appended twice is there twice.
  virtual Result<Appended> append(const Batch& batch) = 0;

  // The page that follows `after`, or the first. Paging returns everything that was there when the
  // first page was read exactly once, whatever arrives meanwhile; what arrives meanwhile is
  // returned where it sorts behind the position. `next` is set if and only if something follows.
  // kInvalidArgument where the filter's `where` has other sections.
  virtual Result<Page> scan(const Filter& filter, std::optional<Position> after,
                            PageLimit limit) const = 0;

  // kResourceExhausted, kDeadlineExceeded, or kUnavailable once it was stopped. Exchanges whose
  // bytes are damaged are left out.
  virtual Result<query::Answer> query(const query::Query& query, const QueryScope& scope,
                                      const QueryBudget& budget) const = 0;

  // What was counted of the exchanges that are stored: exact, but for the percentiles. Costs no
  // scan of them, however many there are, in the stores that count ahead. kInvalidArgument where
  // the range is not as it should be; kDeadlineExceeded or kUnavailable as query().
  virtual Result<Traffic> traffic(const TrafficRange& range) const = 0;

  virtual Result<std::optional<Record>> fetch(const Uuid& project, const Uuid& identity) const = 0;

  // Newest first; those with an id below `before` if that is given.
  virtual Result<std::vector<DeadLetter>> dead_letters(const Uuid& project,
                                                       std::optional<std::int64_t> before,
                                                       int limit) const = 0;
  virtual Result<std::optional<DeadLetter>> dead_letter(const Uuid& project,
                                                        std::int64_t id) const = 0;
  // False where the project has no letter of that id (any more).
  virtual Result<bool> delete_dead_letter(const Uuid& project, std::int64_t id) = 0;

  // The first `limit` of a trace, oldest first.
  virtual Result<std::vector<LogEntry>> logs(const Uuid& project, std::string_view trace_id,
                                             int limit) const = 0;

  // Drops the exchanges and logs of the whole UTC days that were over at `before_ns`, and the dead
  // letters received before it. Returns how many exchanges went. Readers that are at work meanwhile
  // see the dropped days or do not.
  virtual Result<std::int64_t> prune(std::int64_t before_ns) = 0;

  // Of all projects together; costs no scan.
  virtual Result<StoreStats> stats() const = 0;
  // The oldest first; costs no scan.
  virtual Result<std::vector<DayStats>> days() const = 0;
  virtual Result<ProjectStats> project_stats(const Uuid& project) const = 0;

  // Sentences for the log, oldest first, each handed over once: what the store had to do by itself,
  // such as moving a damaged file aside.
  virtual std::vector<std::string> take_notices() { return {}; }

  // Drops all that a project has: exchanges, logs, dead letters. Returns how many exchanges went.
  // Readers that are at work meanwhile see them or do not. No file holds anything of them when it
  // returns; appends wait meanwhile, about as long as it takes to copy the days that had them. On
  // an error they are gone, but may still be in a file: kResourceExhausted where there is no room
  // for such a copy, kUnavailable where a reader goes on for seconds. Calling it again does the
  // rest.
  virtual Result<std::int64_t> erase(const Uuid& project) = 0;
};

std::unique_ptr<Store> make_memory_store();

struct SqliteOptions {
  // Exchanges that may wait to be counted in rollups; a chart counts these by itself.
  std::int64_t uncounted_max = 64 << 10;
};

// Opens the store in directory `path`, which is made (mode 0700) where it is missing; its files
// have mode 0600. One store at a time may have a directory open. A day's file that is damaged is
// moved aside and take_notices says so. An error is one sentence that says what to do: kUnsupported
// for files of a newer version, kUnavailable where another process has the directory, kIo.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path,
                                                 SqliteOptions options = {});

}  // namespace apitoolkit::server::store
