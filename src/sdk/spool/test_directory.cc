#include "src/sdk/spool/test_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace apitoolkit::sdk {

TestDirectory::TestDirectory() {
  std::string pattern = std::filesystem::temp_directory_path() / "spool_test_XXXXXX";
  path_ = mkdtemp(pattern.data());
}

TestDirectory::~TestDirectory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

std::unique_ptr<Spool> TestDirectory::open(std::int64_t bytes_max) const {
  auto spool = Spool::open({path_, bytes_max, &clock_});
  EXPECT_TRUE(spool.has_value()) << spool.error().message;
  return std::move(*spool);
}

std::vector<std::string> TestDirectory::files(std::string_view suffix) const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    if (entry.path().string().ends_with(suffix)) names.push_back(entry.path());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_whole(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void append(Spool& spool, const std::vector<std::string>& messages) {
  const std::vector<std::string_view> views(messages.begin(), messages.end());
  const Status status = spool.append(views);
  EXPECT_TRUE(status.has_value()) << status.error().message;
}

std::vector<std::string> drain(Spool& spool) {
  std::vector<std::string> all;
  while (true) {
    const auto batch = spool.oldest();
    EXPECT_TRUE(batch.has_value()) << batch.error().message;
    if (!batch || !*batch) return all;
    all.insert(all.end(), (*batch)->messages.begin(), (*batch)->messages.end());
    const Status status = spool.remove(**batch);
    EXPECT_TRUE(status.has_value()) << status.error().message;
  }
}

std::vector<std::string> peek(Spool& spool) {
  const auto batch = spool.oldest();
  EXPECT_TRUE(batch.has_value()) << batch.error().message;
  return batch && *batch ? (*batch)->messages : std::vector<std::string>();
}

}  // namespace apitoolkit::sdk
