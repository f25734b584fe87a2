#include "src/sdk/spool/spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <thread>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/sdk/spool/record.h"
#include "src/sdk/spool/segment_format.h"
#include "src/sdk/spool/test_directory.h"

namespace apitoolkit::sdk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAreArray;

constexpr std::int64_t kSmallBytesMax = 8 * limits::kSpoolSegmentBytesMin;  // segments are smallest

// `bytes` that hardly compress; the same ones for the same number.
std::string noise(int number, std::size_t bytes) {
  std::string text = std::to_string(number) + ":";
  std::uint64_t state = static_cast<std::uint64_t>(number) * 0x9e3779b97f4a7c15 + 1;
  while (text.size() < bytes) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    text += static_cast<char>(state >> 32);
  }
  return text;
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(lstat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

ErrorCode code_of(const Result<std::unique_ptr<Spool>>& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

TEST(Spool, GivesBackWhatItWasGivenOldestFirst) {
  const TestDirectory directory;
  const auto spool = directory.open();
  EXPECT_THAT(peek(*spool), IsEmpty());
  append(*spool, {"one", "two"});
  append(*spool, {});
  append(*spool, {"three"});
  EXPECT_THAT(peek(*spool), ElementsAre("one", "two", "three"));
  EXPECT_THAT(peek(*spool), ElementsAre("one", "two", "three")) << "until they are removed";
  EXPECT_THAT(drain(*spool), ElementsAre("one", "two", "three"));
  EXPECT_THAT(peek(*spool), IsEmpty());
  append(*spool, {"four"});
  EXPECT_THAT(drain(*spool), ElementsAre("four"));
}

TEST(Spool, IsEmptyOnceAllIsRemoved) {
  const TestDirectory directory;
  auto spool = directory.open();
  append(*spool, {"one"});
  EXPECT_GT(spool->bytes(), 0);
  EXPECT_TRUE(spool->remove(*spool->oldest().value()).has_value());
  EXPECT_EQ(spool->bytes(), 0);
  EXPECT_THAT(directory.segments(), IsEmpty());
  spool.reset();
  EXPECT_THAT(directory.files(""), IsEmpty()) << "not even a lock is left";
}

TEST(Spool, WhatIsRemovedStaysRemovedForTheNextOne) {
  const TestDirectory directory;
  {
    const auto spool = directory.open();
    append(*spool, {"one"});
    const auto one = spool->oldest().value();
    append(*spool, {"two"});
    append(*spool, {"three"});
    EXPECT_TRUE(spool->remove(*one).has_value());
  }
  const auto spool = directory.open();
  EXPECT_GT(spool->bytes(), 0) << "what others left counts from the beginning";
  EXPECT_THAT(drain(*spool), ElementsAre("two", "three"));
  EXPECT_EQ(spool->corrupt_records(), 0);
}

TEST(Spool, SegmentsAreReadInTheOrderOfTheirTimeWhoeverWroteThem) {
  struct SetClock : base::Clock {
    std::int64_t ns = 0;
    std::int64_t now_ns() const override { return ns; }
  };
  const TestDirectory directory;
  SetClock clock;
  const auto open_and_append = [&](std::int64_t time_s, const std::string& message) {
    clock.ns = time_s * 1'000'000'000;
    auto spool = Spool::open({directory.path(), limits::kSpoolBytesMax, &clock}).value();
    append(*spool, {message});
    return spool;
  };
  open_and_append(300, "c");
  open_and_append(100, "a");
  open_and_append(200, "b");
  const auto spool = open_and_append(400, "d");
  EXPECT_THAT(drain(*spool), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(directory.files(".lock"), SizeIs(1)) << "of those who are gone nothing is left";
}

TEST(Spool, KeepsItsOrderOverManySegmentsAndWhenTheClockStandsStill) {
  struct StoppedClock : base::Clock {
    std::int64_t now_ns() const override { return -5; }
  };
  const TestDirectory directory;
  const StoppedClock clock;
  const auto spool = Spool::open({directory.path(), kSmallBytesMax, &clock}).value();
  std::vector<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    expected.push_back(noise(i, 10'000));
    append(*spool, {expected.back()});
  }
  EXPECT_GT(directory.segments().size(), 5U);
  EXPECT_EQ(drain(*spool), expected);
}

TEST(Spool, ABatchOfAnySizeGoesInAndComesOutInOnesThatCanBePublished) {
  const TestDirectory directory;
  const auto spool = directory.open();
  std::vector<std::string> messages;
  for (int i = 0; i < 2'500; ++i) messages.push_back(noise(i, 100));
  for (int i = 0; i < 3; ++i) messages.push_back(noise(i, limits::kMessageBytesMax));
  append(*spool, messages);
  std::vector<std::string> found;
  while (auto batch = spool->oldest().value()) {
    EXPECT_LE(batch->messages.size(), static_cast<std::size_t>(limits::kPublishMessagesMax));
    EXPECT_TRUE(spool->remove(*batch).has_value());
    std::move(batch->messages.begin(), batch->messages.end(), std::back_inserter(found));
  }
  EXPECT_TRUE(found == messages);
}

// A server that was away for a day costs as few calls as one that was not.
TEST(Spool, WhatWasAppendedOneByOneComesOutTogether) {
  const TestDirectory directory;
  const auto spool = directory.open();
  std::vector<std::string> messages;
  for (int i = 0; i < 2'500; ++i) messages.push_back(noise(i, 10));
  for (int i = 0; i < 20; ++i) messages.push_back(noise(i, 1'000'000));
  for (const std::string& message : messages) append(*spool, {message});
  std::vector<std::string> found;
  int batches = 0;
  while (auto batch = spool->oldest().value()) {
    EXPECT_LE(batch->messages.size(), static_cast<std::size_t>(limits::kPublishMessagesMax));
    std::size_t bytes = 0;
    for (const std::string& message : batch->messages) bytes += message.size();
    EXPECT_LE(bytes, static_cast<std::size_t>(limits::kBatchBytesMax));
    EXPECT_TRUE(spool->remove(*batch).has_value());
    std::move(batch->messages.begin(), batch->messages.end(), std::back_inserter(found));
    ++batches;
  }
  EXPECT_TRUE(found == messages);
  EXPECT_LE(batches, 8);
}

TEST(Spool, RemovesOnlyWhatItGaveLast) {
  const TestDirectory directory;
  const auto spool = directory.open();
  append(*spool, {"one"});
  const auto one = spool->oldest().value();
  append(*spool, {"two"});
  EXPECT_TRUE(spool->remove(*one).has_value());
  EXPECT_EQ(spool->remove(*one).error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(drain(*spool), ElementsAre("two"));
  EXPECT_EQ(spool->remove(*one).error().code, ErrorCode::kInvalidArgument);
}

// --- Bounds ---

TEST(Spool, RefusesWhatIsMoreThanItMayHoldAndTakesItOnceThereIsRoom) {
  const TestDirectory directory;
  const auto spool = directory.open(kSmallBytesMax);
  std::vector<std::string> taken;
  while (true) {
    const std::string message = noise(static_cast<int>(taken.size()), 20'000);
    const std::string_view view = message;
    const Status status = spool->append({&view, 1});
    if (!status) {
      EXPECT_EQ(status.error().code, ErrorCode::kResourceExhausted);
      EXPECT_THAT(status.error().message, HasSubstr(directory.path()));
      break;
    }
    taken.push_back(message);
    ASSERT_LT(taken.size(), 100U);
  }
  EXPECT_LE(spool->bytes(), kSmallBytesMax);
  EXPECT_GT(spool->bytes(), kSmallBytesMax - 21'000);
  const std::int64_t bytes_full = spool->bytes();

  // A segment's worth of room comes back before all is delivered.
  std::vector<std::string> found;
  while (spool->bytes() == bytes_full) {
    const auto batch = spool->oldest().value();
    found.insert(found.end(), batch->messages.begin(), batch->messages.end());
    EXPECT_TRUE(spool->remove(*batch).has_value());
  }
  EXPECT_LT(found.size(), taken.size() / 2);
  append(*spool, {"last"});
  taken.push_back("last");
  for (const std::string& message : drain(*spool)) found.push_back(message);
  EXPECT_TRUE(found == taken);
}

TEST(Spool, WhatOthersWroteCounts) {
  const TestDirectory directory;
  const auto one = directory.open(kSmallBytesMax);
  const auto two = directory.open(kSmallBytesMax);
  for (int i = 0; i < 26; ++i) append(*one, {noise(i, 20'000)});
  const std::string message = noise(26, 20'000);
  const std::string_view view = message;
  EXPECT_EQ(two->append({&view, 1}).error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(two->bytes(), one->bytes());
}

TEST(Spool, AMessageThatIsTooLongIsRefusedWithAllThatCameWithIt) {
  const TestDirectory directory;
  const auto spool = directory.open();
  const std::string message(limits::kMessageBytesMax + 1, 'x');
  const std::vector<std::string_view> messages = {"one", message};
  EXPECT_EQ(spool->append(messages).error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(drain(*spool), IsEmpty());
}

// In a child: the limit on its files' size stands for a disk that is full.
TEST(Spool, AFullDiskCostsNothingThatWasTakenBefore) {
  const TestDirectory directory;
  constexpr rlim_t kFileBytesMax = 100'000;
  const pid_t pid = fork();
  if (pid == 0) {
    signal(SIGXFSZ, SIG_IGN);  // NOLINT(concurrency-mt-unsafe): there is one thread
    const rlimit limit{kFileBytesMax, kFileBytesMax};
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto spool = Spool::open({directory.path()}).value();
    int failures = 0;
    std::vector<std::string> taken;
    for (int i = 0; i < 10; ++i) {
      const std::string message = noise(i, 30'000);
      const std::string_view view = message;
      const Status status = spool->append({&view, 1});
      if (status) taken.push_back(message);
      if (!status && status.error().code == ErrorCode::kIo) ++failures;
      if (directory.segments().size() != 1) _exit(1);
      // Cut back to whole records.
      if (std::filesystem::file_size(directory.segments()[0]) % 8 != 0) _exit(2);
    }
    if (taken.size() != 3 || failures != 7) _exit(3);
    // Many records in one call, over segments of their own: all or nothing.
    const std::string large = noise(11, 9'000'000);
    const std::vector<std::string_view> many = {"small", large, large};
    if (spool->append(many)) _exit(4);
    if (directory.segments().size() > 2) _exit(5);
    append(*spool, {"fits"});
    taken.push_back("fits");
    _exit(drain(*spool) == taken && !testing::Test::HasFailure() ? 0 : 6);
  }
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0) << WEXITSTATUS(status);
}

// --- The directory ---

TEST(Spool, OnlyItsUserMayReadIt) {
  const TestDirectory parent;
  const mode_t before = umask(0);
  const std::string path = parent.path() + "/spool";
  const auto spool = Spool::open({path}).value();
  append(*spool, {"secret"});
  umask(before);
  EXPECT_EQ(mode_of(path), 0700U);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    EXPECT_EQ(mode_of(entry.path()), 0600U) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 2);
}

TEST(Spool, SaysWhyADirectoryIsNone) {
  const TestDirectory directory;
  const std::string file = directory.path() + "/file";
  write_whole(file, "");
  EXPECT_EQ(code_of(Spool::open({file})), ErrorCode::kInvalidArgument);
  EXPECT_THAT(Spool::open({file}).error().message, HasSubstr(file + ": Not a directory"));
  EXPECT_EQ(code_of(Spool::open({file + "/below"})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(Spool::open({directory.path() + "/a/b"})), ErrorCode::kIo);
  EXPECT_EQ(code_of(Spool::open({""})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(Spool::open({directory.path(), 0})), ErrorCode::kInvalidArgument);
}

TEST(Spool, SaysThatADirectoryMayNotBeWrittenTo) {
  const TestDirectory directory;
  chmod(directory.path().c_str(), 0500);
  const pid_t pid = fork();
  if (pid == 0) {
    constexpr uid_t kNobody = 65'534;
    const bool is_root = geteuid() == 0;  // who may write anywhere
    if (is_root) {
      chmod(directory.path().c_str(), 0555);
      if (setuid(kNobody) != 0) _exit(1);
    }
    _exit(code_of(Spool::open({directory.path()})) == ErrorCode::kInvalidArgument ? 0 : 2);
  }
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Spool, FollowsNoLinkAndWaitsForNoPipe) {
  const TestDirectory directory;
  const TestDirectory elsewhere;
  {
    const auto spool = elsewhere.open();
    append(*spool, {"elsewhere"});
  }
  const std::string target = elsewhere.segments().at(0);
  const std::string before = read_whole(target);
  const std::string link =
      directory.path() + "/" + std::filesystem::path(target).filename().string();
  const std::string pipe = directory.path() + "/" + to_string(SegmentName{1, base::make_uuid_v4()});
  std::filesystem::create_symlink(target, link);
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  // A lock that is a link, beside a segment that is none.
  const Uuid owner = base::make_uuid_v4();
  const std::string locked = directory.path() + "/" + to_string(SegmentName{2, owner});
  write_whole(locked, before);
  std::filesystem::create_symlink(elsewhere.path() + "/victim",
                                  directory.path() + "/" + lock_name(owner));

  const auto spool = directory.open();
  append(*spool, {"mine"});
  std::set<std::string> errors;
  std::vector<std::string> found;
  for (int i = 0; i < 10; ++i) {
    const auto batch = spool->oldest();
    if (!batch) errors.insert(batch.error().message);
    if (!batch || !*batch) continue;
    found.insert(found.end(), (*batch)->messages.begin(), (*batch)->messages.end());
    EXPECT_TRUE(spool->remove(**batch).has_value());
  }
  EXPECT_THAT(found, ElementsAre("mine"));
  EXPECT_THAT(errors, UnorderedElementsAreArray({HasSubstr(link), HasSubstr(pipe)}));
  EXPECT_EQ(read_whole(target), before);
  EXPECT_FALSE(std::filesystem::exists(elsewhere.path() + "/victim"));
  EXPECT_TRUE(std::filesystem::exists(locked));
}

TEST(Spool, OtherFilesAreLeftAlone) {
  const TestDirectory directory;
  const std::vector<std::string> names = {"notes.txt", "x.segment", "y.lock",
                                          "0000000000000001-.segment"};
  for (const std::string& name : names) write_whole(directory.path() + "/" + name, "kept");
  {
    const auto spool = directory.open();
    EXPECT_EQ(spool->bytes(), 0);
    append(*spool, {"one"});
    EXPECT_THAT(drain(*spool), ElementsAre("one"));
  }
  EXPECT_EQ(directory.files("").size(), names.size());
}

TEST(Spool, ADirectoryThatIsRemovedIsMadeAgain) {
  const TestDirectory parent;
  const std::string path = parent.path() + "/spool";
  const auto spool = Spool::open({path}).value();
  append(*spool, {"lost"});
  append(*spool, {"lost, too"});
  const auto lost = spool->oldest().value();
  std::filesystem::remove_all(path);
  EXPECT_TRUE(spool->remove(*lost).has_value());
  EXPECT_THAT(peek(*spool), IsEmpty()) << "whoever removed it wants it gone";
  append(*spool, {"kept"});
  EXPECT_THAT(drain(*spool), ElementsAre("kept"));

  append(*spool, {"lost"});
  std::filesystem::remove_all(path);
  append(*spool, {"kept"});
  EXPECT_THAT(peek(*spool), ElementsAre("kept"));
  EXPECT_EQ(mode_of(path), 0700U);

  std::filesystem::remove_all(parent.path());
  const std::string_view message = "refused";
  EXPECT_EQ(spool->append({&message, 1}).error().code, ErrorCode::kIo);
}

TEST(Spool, FilesThatAreRemovedOneByOneAreNotMissed) {
  const TestDirectory directory;
  const auto spool = directory.open();
  append(*spool, {"lost"});
  std::filesystem::remove(directory.segments().at(0));
  append(*spool, {"kept"});
  std::filesystem::remove(directory.files(".lock").at(0));
  // Its owner is not known to live any more: it becomes another, and adopts what it was.
  append(*spool, {"kept, too"});
  EXPECT_THAT(directory.files(".lock"), SizeIs(1));
  EXPECT_THAT(drain(*spool), ElementsAre("kept", "kept, too"));
}

// --- Two in one process ---

TEST(Spool, TwoOfOneProcessShareNoSegmentWhileBothLive) {
  const TestDirectory directory;
  auto one = directory.open();
  const auto two = directory.open();
  append(*one, {"one"});
  EXPECT_THAT(peek(*two), IsEmpty());
  EXPECT_THAT(peek(*one), ElementsAre("one"));
  append(*two, {"two"});
  EXPECT_THAT(drain(*two), ElementsAre("two"));
  EXPECT_THAT(peek(*two), IsEmpty());
  one.reset();
  EXPECT_THAT(drain(*two), ElementsAre("one"));
}

TEST(Spool, TwoThreadsAdoptWhatIsLeftOnlyOnce) {
  const TestDirectory directory;
  constexpr int kOwners = 40;
  constexpr int kThreads = 4;
  for (int round = 0; round < 5; ++round) {
    {
      std::vector<std::unique_ptr<Spool>> left;
      for (int i = 0; i < kOwners; ++i) {
        left.push_back(directory.open());
        append(*left.back(), {"a" + std::to_string(i)});
        append(*left.back(), {"b" + std::to_string(i)});
      }
    }
    std::vector<std::unique_ptr<Spool>> spools;
    for (int t = 0; t < kThreads; ++t) spools.push_back(directory.open());
    std::vector<std::vector<std::string>> found(kThreads);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] { found[t] = drain(*spools[t]); });
    }
    for (std::thread& thread : threads) thread.join();
    std::multiset<std::string> all;
    for (const auto& some : found) all.insert(some.begin(), some.end());
    // What two threads asked for at the same moment neither may have got.
    for (const std::string& message : drain(*spools[0])) all.insert(message);
    EXPECT_EQ(all.size(), 2U * kOwners);
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 2U * kOwners);
  }
}

TEST(Spool, ThereIsABoundOnHowManyAProcessMayHave) {
  const TestDirectory directory;
  std::vector<std::unique_ptr<Spool>> spools;
  while (auto spool = Spool::open({directory.path()})) {
    spools.push_back(std::move(*spool));
    ASSERT_LE(spools.size(), static_cast<std::size_t>(limits::kSpoolOwnersMax));
  }
  EXPECT_EQ(code_of(Spool::open({directory.path()})), ErrorCode::kResourceExhausted);
  spools.pop_back();
  EXPECT_TRUE(Spool::open({directory.path()}).has_value());
}

}  // namespace
}  // namespace apitoolkit::sdk
