#include "src/server/disk_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr int kNotPermitted = 77;

// In a process of its own: mounts a file system at `place`, looks, makes it read-only, looks again,
// and writes a line about each to `out`.
void look_before_and_after(const std::string& place, int out) {
  // What is mounted here, nobody else sees, and it is gone with this process. A namespace of users
  // gives those who are not root the right to do so, where the system lets them.
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWNS) != 0) {
    ::_exit(kNotPermitted);
  }
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("none", place.c_str(), "tmpfs", 0, "size=512m") != 0) {
    ::_exit(kNotPermitted);
  }
  DiskWatch watch(free_bytes_of(place));
  std::string text;
  const auto look = [&] {
    const bool changed = watch.check();
    text += (changed ? "changed: " : "same: ") + watch.read_only().value_or("takes it in") + "\n";
  };
  look();
  const bool made = ::mount("none", place.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  look();
  const bool told = ::write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::_exit(made && told ? 0 : 1);
}

TEST(DiskWatch, AFileSystemThatTurnsReadOnlyIsNoticed) {
  const TemporaryDirectory directory;
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) look_before_and_after(directory.path(), ends[1]);
  ASSERT_GT(child, 0);
  ::close(ends[1]);
  std::string text;
  std::array<char, 512> piece{};
  for (ssize_t size = 0; (size = ::read(ends[0], piece.data(), piece.size())) > 0;) {
    text.append(piece.data(), static_cast<std::size_t>(size));
  }
  ::close(ends[0]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNotPermitted) {
    GTEST_SKIP() << "no file system may be mounted here: neither namespaces of users nor root";
  }
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_THAT(text, StartsWith("same: takes it in\nchanged: the server is read-only: "));
  EXPECT_THAT(text, HasSubstr("the file system of " + directory.path() + " is read-only\n"));
}

}  // namespace
}  // namespace apitoolkit::server
