#include "src/net/ca_file.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace apitoolkit::net {
namespace {

TEST(TrustedRoots, AreThoseOfTheEnvironmentOrElseTheFirstFileThatIsThere) {
  const auto there = std::filesystem::path(testing::TempDir()) / "trusted_roots.pem";
  std::ofstream(there) << "x";
  const std::string absent = there.string() + ".absent";
  const std::array<const char*, 2> usual = {absent.c_str(), there.c_str()};
  struct Case {
    const char* file;
    const char* directory;
    std::span<const char* const> usual;
    std::string expected_file;
    std::string expected_directory;
  };
  const Case cases[] = {
      {nullptr, nullptr, usual, there.string(), ""},
      {"", "", usual, there.string(), ""},
      {"/own.pem", nullptr, usual, "/own.pem", ""},
      {nullptr, "/own", usual, "", "/own"},
      {"/own.pem", "/own", usual, "/own.pem", "/own"},
      // Named, so not to be passed over silently because it is missing.
      {absent.c_str(), nullptr, usual, absent, ""},
      {nullptr, nullptr, std::span(usual).first(1), "", ""},
  };
  for (const Case& c : cases) {
    const TrustedRoots roots = trusted_roots(c.file, c.directory, c.usual);
    EXPECT_EQ(roots.file, c.expected_file);
    EXPECT_EQ(roots.directory, c.expected_directory);
  }
  std::filesystem::remove(there);
}

}  // namespace
}  // namespace apitoolkit::net
