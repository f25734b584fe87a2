#include "src/server/store/sqlite/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace apitoolkit::server::store {
namespace {

constexpr std::int64_t kApplicationId = 0x41504954;  // "APIT"
constexpr int kBusyTimeoutMs = 5000;  // another process may look at the files: a backup, sqlite3

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

// The system's error number of the last failed operation on a database's file or its log; 0 if
// none.
int last_errno(sqlite3* database, int which_file) {
  sqlite3_file* file = nullptr;
  int number = 0;
  if (sqlite3_file_control(database, "main", which_file, &file) == SQLITE_OK && file != nullptr &&
      file->pMethods != nullptr) {
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
  }
  return number;
}

bool is_disk_full(sqlite3* database, int result) {
  if ((result & 0xff) == SQLITE_FULL) return true;
  if ((result & 0xff) != SQLITE_IOERR || database == nullptr) return false;
  // SQLite calls only ENOSPC full; a quota and a limit of the process are the same to the user.
  for (const int number :
       {last_errno(database, SQLITE_FCNTL_JOURNAL_POINTER),
        last_errno(database, SQLITE_FCNTL_FILE_POINTER), sqlite3_system_errno(database)}) {
    if (number == ENOSPC || number == EDQUOT || number == EFBIG) return true;
  }
  return false;
}

tl::unexpected<Error> fail_sqlite(sqlite3* database, int result) {
  const char* path = database == nullptr ? nullptr : sqlite3_db_filename(database, "main");
  const std::string where = path == nullptr ? "SQLite" : path;
  const std::string what = database == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(database);
  if (is_disk_full(database, result)) {
    return fail(ErrorCode::kResourceExhausted,
                where + ": the disk is full (" + what + "): free some space, or keep fewer days");
  }
  switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return fail(ErrorCode::kCorrupt, where + " is damaged (" + what + ")");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail(ErrorCode::kUnavailable, where + " is locked by another process (" + what +
                                               "): end that process, then try again");
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return fail(ErrorCode::kResourceExhausted, where + ": " + what);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return fail(ErrorCode::kIo, where + " cannot be read or written (" + what +
                                      "): check the disk and the permissions");
    default:
      return fail(ErrorCode::kInternal, where + ": " + what);
  }
}

Status configure(Database& connection, sqlite3* database, Database::Access access) {
  sqlite3_extended_result_codes(database, 1);
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (access == Database::Access::kRead) {
    // A reader that outlives its file's removal must not, on closing, remove the log of a new file
    // of the same name.
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return connection.execute("PRAGMA query_only=ON; PRAGMA cell_size_check=ON;");
  }
  return connection.execute(
      "PRAGMA cell_size_check=ON; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
      "PRAGMA journal_size_limit=67108864;");
}

}  // namespace

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Database::Closer::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

void Statement::bind(int parameter, std::int64_t value) {
  const int result = sqlite3_bind_int64(statement_.get(), parameter, value);
  if (bind_error_ == SQLITE_OK) bind_error_ = result;
}

void Statement::bind_text(int parameter, std::string_view text) {
  // A null pointer would bind NULL.
  const int result =
      sqlite3_bind_text64(statement_.get(), parameter, text.data() == nullptr ? "" : text.data(),
                          text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (bind_error_ == SQLITE_OK) bind_error_ = result;
}

void Statement::bind_blob(int parameter, std::string_view bytes) {
  const int result =
      sqlite3_bind_blob64(statement_.get(), parameter, bytes.data() == nullptr ? "" : bytes.data(),
                          bytes.size(), SQLITE_STATIC);
  if (bind_error_ == SQLITE_OK) bind_error_ = result;
}

void Statement::bind_uuid(int parameter, const Uuid& id) {
  bind_blob(parameter, std::string_view(reinterpret_cast<const char*>(id.data()), id.size()));
}

void Statement::bind_null(int parameter) {
  const int result = sqlite3_bind_null(statement_.get(), parameter);
  if (bind_error_ == SQLITE_OK) bind_error_ = result;
}

Result<bool> Statement::step() {
  sqlite3* const database = sqlite3_db_handle(statement_.get());
  if (bind_error_ != SQLITE_OK) {
    const int result = std::exchange(bind_error_, SQLITE_OK);
    return fail_sqlite(database, result);
  }
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  auto error = fail_sqlite(database, result);
  sqlite3_reset(statement_.get());
  return error;
}

Status Statement::run() {
  for (;;) {
    const Result<bool> row = step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
  }
  reset();
  return {};
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

Result<Uuid> Statement::uuid(int column) const {
  const std::string_view data = bytes(column);
  Uuid id{};
  if (data.size() != id.size()) {
    return fail(ErrorCode::kCorrupt,
                std::string(sqlite3_db_filename(sqlite3_db_handle(statement_.get()), "main")) +
                    " is damaged (an id is not 16 bytes long)");
  }
  std::copy(data.begin(), data.end(), id.begin());
  return id;
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

Result<Database> Database::open(const std::string& path, Access access) {
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  const int result = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Database database(raw);
  if (result != SQLITE_OK) return fail_sqlite(raw, result);
  if (Status configured = configure(database, raw, access); !configured) {
    return tl::unexpected(configured.error());
  }
  return database;
}

Status Database::execute(const char* sql) {
  const int result = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return fail_sqlite(database_.get(), result);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* raw = nullptr;
  const int result =
      sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  if (result != SQLITE_OK) return fail_sqlite(database_.get(), result);
  Statement statement;
  statement.statement_.reset(raw);
  return statement;
}

Result<std::int64_t> Database::integer(std::string_view sql) const {
  Result<Statement> statement = prepare(sql);
  if (!statement) return tl::unexpected(statement.error());
  const Result<bool> row = statement->step();
  if (!row) return tl::unexpected(row.error());
  return *row ? statement->integer(0) : 0;
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(database_.get());
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(database_.get()) == 0;
}

Status Database::empty_log() {
  const Result<std::int64_t> busy = integer("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!busy) return tl::unexpected(busy.error());
  if (*busy == 0) return {};
  return fail(ErrorCode::kUnavailable,
              std::string(sqlite3_db_filename(database_.get(), "main")) +
                  " is being read, so what was erased is still in its log: try again");
}

Status Database::copy_to(const std::string& path,
                         const std::function<void(std::int64_t)>& copied) const {
  constexpr int kPagesAtOnce = 256;
  constexpr int kPatienceMs = 50;
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
  const Database target(raw);
  if (opened != SQLITE_OK) return fail_sqlite(raw, opened);
  const Result<std::int64_t> page_bytes = integer("PRAGMA page_size");
  if (!page_bytes) return tl::unexpected(page_bytes.error());
  sqlite3_backup* const backup = sqlite3_backup_init(raw, "main", database_.get(), "main");
  if (backup == nullptr) return fail_sqlite(raw, sqlite3_errcode(raw));
  int result = SQLITE_OK;
  int left = 0;
  while (result == SQLITE_OK || (result & 0xff) == SQLITE_BUSY ||
         (result & 0xff) == SQLITE_LOCKED) {
    if (result != SQLITE_OK) sqlite3_sleep(kPatienceMs);
    result = sqlite3_backup_step(backup, kPagesAtOnce);
    const int now_left = sqlite3_backup_remaining(backup);
    const int before = left == 0 ? sqlite3_backup_pagecount(backup) : left;
    copied((before - now_left) * *page_bytes);
    left = now_left;
  }
  const int finished = sqlite3_backup_finish(backup);
  if (result != SQLITE_DONE) return fail_sqlite(raw, result);
  if (finished != SQLITE_OK) return fail_sqlite(raw, finished);
  return {};
}

Result<Transaction> Transaction::begin(Database& database) {
  if (Status begun = database.execute("BEGIN IMMEDIATE"); !begun) {
    return tl::unexpected(begun.error());
  }
  return Transaction(&database);
}

Transaction::~Transaction() {
  // Some errors have rolled back by themselves; a second ROLLBACK would be an error.
  if (database_ != nullptr && database_->in_transaction()) (void)database_->execute("ROLLBACK");
}

Status Transaction::commit() {
  return database_->execute("COMMIT");
}

Result<bool> create_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    if (errno == EEXIST) return false;
    const ErrorCode code =
        errno == ENOSPC || errno == EDQUOT ? ErrorCode::kResourceExhausted : ErrorCode::kIo;
    return fail(code, "cannot create " + path + ": " + std::system_category().message(errno) +
                          ": make its directory writable, or give another --data directory");
  }
  ::close(file);
  const std::string directory = std::filesystem::path(path).parent_path().string();
  const int handle = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle >= 0) {
    ::fsync(handle);  // Best effort: SQLite syncs the directory itself when it makes the log.
    ::close(handle);
  }
  return true;
}

Status prepare_format(Database& database, const std::string& path, const FileFormat& format) {
  const Result<std::int64_t> version = database.integer("PRAGMA user_version");
  if (!version) return tl::unexpected(version.error());
  const Result<std::int64_t> application = database.integer("PRAGMA application_id");
  if (!application) return tl::unexpected(application.error());
  const Result<std::int64_t> objects = database.integer("SELECT count(*) FROM sqlite_schema");
  if (!objects) return tl::unexpected(objects.error());
  if (*version == 0 && *objects == 0) {
    // New, or its maker was killed before the schema was committed.
    const std::string sql = std::string("BEGIN IMMEDIATE;") + format.schema +
                            ";PRAGMA application_id=" + std::to_string(kApplicationId) +
                            ";PRAGMA user_version=" + std::to_string(format.version) + ";COMMIT";
    Status made = database.execute(sql.c_str());
    if (!made && database.in_transaction()) (void)database.execute("ROLLBACK");
    return made;
  }
  if (*application != kApplicationId) {
    return fail(ErrorCode::kCorrupt, path + " is not a file of apitoolkit");
  }
  if (*version < format.oldest_version) {
    return fail(ErrorCode::kUnsupported, file_name(path) +
                                             " was written by an older apitoolkit (format " +
                                             std::to_string(*version) + ", this one reads from " +
                                             std::to_string(format.oldest_version) +
                                             "): move it away, or give another --data directory");
  }
  if (*version > format.version) {
    return fail(ErrorCode::kUnsupported,
                file_name(path) + " was written by a newer apitoolkit (format " +
                    std::to_string(*version) + ", this one reads up to " +
                    std::to_string(format.version) +
                    "): start the newer version, or give another --data directory");
  }
  return {};
}

}  // namespace apitoolkit::server::store
