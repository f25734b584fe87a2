// Processes that share a directory: siblings, children, the dead. A process says in a pipe what it
// finds, and goes on when another is closed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <set>
#include <utility>

#include "src/sdk/spool/test_directory.h"

namespace apitoolkit::sdk {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Pipe {
 public:
  Pipe() {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    read_ = FileDescriptor(ends[0]);
    write_ = FileDescriptor(ends[1]);
  }
  // Lines that hold no line end.
  void say(const std::string& line) const {
    const std::string text = line + "\n";
    if (write(write_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      _exit(9);
    }
  }
  // The next line; "" at the end, when nobody can say anything any more.
  std::string hear() const {
    std::string line;
    char byte = 0;
    while (read(read_.get(), &byte, 1) == 1 && byte != '\n') line += byte;
    return line;
  }
  void close_write() { write_ = FileDescriptor(); }

 private:
  FileDescriptor read_;
  FileDescriptor write_;
};

template <class Child>
pid_t start(Child child) {
  const pid_t pid = fork();
  if (pid == 0) {
    alarm(120);  // rather than hang for ever
    child();
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  return pid;
}

void kill_and_wait(pid_t pid) {
  kill(pid, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
}

void wait_for_success(pid_t pid) {
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
}

[[noreturn]] void wait_for_the_end() {
  while (true) pause();
}

// Asks until there is something.
std::vector<std::string> drain_when_there_is(Spool& spool) {
  while (true) {
    auto found = drain(spool);
    if (!found.empty()) return found;
    const timespec time{0, 1'000'000};
    nanosleep(&time, nullptr);
  }
}

TEST(Processes, TheDeadLeaveTheirMessagesToWhoeverAsksFirst) {
  const TestDirectory directory;
  Pipe said;
  const pid_t pid = start([&] {
    const auto spool = directory.open();
    append(*spool, {"one"});
    append(*spool, {"two"});
    said.say("ready");
    wait_for_the_end();
  });
  EXPECT_EQ(said.hear(), "ready");
  const auto first = directory.open();
  const auto second = directory.open();
  EXPECT_THAT(peek(*first), IsEmpty()) << "it lives";
  EXPECT_THAT(directory.files(".lock"), testing::SizeIs(3));
  kill_and_wait(pid);
  EXPECT_THAT(peek(*first), ElementsAre("one", "two"));
  EXPECT_THAT(peek(*second), IsEmpty()) << "the first has it";
  EXPECT_THAT(drain(*first), ElementsAre("one", "two"));
}

TEST(Processes, SiblingsNeverGetTheSameBatch) {
  const TestDirectory directory;
  constexpr int kOwners = 30;
  constexpr int kSiblings = 4;
  {
    std::vector<std::unique_ptr<Spool>> left;
    for (int i = 0; i < kOwners; ++i) {
      left.push_back(directory.open());
      for (const char* const part : {"a", "b", "c"})
        append(*left.back(), {part + std::to_string(i)});
    }
  }
  Pipe said;
  Pipe wait;
  std::vector<pid_t> siblings;
  for (int i = 0; i < kSiblings; ++i) {
    siblings.push_back(start([&, i] {
      wait.close_write();
      const auto spool = directory.open();
      append(*spool, {"own" + std::to_string(i)});
      while (const auto batch = spool->oldest().value()) {
        for (const std::string& message : batch->messages) said.say(message);
        if (!spool->remove(*batch)) _exit(2);
      }
      said.say("done");
      wait.hear();  // it lives until all are done
    }));
  }
  std::multiset<std::string> all;
  for (int done = 0; done < kSiblings;) {
    const std::string line = said.hear();
    ASSERT_NE(line, "");
    if (line == "done") {
      ++done;
    } else {
      all.insert(line);
    }
  }
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 3U * kOwners + kSiblings);
  EXPECT_EQ(all.size(), 3U * kOwners + kSiblings);
  wait.close_write();
  for (const pid_t pid : siblings) wait_for_success(pid);
  EXPECT_THAT(directory.files(""), IsEmpty());
}

// The child inherits its parent's descriptors and memory, in the middle of whatever it did.
TEST(Processes, AChildLeavesItsParentsMessagesAloneUntilItsParentIsDead) {
  const TestDirectory directory;
  Pipe said;
  const pid_t parent = start([&] {
    const auto spool = directory.open();
    append(*spool, {"parent's"});
    append(*spool, {"parent's, too"});
    if (peek(*spool).empty()) _exit(2);  // so that a reader's descriptor is inherited, too
    start([&] {
      const auto own = directory.open();
      said.say(std::to_string(drain(*own).size()) + " while it lives");
      append(*own, {"child's"});
      if (drain(*own) != std::vector<std::string>{"child's"}) _exit(3);
      said.say("ready");
      for (const std::string& message : drain_when_there_is(*own)) said.say(message);
    });
    said.close_write();
    wait_for_the_end();
  });
  said.close_write();
  EXPECT_EQ(said.hear(), "0 while it lives");
  EXPECT_EQ(said.hear(), "ready");
  kill_and_wait(parent);
  EXPECT_EQ(said.hear(), "parent's");
  EXPECT_EQ(said.hear(), "parent's, too");
  EXPECT_EQ(said.hear(), "");
}

TEST(Processes, AChildKeepsNothingLockedForItsDeadParent) {
  const TestDirectory directory;
  Pipe said;
  Pipe wait;
  const pid_t parent = start([&] {
    wait.close_write();
    const auto spool = directory.open();
    append(*spool, {"parent's"});
    if (peek(*spool).empty()) _exit(2);
    start([&] {  // knows of no spool
      said.say("ready");
      wait.hear();
      said.say("ended");
    });
    wait_for_the_end();
  });
  EXPECT_EQ(said.hear(), "ready");
  const auto sibling = directory.open();
  EXPECT_THAT(peek(*sibling), IsEmpty());
  kill_and_wait(parent);
  EXPECT_THAT(drain(*sibling), ElementsAre("parent's")) << "the child still has the descriptors";
  wait.close_write();
  EXPECT_EQ(said.hear(), "ended");
}

// What the child adopts after its parent's death it locks by the same file of which it inherited a
// descriptor.
TEST(Processes, WhatAChildAdoptsFromItsParentIsItsOwn) {
  const TestDirectory directory;
  Pipe said;
  Pipe wait;
  const pid_t parent = start([&] {
    wait.close_write();
    const auto spool = directory.open();
    append(*spool, {"parent's"});
    start([&] {
      const auto own = directory.open();
      said.say("ready");
      while (peek(*own).empty()) {
        const timespec time{0, 1'000'000};
        nanosleep(&time, nullptr);
      }
      said.say("adopted");
      wait.hear();
      said.say(drain(*own).at(0));
    });
    wait_for_the_end();
  });
  EXPECT_EQ(said.hear(), "ready");
  kill_and_wait(parent);
  EXPECT_EQ(said.hear(), "adopted");
  const auto sibling = directory.open();
  EXPECT_THAT(peek(*sibling), IsEmpty());
  wait.close_write();
  EXPECT_EQ(said.hear(), "parent's");
}

TEST(Processes, ALockThatAKilledProcessLeftIsClearedAway) {
  const TestDirectory directory;
  Pipe said;
  const pid_t pid = start([&] {
    const auto spool = directory.open();
    said.say("ready");
    wait_for_the_end();
  });
  EXPECT_EQ(said.hear(), "ready");
  { const auto spool = directory.open(); }
  EXPECT_THAT(directory.files(".lock"), testing::SizeIs(1)) << "it lives";
  kill_and_wait(pid);
  { const auto spool = directory.open(); }
  EXPECT_THAT(directory.files(".lock"), IsEmpty());
}

}  // namespace
}  // namespace apitoolkit::sdk
