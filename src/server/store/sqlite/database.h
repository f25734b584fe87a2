// SQLite's C interface with owners and Result: the only file pair that includes sqlite3.h, besides
// the tests that break the disk underneath.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace apitoolkit::server::store {

// A prepared statement. Must not outlive its Database. Parameters and columns count from 1 and 0,
// as SQLite's do. Bound text and bytes must stay alive until reset() or destruction.
class Statement {
 public:
  Statement() = default;

  void bind(int parameter, std::int64_t value);
  void bind_text(int parameter, std::string_view text);
  void bind_blob(int parameter, std::string_view bytes);
  void bind_uuid(int parameter, const Uuid& id);
  void bind_null(int parameter);

  // True: a row is there; false: the statement is done.
  Result<bool> step();
  // As step() to the end, for statements without rows; then ready to be bound anew.
  Status run();
  void reset();

  std::int64_t integer(int column) const;
  // Bytes of text or blob, as they are; valid until the next step or reset.
  std::string_view bytes(int column) const;
  // kCorrupt unless the column holds 16 bytes.
  Result<Uuid> uuid(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  int bind_error_ = 0;  // the first that failed (out of memory, too big); step() reports it
};

// One connection to one file. Used by one thread at a time.
class Database {
 public:
  enum class Access {
    kWrite,  // synced commits; the last one to close checkpoints and removes the log
    kRead,   // refuses to change anything, and leaves checkpoints to the writer
  };

  // The file must exist; create_file makes it. Readers open for writing too, as far as the system
  // is concerned: whoever comes first after a crash must recover the log.
  static Result<Database> open(const std::string& path, Access access);

  // Several statements without parameters.
  Status execute(const char* sql);
  Result<Statement> prepare(std::string_view sql) const;
  // The one integer that `sql` yields.
  Result<std::int64_t> integer(std::string_view sql) const;
  // Rows that the last INSERT, UPDATE or DELETE changed.
  std::int64_t changes() const;
  bool in_transaction() const;

  // Writes the file anew without what was deleted, of which free pages may still hold the bytes.
  // Outside of a transaction. kResourceExhausted: it takes the file's size of room meanwhile.
  Status vacuum() { return execute("VACUUM"); }
  // Moves what is in the log to the file, and leaves none of it in the log. kUnavailable where a
  // reader goes on for seconds that began before.
  Status empty_log();

  // Copies the whole database, as the open transaction sees it or as it is now, over an empty file
  // that create_file has made. `copied` is told the bytes of each step.
  Status copy_to(const std::string& path, const std::function<void(std::int64_t)>& copied) const;

 private:
  struct Closer {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Closer> database_;
};

// BEGIN IMMEDIATE … COMMIT; rolled back when it goes out of scope uncommitted.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // Durable when it returns without an error; nothing happened when it returns one.
  Status commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_;
};

// Makes an empty file of mode 0600 and syncs its directory; true if it was not there before.
Result<bool> create_file(const std::string& path);

// What marks a file as ours and tells its version.
struct FileFormat {
  int version = 0;
  const char* schema = nullptr;  // SQL that makes the current version
  int oldest_version = 1;        // that can be read
};
// Reads the version of an open file: kUnsupported for a newer one or one that is too old, kCorrupt
// for a foreign one. An empty file gets the schema.
Status prepare_format(Database& database, const std::string& path, const FileFormat& format);

}  // namespace apitoolkit::server::store
