#include "src/cli/serve_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace apitoolkit::cli {
namespace {

using testing::HasSubstr;

class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) {
    path_ = (std::filesystem::temp_directory_path() / "settings-XXXXXX").string();
    const int file = mkstemp(path_.data());
    EXPECT_GE(file, 0);
    ::close(file);
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path_); }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(ServeSettings, AFlagCountsBeforeTheEnvironmentBeforeTheFileBeforeTheDefault) {
  const Given file{{"data", "/file"}, {"listen", "127.0.0.1:1"}, {"retention_days", "3"}};
  const Given environment{{"data", "/environment"}, {"listen", "127.0.0.1:2"}};
  const auto settings = resolve({{"data", "/flag"}}, environment, file);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->data, "/flag");
  EXPECT_EQ(settings->listen.port, 2);
  EXPECT_EQ(settings->retention_days, 3);
  EXPECT_FALSE(settings->insecure_http);
}

TEST(ServeSettings, ReadsAddresses) {
  struct Case {
    const char* text;
    const char* host;
    int port;
  };
  for (const Case& c : {Case{"127.0.0.1:0", "127.0.0.1", 0},
                        {"0.0.0.0:65535", "0.0.0.0", 65535},
                        {"[::1]:8080", "::1", 8080},
                        {"localhost:80", "127.0.0.1", 80}}) {
    const auto settings = resolve({{"data", "d"}, {"listen", c.text}}, {}, {});
    ASSERT_TRUE(settings) << c.text;
    EXPECT_EQ(settings->listen.host, c.host);
    EXPECT_EQ(settings->listen.port, c.port);
  }
}

TEST(ServeSettings, ListensForOtlpWhereItIsAskedToAndNowhereElse) {
  const auto neither = resolve({{"data", "d"}}, {}, {});
  ASSERT_TRUE(neither);
  EXPECT_FALSE(neither->grpc_listen);
  EXPECT_FALSE(neither->otlp_listen);
  const auto both = resolve({{"data", "d"}, {"grpc_listen", "127.0.0.1:4317"}},
                            {{"otlp_listen", "[::1]:4318"}}, {});
  ASSERT_TRUE(both);
  ASSERT_TRUE(both->grpc_listen && both->otlp_listen);
  EXPECT_EQ(both->grpc_listen->port, 4317);
  EXPECT_EQ(both->otlp_listen->host, "::1");
  EXPECT_EQ(both->otlp_listen->port, 4318);
  EXPECT_EQ(both->listen.port, 8080);
}

TEST(ServeSettings, NamesWhatIsWrongAsItWasWritten) {
  struct Case {
    Given flags;
    Given environment;
    Given file;
    const char* named;
  };
  for (const Case& c :
       {Case{{}, {}, {}, "--data"},
        {{{"data", ""}}, {}, {}, "--data"},
        {{{"data", "d"}, {"listen", "8080"}}, {}, {}, "--listen"},
        {{{"data", "d"}, {"listen", ":8080"}}, {}, {}, "--listen"},
        {{{"data", "d"}, {"listen", "a:b"}}, {}, {}, "--listen"},
        {{{"data", "d"}, {"listen", "a:65536"}}, {}, {}, "--listen"},
        {{{"data", "d"}, {"listen", "a:-1"}}, {}, {}, "--listen"},
        {{{"data", "d"}, {"listen", "::1:80"}}, {}, {}, "--listen"},
        {{{"data", "d"}, {"grpc_listen", "4317"}}, {}, {}, "--grpc-listen"},
        {{{"data", "d"}}, {{"otlp_listen", "a"}}, {}, "APITOOLKIT_SERVER_OTLP_LISTEN"},
        {{{"data", "d"}}, {{"retention_days", "0"}}, {}, "APITOOLKIT_SERVER_RETENTION_DAYS"},
        {{{"data", "d"}}, {{"retention_days", "1d"}}, {}, "APITOOLKIT_SERVER_RETENTION_DAYS"},
        {{{"data", "d"}},
         {},
         {{"insecure_http", "maybe"}},
         "insecure_http in the configuration file"}}) {
    const auto settings = resolve(c.flags, c.environment, c.file);
    ASSERT_FALSE(settings) << c.named;
    EXPECT_THAT(settings.error().message, HasSubstr(c.named));
  }
}

TEST(ServeSettings, ReadsTheEnvironmentByName) {
  const Given given = read_environment([](const char* name) -> const char* {
    if (std::string_view(name) == "APITOOLKIT_SERVER_RETENTION_DAYS") return "30";
    if (std::string_view(name) == "APITOOLKIT_SERVER_DATA") return "";
    return nullptr;
  });
  EXPECT_EQ(given, (Given{{"retention_days", "30"}}));
}

TEST(ServeSettings, ReadsTomlInItsOwnTypes) {
  const ConfigFile file(
      "data = \"/d\"\nlisten = \"127.0.0.1:9\"\nretention_days = 30\ninsecure_http = true\n");
  const auto given = read_config_file(file.path());
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_EQ(*given, (Given{{"data", "/d"},
                           {"listen", "127.0.0.1:9"},
                           {"retention_days", "30"},
                           {"insecure_http", "true"}}));
}

TEST(ServeSettings, NamesTheFileAndTheKeyOrLineThatIsWrong) {
  struct Case {
    const char* text;
    const char* named;
  };
  for (const Case& c : {Case{"data = \n", ":1:"},
                        {"data = \"d\"\nretention = 3\n", "\"retention\""},
                        {"config = \"x\"\n", "\"config\""},
                        {"data = [1]\n", "data: expected"},
                        {"retention_days = 1.5\n", "retention_days: expected"}}) {
    const ConfigFile file(c.text);
    const auto given = read_config_file(file.path());
    ASSERT_FALSE(given) << c.text;
    EXPECT_THAT(given.error().message, HasSubstr(file.path()));
    EXPECT_THAT(given.error().message, HasSubstr(c.named));
  }
  EXPECT_FALSE(read_config_file("/no/such/file"));
}

}  // namespace
}  // namespace apitoolkit::cli
