// kill -9 at random moments: what append returned for is there, once, and in its order, unless it
// was removed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <random>
#include <set>
#include <thread>

#include "src/sdk/spool/test_directory.h"

namespace apitoolkit::sdk {
namespace {

constexpr int kRounds = 60;
constexpr std::int64_t kBytesMax = 1 << 20;  // so that segments end, and the spool is full at times

// What a child says, in the order in which it happens.
struct Report {
  enum class Event : std::int64_t { kAppended, kRemoving, kRemoved };
  Event event;
  std::int64_t number;
};

std::string message_of(std::int64_t number, int part) {
  std::string text = std::to_string(number) + "." + std::to_string(part) + " ";
  std::mt19937_64 random(static_cast<std::uint64_t>(number));
  const auto size = static_cast<std::size_t>(random() % 3000);
  while (text.size() < size) text += static_cast<char>(random());
  return text;
}

constexpr int kParts = 2;  // messages of a batch

void say(int pipe, Report report) {
  if (write(pipe, &report, sizeof report) != sizeof report) _exit(3);
}

[[noreturn]] void append_and_remove_until_killed(const std::string& path, std::int64_t number,
                                                 int pipe) {
  auto spool = Spool::open({path, kBytesMax});
  if (!spool) _exit(1);
  while (true) {
    const std::string one = message_of(number, 0);
    const std::string two = message_of(number, 1);
    const std::vector<std::string_view> messages = {one, two};
    const Status status = (*spool)->append(messages);
    if (status) say(pipe, {Report::Event::kAppended, number});
    if (!status && status.error().code != ErrorCode::kResourceExhausted) _exit(2);
    ++number;
    // Many at once, then as they come.
    if (number / 100 % 2 == 0 && number % 30 != 0) continue;
    const auto batch = (*spool)->oldest();
    if (!batch) _exit(4);
    if (!*batch) continue;
    const std::vector<std::string>& oldest = (*batch)->messages;
    for (std::size_t i = 0; i < oldest.size(); i += kParts) {
      say(pipe, {Report::Event::kRemoving, std::stoll(oldest[i])});
    }
    if (!(*spool)->remove(**batch)) _exit(5);
    for (std::size_t i = 0; i < oldest.size(); i += kParts) {
      say(pipe, {Report::Event::kRemoved, std::stoll(oldest[i])});
    }
  }
}

void sleep_us(std::int64_t us) {
  const timespec time{us / 1'000'000, us % 1'000'000 * 1000};
  nanosleep(&time, nullptr);
}

TEST(Kill, LosesNothingThatWasAppendedAndBringsNothingBackThatWasRemoved) {
  const TestDirectory directory;
  std::mt19937 random(7);
  std::set<std::int64_t> appended;  // and not removed
  std::set<std::int64_t> uncertain;
  std::int64_t next = 0;
  std::int64_t reports = 0;
  for (int round = 0; round < kRounds; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t pid = fork();
    if (pid == 0) append_and_remove_until_killed(directory.path(), next, ends[1]);
    close(ends[1]);
    // From its first report on, so that a slow machine kills it at work, too.
    std::set<std::int64_t> removing;
    std::int64_t last = next - 1;
    const auto take = [&](const Report& report) {
      ++reports;
      switch (report.event) {
        case Report::Event::kAppended:
          last = report.number;
          appended.insert(report.number);
          break;
        case Report::Event::kRemoving:
          removing.insert(report.number);
          break;
        case Report::Event::kRemoved:
          removing.erase(report.number);
          EXPECT_EQ(appended.erase(report.number) + uncertain.erase(report.number), 1U)
              << report.number;
          break;
      }
    };
    Report report{};
    ASSERT_EQ(read(ends[0], &report, sizeof report), static_cast<ssize_t>(sizeof report));
    take(report);
    std::thread killer([&, us = static_cast<std::int64_t>(random() % 20'000)] {
      sleep_us(us);
      kill(pid, SIGKILL);
    });
    while (read(ends[0], &report, sizeof report) == static_cast<ssize_t>(sizeof report)) {
      take(report);
    }
    killer.join();
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it failed by itself: " << WEXITSTATUS(status);
    for (const std::int64_t number : removing) {
      appended.erase(number);
      uncertain.insert(number);
    }
    // Refused ones are not reported: which one was being appended is not known.
    for (std::int64_t i = last + 1; i < last + 1000; ++i) uncertain.insert(i);
    next = last + 1000;

    if (round % 6 != 5) continue;  // the next child adopts it
    const auto spool = directory.open(kBytesMax);
    std::set<std::int64_t> found;
    while (const auto batch = spool->oldest().value()) {
      ASSERT_EQ(batch->messages.size() % kParts, 0U);
      for (std::size_t i = 0; i < batch->messages.size(); i += kParts) {
        const std::int64_t number = std::stoll(batch->messages[i]);
        EXPECT_TRUE(found.insert(number).second) << number << " is there twice";
        for (int part = 0; part < kParts; ++part) {
          EXPECT_TRUE(batch->messages[i + part] == message_of(number, part));
        }
        EXPECT_TRUE(appended.contains(number) || uncertain.contains(number)) << number;
      }
      EXPECT_TRUE(spool->remove(*batch).has_value());
    }
    for (const std::int64_t number : appended) {
      EXPECT_TRUE(found.contains(number)) << number << " is lost";
    }
    EXPECT_EQ(spool->corrupt_records(), 0);
    EXPECT_THAT(directory.segments(), testing::IsEmpty());
    EXPECT_THAT(directory.files(".lock"), testing::SizeIs(1));
    appended.clear();
    uncertain.clear();
  }
  EXPECT_GT(reports, 10 * kRounds);
}

}  // namespace
}  // namespace apitoolkit::sdk
