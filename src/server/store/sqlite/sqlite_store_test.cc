// What only the SQLite store does: files, restarts, damage.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stop_token>

#include "src/server/query/parse.h"
#include "src/server/store/calendar_day.h"
#include "src/server/store/random_records.h"
#include "src/server/store/sqlite/database.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const char* const kDayFile = "exchanges-2026-01-02.db";

class SqliteStore : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    store_.reset();
    auto opened = open_sqlite_store(directory_.path());
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  void close() { store_.reset(); }

  Error open_error() {
    store_.reset();
    const auto opened = open_sqlite_store(directory_.path());
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }

  std::int64_t append(const std::vector<Record>& records) {
    const auto appended = store_->append({records});
    EXPECT_TRUE(appended) << appended.error().message;
    return appended ? appended->stored : -1;
  }

  std::vector<int> ids(const Filter& filter = sample_filter()) {
    const auto page = store_->scan(filter, {}, {.rows = 1000});
    EXPECT_TRUE(page) << page.error().message;
    std::vector<int> found;
    if (page) {
      for (const Record& record : page->records) found.push_back(record.identity[15]);
    }
    return found;
  }

  std::string file(const std::string& name) const { return directory_.file(name); }
  bool exists(const std::string& name) const { return std::filesystem::exists(file(name)); }

  // Changes a closed store's file behind its back.
  void execute(const std::string& name, const char* sql) {
    auto database = Database::open(file(name), Database::Access::kWrite);
    ASSERT_TRUE(database) << database.error().message;
    const Status done = database->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }

  void overwrite(const std::string& name, std::int64_t offset, const std::string& bytes) {
    std::fstream out(file(name), std::ios::in | std::ios::out | std::ios::binary);
    out.seekp(offset);
    out << bytes;
    ASSERT_TRUE(out.good());
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(SqliteStore, FindsEverythingAgainAfterARestart) {
  RandomRecords random(11);
  std::vector<Record> records;
  records.reserve(200);
  for (int i = 0; i < 200; ++i) records.push_back(random.record());
  const std::int64_t stored = append(records);
  open();
  EXPECT_EQ(store_->stats()->exchanges, stored);
  EXPECT_EQ(append(records), 0);
  for (const Record& record : records) {
    const auto found = store_->fetch(record.project, record.identity);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_TRUE(*found);
  }
}

TEST_F(SqliteStore, GivesDeadLettersNoIdTwice) {
  DeadLetter letter{0, sample_uuid(200), kSampleTimeNs, "pubsub_rest", "no JSON", "{"};
  ASSERT_TRUE(store_->append({{}, std::vector<DeadLetter>{letter, letter}}));
  ASSERT_TRUE(store_->prune(kSampleTimeNs + 1));
  open();
  ASSERT_TRUE(store_->append({{}, std::vector<DeadLetter>{letter}}));
  const auto letters = store_->dead_letters(sample_uuid(200), {}, 10);
  ASSERT_TRUE(letters);
  ASSERT_EQ(letters->size(), 1u);
  EXPECT_EQ((*letters)[0].id, 3);
}

TEST_F(SqliteStore, KeepsFilesAndDirectoryToItself) {
  const std::string path = file("made/by/the-store");
  auto store = open_sqlite_store(path);
  ASSERT_TRUE(store) << store.error().message;
  ASSERT_TRUE((*store)->append({std::vector<Record>{sample_record(kSampleTimeNs, 1)}}));
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 7);  // a day and the inbox with their logs, the lock
}

TEST_F(SqliteStore, PruningRemovesFilesWhileTheyAreRead) {
  append({sample_record(kSampleTimeNs, 1), sample_record(kSampleTimeNs + kDayNs, 2)});
  EXPECT_THAT(ids(), ElementsAre(2, 1));  // leaves connections open to both days
  ASSERT_TRUE(store_->prune(kSampleTimeNs + kDayNs));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    EXPECT_FALSE(exists(std::string(kDayFile) + suffix)) << suffix;
  }
  EXPECT_THAT(ids(), ElementsAre(2));
  EXPECT_EQ(append({sample_record(kSampleTimeNs, 3)}), 1);
  open();
  EXPECT_THAT(ids(), ElementsAre(2, 3));
}

TEST_F(SqliteStore, LeavesOneFileADayBehindWhenClosed) {
  append({sample_record(kSampleTimeNs, 1), sample_record(kSampleTimeNs + kDayNs, 2)});
  ids();
  close();
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  EXPECT_THAT(names, ElementsAre(kDayFile, "exchanges-2026-01-03.db", "inbox.db", "lock"));
}

TEST_F(SqliteStore, RefusesFilesOfOtherVersions) {
  append({sample_record(kSampleTimeNs, 1)});
  close();
  execute(kDayFile, "PRAGMA user_version=4");
  const Error error = open_error();
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_EQ(error.message,
            "exchanges-2026-01-02.db was written by a newer apitoolkit (format 4, this one reads up"
            " to 3): start the newer version, or give another --data directory");
  execute(kDayFile, "PRAGMA user_version=2");
  EXPECT_EQ(open_error().message,
            "exchanges-2026-01-02.db was written by an older apitoolkit (format 2, this one reads"
            " from 3): move it away, or give another --data directory");
  execute(kDayFile, "PRAGMA user_version=3");
  execute("inbox.db", "PRAGMA user_version=4");
  EXPECT_THAT(open_error().message, HasSubstr("inbox.db was written by a newer apitoolkit"));
}

TEST_F(SqliteStore, RefusesADirectoryThatAnotherStoreHasOpen) {
  const auto second = open_sqlite_store(directory_.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().message, HasSubstr("is in use by another apitoolkit"));
}

TEST_F(SqliteStore, RefusesWhatIsNoWritableDirectory) {
  std::ofstream(file("plain")) << "a file";
  // Root may write anywhere, but not under a file, nor into the kernel's own tree.
  for (const std::string& path : {file("plain"), file("plain/below"), std::string("/proc"),
                                  std::string("/proc/apitoolkit/data"), std::string()}) {
    const auto opened = open_sqlite_store(path);
    ASSERT_FALSE(opened) << path;
    EXPECT_EQ(opened.error().code, ErrorCode::kIo) << path;
    EXPECT_THAT(opened.error().message, HasSubstr("give another --data directory")) << path;
  }
}

TEST_F(SqliteStore, MovesADamagedDayAsideAndServesTheOthers) {
  struct Case {
    const char* what;
    std::function<void()> damage;
  };
  const Case cases[] = {
      {"garbage", [&] { std::ofstream(file(kDayFile)) << std::string(10'000, 'g'); }},
      {"a few bytes", [&] { std::ofstream(file(kDayFile)) << "SQL"; }},
      {"half a file", [&] { std::filesystem::resize_file(file(kDayFile), 4096 + 17); }},
      {"a broken schema", [&] { overwrite(kDayFile, 100, std::string(200, '\xff')); }},
      {"somebody else's", [&] {
         std::filesystem::remove(file(kDayFile));
         ASSERT_TRUE(create_file(file(kDayFile)));
         execute(kDayFile, "CREATE TABLE theirs(x)");
       }}};
  append({sample_record(kSampleTimeNs, 1), sample_record(kSampleTimeNs + kDayNs, 2)});
  int damaged = 0;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    close();
    c.damage();
    open();
    const auto notices = store_->take_notices();
    ASSERT_EQ(notices.size(), 1u);
    EXPECT_THAT(notices[0], HasSubstr(std::string(kDayFile) + ".corrupt"));
    EXPECT_TRUE(store_->take_notices().empty());
    EXPECT_TRUE(exists(std::string(kDayFile) + ".corrupt"));
    if (++damaged > 1) {
      EXPECT_TRUE(exists(std::string(kDayFile) + ".corrupt-" + std::to_string(damaged)));
    }
    EXPECT_THAT(ids(), ElementsAre(2));
    EXPECT_EQ(append({sample_record(kSampleTimeNs, 1)}), 1);
    EXPECT_THAT(ids(), ElementsAre(2, 1));
  }
}

TEST_F(SqliteStore, TakesAnEmptyFileForANewOne) {
  close();
  ASSERT_TRUE(create_file(file(kDayFile)));
  open();
  EXPECT_TRUE(store_->take_notices().empty());
  EXPECT_EQ(append({sample_record(kSampleTimeNs, 1)}), 1);
}

TEST_F(SqliteStore, MovesADamagedInboxAside) {
  append({sample_record(kSampleTimeNs, 1)});
  close();
  std::ofstream(file("inbox.db")) << std::string(10'000, 'g');
  open();
  ASSERT_EQ(store_->take_notices().size(), 1u);
  EXPECT_TRUE(exists("inbox.db.corrupt"));
  EXPECT_THAT(ids(), ElementsAre(1));
}

TEST_F(SqliteStore, GoesOnAppendingWhenADayIsFoundDamagedAtWork) {
  std::vector<Record> records;
  for (std::uint8_t id = 0; id < 100; ++id) {
    records.push_back(sample_record(kSampleTimeNs + id, id));
    records.back().exchange.response_body.bytes = std::string(3000, static_cast<char>(id));
  }
  append(records);
  append({sample_record(kSampleTimeNs + kDayNs, 101)});
  close();
  // All pages but the first two, which hold the schema and the first table's root, are wiped.
  const auto size = static_cast<std::size_t>(std::filesystem::file_size(file(kDayFile)));
  overwrite(kDayFile, 8192, std::string(size - 8192, '\xee'));
  open();
  const auto notices_at_start = store_->take_notices();
  EXPECT_EQ(append({sample_record(kSampleTimeNs, 102)}), 1);
  const auto notices = store_->take_notices();
  EXPECT_EQ(notices_at_start.size() + notices.size(), 1u);
  EXPECT_TRUE(exists(std::string(kDayFile) + ".corrupt"));
  EXPECT_THAT(ids(), ElementsAre(101, 102));
}

// Three blocks of one row; the second one's page and the third one's columns are damaged.
TEST_F(SqliteStore, LeavesOutAndCountsRowsThatAreDamaged) {
  for (std::uint8_t id = 1; id <= 4; ++id) append({sample_record(kSampleTimeNs + id, id)});
  close();
  execute(kDayFile,
          "UPDATE parts SET frame = x'02aabb' WHERE key = 2 << 16 | 64;"
          "DELETE FROM parts WHERE key = 3 << 16 | 2");
  open();
  const Filter filter = sample_filter();
  const auto page = store_->scan(filter, {}, {});
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->unreadable, 2);
  EXPECT_THAT(ids(), ElementsAre(4, 1));
  const auto fetched = store_->fetch(sample_uuid(200), sample_uuid(2));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(fetched.error().message, HasSubstr(kDayFile));

  // Page by page, each row by itself, the same.
  std::optional<Position> after;
  int readable = 0;
  std::int64_t unreadable = 0;
  do {
    const auto one = store_->scan(filter, after, {.rows = 1});
    ASSERT_TRUE(one);
    readable += static_cast<int>(one->records.size());
    unreadable += one->unreadable;
    after = one->next;
  } while (after);
  EXPECT_EQ(readable, 2);
  EXPECT_EQ(unreadable, 2);
}

// So many blocks that threads look through the older ones ahead of their turn, of which two are
// damaged.
TEST_F(SqliteStore, LooksThroughManyBlocksForFewMatches) {
  for (std::uint8_t id = 1; id <= 15; ++id) {
    Record record = sample_record(kSampleTimeNs + id, id);
    record.exchange.request_body.bytes =
        id % 4 == 1 ? R"({"has":"needle","id":70001})" : R"({"has":"hay","id":80001})";
    append({record});
  }
  close();
  execute(kDayFile,
          "UPDATE parts SET frame = x'02aabb' WHERE key = 2 << 16 | 64;"
          "DELETE FROM parts WHERE key = 3 << 16 | 2");
  open();
  Filter filter = sample_filter();
  filter.where = *query::parse(R"(request_body.has == "needle")");
  const auto page = store_->scan(filter, {}, {});
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->unreadable, 2);
  EXPECT_THAT(ids(filter), ElementsAre(13, 9, 5, 1));
  filter.where = *query::parse("request_body.id == 70001");
  EXPECT_THAT(ids(filter), ElementsAre(13, 9, 5, 1));
  filter.where = *query::parse("request_body.id == 90001");
  EXPECT_THAT(ids(filter), ElementsAre());
  filter.where = *query::parse(R"(request_body.has == "needle")");
  QueryScope scope;
  scope.project = filter.project;
  const auto answer = store_->query(*filter.where, scope, {});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->rows.size(), 4u);
  std::stop_source stopped;
  stopped.request_stop();
  QueryBudget budget;
  budget.control.stop = stopped.get_token();
  const auto none = store_->query(*filter.where, scope, budget);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kUnavailable);
}

TEST_F(SqliteStore, MergesSmallBlocksWithoutChangingWhatIsRead) {
  RandomRecords random(17);
  std::unique_ptr<Store> oracle = make_memory_store();
  for (int i = 0; i < 400; ++i) {
    std::vector<Record> records;
    for (std::int64_t k = i % 50 == 0 ? 400 : 1 + random.below(4); k > 0; --k) {
      records.push_back(random.record());
    }
    ASSERT_EQ(append(records), oracle->append({records})->stored);
  }
  open();
  for (const std::uint8_t project : {200, 201}) {
    Filter filter;
    filter.project = sample_uuid(project);
    std::optional<Position> after;
    do {
      const auto got = store_->scan(filter, after, {.rows = 900});
      const auto expected = oracle->scan(filter, after, {.rows = 900});
      ASSERT_TRUE(got) << got.error().message;
      ASSERT_EQ(got->records.size(), expected->records.size());
      for (std::size_t i = 0; i < got->records.size(); ++i) {
        ASSERT_EQ(describe(got->records[i]), describe(expected->records[i])) << i;
      }
      ASSERT_EQ(got->next, expected->next);
      after = got->next;
    } while (after);
  }
  close();
  auto database = Database::open(file(kDayFile), Database::Access::kWrite);
  ASSERT_TRUE(database);
  EXPECT_LT(database->integer("SELECT count(*) FROM blocks").value(), 60);
  EXPECT_EQ(database->integer("SELECT count(DISTINCT key >> 16) FROM parts").value(),
            database->integer("SELECT count(*) FROM blocks").value());
}

TEST_F(SqliteStore, MergesPastABlockThatIsDamaged) {
  append({sample_record(kSampleTimeNs, 1)});
  append({sample_record(kSampleTimeNs, 2)});
  close();
  execute(kDayFile, "UPDATE parts SET frame = x'00' WHERE key = 1 << 16 | 64");
  open();
  for (std::uint8_t id = 3; id < 100; ++id)
    EXPECT_EQ(append({sample_record(kSampleTimeNs, id)}), 1);
  EXPECT_TRUE(store_->take_notices().empty());
  const auto page = store_->scan(sample_filter(), {}, {.rows = 1000});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->unreadable, 1);
  EXPECT_EQ(page->records.size(), 98u);
}

TEST_F(SqliteStore, RemovesLogsWhoseFileIsGone) {
  append({sample_record(kSampleTimeNs, 1)});
  std::filesystem::copy(file(std::string(kDayFile) + "-wal"), file("exchanges-2026-02-02.db-wal"));
  open();
  EXPECT_FALSE(exists("exchanges-2026-02-02.db-wal"));
  EXPECT_EQ(append({sample_record(kSampleTimeNs + 31 * kDayNs, 2)}), 1);
  EXPECT_THAT(ids(), ElementsAre(2, 1));
}

TEST_F(SqliteStore, ServesMoreDaysThanItKeepsOpen) {
  std::vector<Record> records;
  for (std::uint8_t id = 0; id < 80; ++id) {
    records.push_back(sample_record(kSampleTimeNs - id * kDayNs, id));
  }
  EXPECT_EQ(append(records), 80);
  EXPECT_EQ(ids().size(), 80u);
  EXPECT_EQ(append(records), 0);
  const auto dropped = store_->prune(kSampleTimeNs);
  ASSERT_TRUE(dropped);
  EXPECT_EQ(*dropped, 79);
}

TEST_F(SqliteStore, SortsManyRowsOfOneMicrosecond) {
  std::vector<Record> records;
  for (int i = 0; i < 5000; ++i) {
    Record record = sample_record(kSampleTimeNs + i * 7919 % 1000, 0);
    record.identity[0] = static_cast<std::uint8_t>(i * 31);
    record.identity[1] = static_cast<std::uint8_t>(i >> 8);
    record.identity[2] = static_cast<std::uint8_t>(i);
    records.push_back(record);
  }
  ASSERT_EQ(append(records), 5000);
  std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) {
    return std::tie(a.exchange.start_ns, a.identity) > std::tie(b.exchange.start_ns, b.identity);
  });
  std::size_t at = 0;
  std::optional<Position> after;
  do {
    const auto page = store_->scan(sample_filter(), after, {.rows = 700});
    ASSERT_TRUE(page);
    for (const Record& record : page->records) {
      ASSERT_EQ(record.identity, records[at].identity) << at;
      ++at;
    }
    after = page->next;
  } while (after);
  EXPECT_EQ(at, records.size());
}

// Of what is there before, both from the log and from pages that a merge has left free.
TEST_F(SqliteStore, NothingOfAnErasedProjectIsInTheFiles) {
  // What compression cannot take apart: no three characters of it stand elsewhere.
  const std::string secret = "q7Zx9Kv3Wp5Jt1Gy";
  const auto files_with_it = [&] {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      if (bytes.find(secret) != std::string::npos) names.push_back(entry.path().filename());
    }
    return names;
  };
  const Uuid other = sample_uuid(99);
  std::vector<Record> kept;
  Uuid gone{};
  for (int i = 0; i < 300; ++i) {
    Record record = sample_record(kSampleTimeNs + (i % 2) * kDayNs, static_cast<std::uint8_t>(i));
    record.identity[0] = static_cast<std::uint8_t>(i >> 8);
    gone = record.project;
    if (i % 3 == 0) {
      record.project = other;
      kept.push_back(record);
    } else {
      record.exchange.request_body.bytes = std::to_string(i) + secret;
    }
    // One by one, so that blocks are merged.
    ASSERT_EQ(append({record}), 1);
  }
  std::vector<LogEntry> logs(2);
  logs[0] = {gone, "trace", "", kSampleTimeNs, 9, secret, "{}"};
  logs[1] = {other, "trace", "", kSampleTimeNs, 9, "of the other", "{}"};
  const std::vector<DeadLetter> letters{{0, gone, kSampleTimeNs, "pubsub_rest", "no JSON", secret}};
  ASSERT_TRUE(store_->append({{}, letters, logs}));
  ASSERT_FALSE(files_with_it().empty());

  const auto erased = store_->erase(gone);
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_EQ(*erased, 200);
  EXPECT_THAT(files_with_it(), testing::IsEmpty());
  for (const Record& record : kept) EXPECT_TRUE(*store_->fetch(other, record.identity));
  EXPECT_EQ(store_->logs(other, "trace", 10)->size(), 1u);
  open();
  EXPECT_THAT(files_with_it(), testing::IsEmpty());
  for (const Record& record : kept) EXPECT_TRUE(*store_->fetch(other, record.identity));
}

}  // namespace
}  // namespace apitoolkit::server::store
