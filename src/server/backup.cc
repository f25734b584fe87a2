#include "src/server/backup.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "src/server/store/sqlite/database.h"

namespace apitoolkit::server {
namespace {

namespace fs = std::filesystem;
using store::Database;

constexpr const char* kCatalog = "catalog.db";
constexpr const char* kInbox = "exchanges/inbox.db";

tl::unexpected<Error> refuse(const std::string& path, const std::error_code& error) {
  return fail(ErrorCode::kIo, path + ": " + error.message());
}

// Relative to the directory, those of the exchanges last.
Result<std::vector<std::string>> databases_of(const std::string& from) {
  std::error_code error;
  std::vector<std::string> names;
  for (const char* folder : {"", "exchanges/"}) {
    const fs::path path = fs::path(from) / folder;
    if (!fs::is_directory(path, error)) continue;
    std::vector<std::string> found;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().extension() == ".db") {
        found.push_back(folder + entry->path().filename().string());
      }
    }
    if (error) return refuse(path.string(), error);
    std::sort(found.begin(), found.end());
    names.insert(names.end(), found.begin(), found.end());
  }
  if (std::find(names.begin(), names.end(), kCatalog) == names.end()) {
    return fail(ErrorCode::kInvalidArgument,
                from + " is no data directory of apitoolkit: it has no catalog.db");
  }
  return names;
}

struct OpenFile {
  std::string name;
  Database database;
};

// Opens a file at what is committed now. A day that has been dropped meanwhile is left out.
Status open_snapshot(const std::string& from, const std::string& name,
                     std::vector<OpenFile>& files) {
  const std::string path = from + "/" + name;
  Result<Database> database = Database::open(path, Database::Access::kRead);
  std::error_code error;
  if (!database && !fs::exists(path, error)) return {};
  if (!database) return tl::unexpected(database.error());
  if (Status begun = database->execute("BEGIN"); !begun) return begun;
  const auto read = database->integer("SELECT count(*) FROM sqlite_schema");
  if (!read) return tl::unexpected(read.error());
  files.push_back({name, std::move(*database)});
  return {};
}

// A batch for several files goes through the inbox, so while nobody can write to that, the other
// files' moments are one moment.
Result<std::vector<OpenFile>> open_snapshots(const std::string& from) {
  std::optional<Database> inbox;
  std::error_code error;
  if (fs::exists(fs::path(from) / kInbox, error)) {
    Result<Database> opened = Database::open(from + "/" + kInbox, Database::Access::kWrite);
    if (!opened) return tl::unexpected(opened.error());
    inbox = std::move(*opened);
    if (Status locked = inbox->execute("BEGIN IMMEDIATE"); !locked) {
      return tl::unexpected(locked.error());
    }
  }
  const Result<std::vector<std::string>> names = databases_of(from);
  if (!names) return tl::unexpected(names.error());
  std::vector<OpenFile> files;
  for (const std::string& name : *names) {
    if (Status opened = open_snapshot(from, name, files); !opened) {
      return tl::unexpected(opened.error());
    }
  }
  if (inbox) {
    if (Status done = inbox->execute("ROLLBACK"); !done) return tl::unexpected(done.error());
  }
  return files;
}

Status make_empty(const std::string& path) {
  std::error_code error;
  if (fs::exists(path, error) && (!fs::is_directory(path, error) || !fs::is_empty(path, error))) {
    return fail(ErrorCode::kInvalidArgument, path + " is there already: give another --to");
  }
  const std::string parent = fs::path(path).parent_path().string();
  if (!parent.empty()) fs::create_directories(parent, error);
  if (error) return refuse(parent, error);
  return {};
}

Status copy_all(const std::vector<OpenFile>& files, const std::string& to,
                const std::function<void(std::int64_t)>& copied) {
  for (const std::string& folder : {to, to + "/exchanges"}) {
    if (::mkdir(folder.c_str(), 0700) != 0) {
      return refuse(folder, std::error_code(errno, std::system_category()));
    }
  }
  for (const OpenFile& file : files) {
    const std::string path = to + "/" + file.name;
    if (const auto created = store::create_file(path); !created) {
      return tl::unexpected(created.error());
    }
    if (Status done = file.database.copy_to(path, copied); !done) return done;
  }
  return {};
}

}  // namespace

Result<std::int64_t> backup_bytes(const std::string& from) {
  const auto names = databases_of(from);
  if (!names) return tl::unexpected(names.error());
  std::int64_t bytes = 0;
  for (const std::string& name : *names) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(fs::path(from) / name, error);
    if (!error) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

Status back_up(const std::string& from, const std::string& to,
               const std::function<void(std::int64_t bytes)>& copied) {
  if (Status empty = make_empty(to); !empty) return empty;
  const Result<std::vector<OpenFile>> files = open_snapshots(from);
  if (!files) return tl::unexpected(files.error());
  const std::string partial = to + ".partial";
  std::error_code error;
  fs::remove_all(partial, error);  // of a backup that was broken off
  if (Status done = copy_all(*files, partial, copied); !done) return done;
  fs::remove(to, error);
  fs::rename(partial, to, error);
  if (error) return refuse(to, error);
  return {};
}

}  // namespace apitoolkit::server
