#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "apitoolkit/config.h"

namespace apitoolkit {
namespace {

using Texts = std::vector<std::string>;

class ConfigFile : public testing::Test {
 protected:
  ~ConfigFile() override { std::filesystem::remove(path_); }

  Status read(std::string_view text) {
    std::ofstream(path_) << text;
    return read_config_file(path_, config_);
  }

  const std::string path_ = testing::TempDir() + "config_" + std::to_string(::getpid()) + ".toml";
  Config config_;
};

TEST_F(ConfigFile, SetsWhatItNamesAndLeavesTheRest) {
  config_.service_version = "1";
  config_.tags = {"mine"};
  const Status status = read(
      "api_key = 'k'\ntags = ['prod', 'eu']\nredact_request_body = '$.a'\n"
      "otlp_endpoint = 'http://c:4318'\notlp_headers = ['a=b']\nservice_name = 'shop'\n"
      "redact_default_headers = false\nqueue_bytes_max = 1000\nflush_timeout_s = 0.25\n");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(config_.api_key, "k");
  EXPECT_EQ(config_.tags, (Texts{"prod", "eu"}));
  EXPECT_EQ(config_.redact_request_body, Texts{"$.a"});
  EXPECT_EQ(config_.otlp_endpoint, "http://c:4318");
  EXPECT_EQ(config_.otlp_headers, Texts{"a=b"});
  EXPECT_EQ(config_.service_name, "shop");
  EXPECT_FALSE(config_.redact_default_headers);
  EXPECT_EQ(config_.queue_bytes_max, 1000);
  EXPECT_EQ(config_.flush_timeout_ms, 250);
  EXPECT_EQ(config_.service_version, "1");
  EXPECT_TRUE(config_.enabled);
}

TEST_F(ConfigFile, ChangesNothingWhereItIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"api_key = 'k'\nredact_header = ['X']\n",
       ":2: redact_header: expected a setting of the SDK"},
      {"api_key = 7\n", ":1: api_key: expected a string"},
      {"api_key = 'k'\nqueue_bytes_max = -1\n", "expected a whole number from 0 on"},
      {"debug = 1\n", "debug: expected true or false"},
      {"tags = 1\n", "tags: expected a list of strings"},
      {"flush_timeout_s = nan\n", "expected a number of seconds from 0 on"},
      {"sdk = 'x/1'\n", "sdk: expected a setting"},
      {"api_key = \n", ":1: "}};
  for (const auto& [text, message] : cases) {
    const Status status = read(text);
    ASSERT_FALSE(status) << text;
    EXPECT_THAT(status.error().message, testing::HasSubstr(message));
    EXPECT_THAT(status.error().message, testing::StartsWith(path_));
    EXPECT_EQ(config_.api_key, "");
  }
}

}  // namespace
}  // namespace apitoolkit
