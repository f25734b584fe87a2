// Where exchanges are kept. One interface, several homes: memory (the oracle of the tests), SQLite
// (the default). All pass contract_test.h, and agree on random filters.
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

namespace apitoolkit::server::store {

// An exchange as it is kept.
struct Record {
  Uuid project{};
  Uuid identity{};  // wire::identity: the msg_id where the sender gave one
  std::int64_t received_ns = 0;      // Unix time
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
};

struct Page {
  std::vector<Record> records;
  std::optional<Position> next;  // where the next page starts, exclusive; none at the end
};

struct PageLimit {
  int rows = 100;
  std::int64_t bytes = 32 << 20;  // of bodies and headers; at least one row is returned
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

struct Appended {
  std::int64_t stored = 0;
  std::int64_t duplicates = 0;  // of what is stored already, or of one another
};

struct StoreStats {
  std::int64_t exchanges = 0;
  std::int64_t dead_letters = 0;
  std::int64_t bytes = 0;  // on disk, or in memory
  std::int64_t oldest_ns = 0;  // 0 when empty
  std::int64_t newest_ns = 0;
};

// append and append_dead_letters are called by one thread at a time; everything else by any number
// of threads at any time, also meanwhile.
class Store {
 public:
  virtual ~Store() = default;

  // Durable when it returns: a power failure afterwards loses nothing. Records whose (project,
  // identity) is stored already are dropped. All or nothing on error: kIo, or kResourceExhausted when
  // the disk is full.
  virtual Result<Appended> append(std::span<const Record> records,
                                  std::span<const DeadLetter> dead_letters) = 0;

  virtual Result<Page> scan(const Filter& filter, std::optional<Position> after,
                            PageLimit limit) const = 0;

  virtual Result<std::optional<Record>> fetch(const Uuid& project, const Uuid& identity) const = 0;

  // Newest first; those with an id below `before` if that is given.
  virtual Result<std::vector<DeadLetter>> dead_letters(const Uuid& project,
                                                       std::optional<std::int64_t> before,
                                                       int limit) const = 0;

  // Drops what began before `before_ns`, as far as it can be dropped cheaply: SQLite drops whole
  // days. Returns how many exchanges went.
  virtual Result<std::int64_t> prune(std::int64_t before_ns) = 0;

  virtual Result<StoreStats> stats() const = 0;
};

std::unique_ptr<Store> make_memory_store();

// Opens or creates the store in directory `path`, which must exist and be writable. An error is one
// sentence that says what to do: kUnsupported for files of a newer version, kCorrupt, kIo.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path);

}  // namespace apitoolkit::server::store
