// For tests: `apitoolkit serve` as a process, and what asks it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "src/cli/program.h"
#include "src/server/test_server.h"

namespace apitoolkit::cli {

inline const std::map<std::string, std::string> kWishes{
    {"APITOOLKIT_BOOTSTRAP_KEY", server::kKey},
    {"APITOOLKIT_BOOTSTRAP_PASSWORD", server::kPassword},
    {"APITOOLKIT_BOOTSTRAP_PROJECT", server::kProject}};

inline std::vector<std::string> serving(const std::string& data,
                                        const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"serve", "--data", data, "--listen", "127.0.0.1:0"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// A data directory of an earlier start.
inline void seed(const std::string& data) {
  std::filesystem::create_directories(data);
  std::filesystem::copy_file(server::founded_catalog(), data + "/catalog.db");
}

inline net::RawAnswer get(std::uint16_t port, const std::string& path) {
  net::RawClient client(port);
  const auto answer = client.call(
      net::raw_request("GET", path, {std::string("Authorization: Bearer ") + server::kKey}));
  return answer.value_or(net::RawAnswer{});
}

inline std::string publish_path(std::uint16_t port) {
  const std::string metadata = get(port, "/api/client_metadata").body;
  return "/v1/projects/" + server::json_at(metadata, {"pubsub_project_id"}) + "/topics/" +
         server::json_at(metadata, {"topic_id"}) + ":publish";
}

// How often each path is stored.
inline std::multiset<std::string> stored_paths(std::uint16_t port) {
  std::multiset<std::string> paths;
  std::string cursor;
  do {
    const auto page = get(port, "/api/v1/exchanges?limit=1000&fields=url_path" +
                                    (cursor.empty() ? "" : "&cursor=" + cursor));
    EXPECT_EQ(page.status, 200) << page.body;
    const auto document = json::Document::parse(page.body);
    std::size_t at = 0;
    constexpr std::string_view kMember = "\"url_path\":\"";
    while ((at = page.body.find(kMember, at)) != std::string::npos) {
      at += kMember.size();
      paths.insert(page.body.substr(at, page.body.find('"', at) - at));
    }
    cursor = server::json_at(page.body, {"next_cursor"});
  } while (cursor != "null" && !cursor.empty());
  return paths;
}

}  // namespace apitoolkit::cli
