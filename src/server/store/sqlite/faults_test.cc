// The SQLite store on a disk that fails at each single write and sync in turn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>

#include "src/server/store/calendar_day.h"
#include "src/server/store/random_records.h"
#include "src/server/store/sqlite/faulty_disk.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {
namespace {

using ::testing::HasSubstr;

struct Batch {
  const char* name;
  std::vector<Record> records;
  std::vector<DeadLetter> letters;
};

Record big_record(std::int64_t start_ns, std::uint8_t id) {
  Record record = sample_record(start_ns, id);
  record.exchange.response_body.bytes = std::string(3000, static_cast<char>('a' + id));
  return record;
}

std::vector<Batch> batches() {
  const DeadLetter letter{0, sample_uuid(200), kSampleTimeNs, "pubsub_rest", "no JSON", "{"};
  return {
      {"one day", {big_record(kSampleTimeNs, 10), big_record(kSampleTimeNs + 1, 11)}, {}},
      {"a new day", {big_record(kSampleTimeNs + 9 * kDayNs, 10)}, {}},
      {"three days",
       {big_record(kSampleTimeNs - kDayNs, 10), big_record(kSampleTimeNs, 11),
        big_record(kSampleTimeNs + kDayNs, 12)},
       {}},
      {"a letter", {}, {letter}},
      {"two days and a letter",
       {big_record(kSampleTimeNs, 10), big_record(kSampleTimeNs + kDayNs, 11)},
       {letter}},
  };
}

std::map<Uuid, int> identities(const Store& store) {
  std::map<Uuid, int> found;
  const auto page = store.scan(sample_filter(), {}, {.rows = 1000});
  EXPECT_TRUE(page) << page.error().message;
  if (page) {
    EXPECT_EQ(page->unreadable, 0);
    for (const Record& record : page->records) ++found[record.identity];
  }
  return found;
}

std::size_t letter_count(const Store& store) {
  const auto letters = store.dead_letters(sample_uuid(200), {}, 100);
  EXPECT_TRUE(letters) << letters.error().message;
  return letters ? letters->size() : 0;
}

std::unique_ptr<Store> open_store(const std::string& path) {
  auto opened = open_sqlite_store(path);
  EXPECT_TRUE(opened) << opened.error().message;
  return opened ? std::move(*opened) : nullptr;
}

std::map<Uuid, int> once_each(const Batch& batch, bool with_batch) {
  std::map<Uuid, int> expected = {{sample_uuid(1), 1}, {sample_uuid(2), 1}};
  for (const Record& record : batch.records) {
    if (with_batch) expected[record.identity] = 1;
  }
  return expected;
}

// Appends with the n-th operation and all after it failing; false once n is beyond the last.
bool check_fault(const Batch& batch, FaultyDisk::Fault fault, int n) {
  const TemporaryDirectory directory;
  FaultyDisk disk;
  std::unique_ptr<Store> store = open_store(directory.path());
  EXPECT_TRUE(store->append({std::vector<Record>{sample_record(kSampleTimeNs, 1),
                                                 sample_record(kSampleTimeNs + kDayNs, 2)}}));

  disk.fail_after(n, fault);
  const auto first = store->append({batch.records, batch.letters});
  disk.repair();
  if (!first) {
    EXPECT_EQ(first.error().code,
              fault == FaultyDisk::Fault::kFull ? ErrorCode::kResourceExhausted : ErrorCode::kIo)
        << first.error().message;
    EXPECT_EQ(identities(*store), once_each(batch, false));
    EXPECT_EQ(letter_count(*store), 0u);
  }
  // Asks for the same again, as a sender does that got no answer; without the letters if they are
  // there, since they have no identity.
  const auto again =
      store->append({batch.records, first ? std::vector<DeadLetter>{} : batch.letters});
  EXPECT_TRUE(again) << again.error().message;
  if (again) {
    EXPECT_EQ(again->stored, first ? 0 : static_cast<int>(batch.records.size()));
  }
  EXPECT_EQ(identities(*store), once_each(batch, true));
  EXPECT_EQ(letter_count(*store), batch.letters.size());
  store.reset();
  store = open_store(directory.path());
  EXPECT_EQ(identities(*store), once_each(batch, true));
  EXPECT_EQ(letter_count(*store), batch.letters.size());
  EXPECT_EQ(store->stats()->exchanges, static_cast<std::int64_t>(2 + batch.records.size()));
  return disk.has_failed();
}

class StoreFaults : public ::testing::TestWithParam<FaultyDisk::Fault> {};

TEST_P(StoreFaults, EveryFailingOperationLeavesAllOrNothing) {
  for (const Batch& batch : batches()) {
    int n = 0;
    for (; n < 500; ++n) {
      SCOPED_TRACE(std::string(batch.name) + ", operation " + std::to_string(n));
      if (!check_fault(batch, GetParam(), n) || HasFailure()) break;
    }
    EXPECT_GT(n, 0) << "no operation of this batch was made to fail";
    EXPECT_LT(n, 500);
  }
}

TEST_P(StoreFaults, ABatchThatWaitsInTheInboxIsMovedByTheNextStart) {
  const Batch batch = batches()[2];
  bool has_waited = false;
  for (int n = 0; n < 500; ++n) {
    const TemporaryDirectory directory;
    FaultyDisk disk;
    std::unique_ptr<Store> store = open_store(directory.path());
    disk.fail_after(n, GetParam());
    const auto appended = store->append({batch.records});
    if (appended && disk.has_failed()) {
      const std::vector<std::string> notices = store->take_notices();
      has_waited = has_waited || !notices.empty();
      for (const std::string& notice : notices) EXPECT_THAT(notice, HasSubstr("waits in inbox.db"));
    }
    store.reset();
    disk.repair();
    store = open_store(directory.path());
    const std::size_t found = identities(*store).size();
    if (appended) {
      EXPECT_EQ(found, batch.records.size()) << n;
    } else if (GetParam() == FaultyDisk::Fault::kSyncError) {
      // Written and not synced: nobody can know what is left of it, but it is all or nothing.
      EXPECT_THAT(found, ::testing::AnyOf(0u, batch.records.size())) << n;
    } else {
      EXPECT_EQ(found, 0u) << n;
    }
    if (!disk.has_failed()) break;
  }
  EXPECT_TRUE(has_waited);
}

std::string fault_name(const ::testing::TestParamInfo<FaultyDisk::Fault>& info) {
  const char* const names[] = {"Full", "WriteError", "SyncError"};
  return names[static_cast<int>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Faults, StoreFaults,
                         ::testing::Values(FaultyDisk::Fault::kFull, FaultyDisk::Fault::kWriteError,
                                           FaultyDisk::Fault::kSyncError),
                         fault_name);

// Runs in a child process, whose files may not grow beyond a limit; the status it ends with says
// which step went wrong.
int use_up_the_file_size(const std::string& path) {
  std::signal(SIGXFSZ, SIG_IGN);
  auto store = open_sqlite_store(path);
  if (!store) return 1;
  if (!(*store)->append({std::vector<Record>{sample_record(kSampleTimeNs, 1)}})) return 2;
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlim_t unlimited = limit.rlim_cur;
  limit.rlim_cur = 600'000;
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 3;
  RandomRecords random(5);
  int stored = 1;
  for (std::uint8_t id = 2;; ++id) {
    if (id > 250) return 4;
    Record record = sample_record(kSampleTimeNs + id, id);
    for (int i = 0; i < 20'000; ++i) {
      record.exchange.request_body.bytes.push_back(static_cast<char>(random.below(256)));
    }
    const auto appended = (*store)->append({std::vector<Record>{record}});
    if (appended) {
      ++stored;
      continue;
    }
    if (appended.error().code != ErrorCode::kResourceExhausted) return 5;
    break;
  }
  const auto page = (*store)->scan(sample_filter(), {}, {.rows = 1000});
  if (!page || static_cast<int>(page->records.size()) != stored) return 6;
  limit.rlim_cur = unlimited;
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 7;
  if (!(*store)->append({std::vector<Record>{sample_record(kSampleTimeNs, 255)}})) return 8;
  return 0;
}

TEST(StoreFullDisk, IsResourceExhaustedAndReadersGoOn) {
  const TemporaryDirectory directory;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(use_up_the_file_size(directory.path()));
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace apitoolkit::server::store
