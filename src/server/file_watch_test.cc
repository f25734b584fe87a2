#include "src/server/file_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

void write(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

TEST(FileWatch, TellsOfEachChangeOnceWhenTheFilesAreAtRest) {
  const TemporaryDirectory directory;
  const std::string first = directory.path() + "/first";
  const std::string second = directory.path() + "/second";
  write(first, "1");
  write(second, "1");
  FileWatch watch({first, second});
  EXPECT_FALSE(watch.check());
  write(first, "22");
  EXPECT_FALSE(watch.check()) << "the other may follow";
  write(second, "22");
  EXPECT_FALSE(watch.check());
  EXPECT_TRUE(watch.check());
  EXPECT_FALSE(watch.check());
}

TEST(FileWatch, SeesWhatIsPutInAFilesPlaceBehindALinkAndTakenAway) {
  const TemporaryDirectory directory;
  const std::string link = directory.path() + "/link";
  write(directory.path() + "/old", "1");
  write(directory.path() + "/new", "1");
  std::filesystem::create_symlink(directory.path() + "/old", link);
  FileWatch watch({link});
  std::filesystem::remove(link);
  std::filesystem::create_symlink(directory.path() + "/new", link);
  EXPECT_FALSE(watch.check());
  EXPECT_TRUE(watch.check());
  std::filesystem::remove(link);
  EXPECT_FALSE(watch.check());
  EXPECT_TRUE(watch.check());
}

}  // namespace
}  // namespace apitoolkit::server
