#include "src/base/settings_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace apitoolkit {
namespace {

using testing::HasSubstr;

class SettingsFile : public testing::Test {
 protected:
  ~SettingsFile() override { std::filesystem::remove(path_); }

  Result<Settings> read(std::string_view text) const {
    std::ofstream(path_, std::ios::binary) << text;
    return read_settings_file(path_);
  }
  std::string error(std::string_view text) const {
    const auto settings = read(text);
    return settings ? "no error" : settings.error().message;
  }

  const std::string path_ = testing::TempDir() + "settings_" + std::to_string(::getpid()) + ".toml";
};

TEST_F(SettingsFile, GivesEachValueInItsOwnTypeWithItsLine) {
  const auto settings = read(
      "# rules\n"
      "text = \"$.a\"\n"
      "list = [\"X-One\",\n  'X-Two']\n"
      "number = 7\nfraction = 2.5\nflag = true\nnone = []\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(*settings->at("text").text(), "$.a");
  EXPECT_EQ(*settings->at("list").list(), (std::vector<std::string>{"X-One", "X-Two"}));
  EXPECT_EQ(*settings->at("number").integer(), 7);
  EXPECT_EQ(std::get<double>(settings->at("fraction").value), 2.5);
  EXPECT_TRUE(*settings->at("flag").flag());
  EXPECT_TRUE(settings->at("none").list()->empty());
  EXPECT_EQ(settings->at("text").line, 2U);
  EXPECT_EQ(settings->at("number").line, 5U);
  EXPECT_EQ(settings->at("number").text(), nullptr);
}

TEST_F(SettingsFile, MayBeEmpty) {
  const auto settings = read("");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_TRUE(settings->empty());
}

TEST_F(SettingsFile, SaysWhereItIsWrong) {
  EXPECT_THAT(error("a = 1\nb = = 2\n"), HasSubstr(path_ + ":2: "));
  EXPECT_THAT(error("a = 1\n[table]\nb = 2\n"), HasSubstr(path_ + ":2: table: expected a string"));
  EXPECT_THAT(error("a = [1, 2]"), HasSubstr(path_ + ":1: a: expected"));
  EXPECT_THAT(error("a = [\"x\", 2]"), HasSubstr("a list of strings"));
  EXPECT_THAT(error("day = 2026-01-01"), HasSubstr("day: expected"));
  EXPECT_THAT(error("a = 1\na = 2\n"), HasSubstr(path_ + ":2: "));
  EXPECT_THAT(error("a = \"\xff\"\n"), HasSubstr(path_ + ":1: "));
}

TEST_F(SettingsFile, SaysWhyItCannotBeRead) {
  EXPECT_EQ(read_settings_file("/nowhere/at.toml").error().message,
            "cannot read /nowhere/at.toml: No such file or directory");
  EXPECT_EQ(read_settings_file("/nowhere/at.toml").error().code, ErrorCode::kIo);
  EXPECT_EQ(read_settings_file(testing::TempDir()).error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace apitoolkit
