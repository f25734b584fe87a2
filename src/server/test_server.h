// For tests: a whole server in this process, on a port and a directory of its own, and what talks
// to it over a real socket.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/base64.h"
#include "src/base/clock.h"
#include "src/json/document.h"
#include "src/net/raw_client.h"
#include "src/server/server.h"

namespace apitoolkit::server {

inline constexpr const char* kKey = "test-key-0123456789abcdef";
inline constexpr const char* kPassword = "correct horse battery staple";
inline constexpr const char* kProject = "11111111-2222-4333-8444-555555555555";

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "server-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The raw text of a value inside a JSON text: members by name, elements by number. "" if it is not
// there.
inline std::string json_at(const std::string& text, const std::vector<std::string>& path) {
  const auto document = json::Document::parse(text);
  if (!document) return {};
  std::uint32_t node = document->root();
  for (const std::string& step : path) {
    const json::Node& here = (*document)[node];
    if (here.type == json::Type::kObject) {
      const auto member = document->member(node, step);
      if (!member) return {};
      node = *member;
      continue;
    }
    if (here.type != json::Type::kArray) return {};
    const auto index = static_cast<std::uint32_t>(std::stoul(step));
    if (index >= here.count) return {};
    node++;
    for (std::uint32_t i = 0; i < index; i++) node = (*document)[node].next;
  }
  return (*document)[node].type == json::Type::kString ? document->text(node)
                                                       : std::string(document->raw(node));
}

// How many elements the array at `path` has.
inline std::size_t json_count(const std::string& text, const std::vector<std::string>& path) {
  const std::string array = json_at(text, path);
  const auto document = json::Document::parse(array);
  return document ? (*document)[document->root()].count : 0;
}

// A message as an SDK of the field sends it; `members` is JSON and comes last, so it overrides.
inline std::string message(std::string_view path, std::string_view members = "") {
  return R"({"timestamp":")" + base::format_rfc3339(base::system_clock().now_ns()) +
         R"(","method":"GET","raw_url":")" + std::string(path) + R"(","url_path":")" +
         std::string(path) + R"(","status_code":200,"duration":1000,"sdk_type":"JsExpress")" +
         (members.empty() ? "" : "," + std::string(members)) + "}";
}

inline std::string publish_body(const std::vector<std::string>& messages) {
  std::string body = R"({"messages":[)";
  for (const std::string& one : messages) {
    if (body.back() == '}') body += ",";
    body += R"({"data":")" + base::base64_encode(one) + R"("})";
  }
  return body + "]}";
}

inline account::BootstrapWishes test_wishes() {
  return {kPassword, kKey, kProject};
}

// A catalog as the first start leaves it, made once a process: an RSA key and argon2id are slow.
inline const std::string& founded_catalog() {
  static const TemporaryDirectory kDirectory;
  static const std::string kPath = [] {
    auto catalog = account::open_catalog(kDirectory.path());
    EXPECT_TRUE(catalog);
    EXPECT_TRUE(account::bootstrap(**catalog, test_wishes(), base::system_clock().now_ns()));
    return kDirectory.path() + "/catalog.db";
  }();
  return kPath;
}

class TestServer {
 public:
  explicit TestServer(ServerOptions options = {}) {
    if (options.data_directory.empty()) {
      options.data_directory = directory_.path();
      std::filesystem::copy_file(founded_catalog(), directory_.path() + "/catalog.db");
    }
    options.http.port = 0;
    options.wishes = test_wishes();
    auto started = Server::start(std::move(options));
    EXPECT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }

  Server& operator*() { return *server_; }
  Server* operator->() { return server_.get(); }
  std::uint16_t port() const { return server_->port(); }

  net::RawAnswer call(std::string_view method, std::string_view target,
                      std::vector<std::string> headers = {}, std::string_view body = {}) const {
    net::RawClient client(server_->port());
    auto answer = client.call(net::raw_request(method, target, headers, body), method == "HEAD");
    EXPECT_TRUE(answer) << target;
    return answer.value_or(net::RawAnswer{});
  }

  net::RawAnswer get(std::string_view target, std::string_view key = kKey) const {
    return call("GET", target, {"Authorization: Bearer " + std::string(key)});
  }

  // Where that key publishes to.
  std::string publish_path(std::string_view key = kKey) const {
    const std::string metadata = get("/api/client_metadata", key).body;
    return "/v1/projects/" + json_at(metadata, {"pubsub_project_id"}) + "/topics/" +
           json_at(metadata, {"topic_id"}) + ":publish";
  }

  net::RawAnswer publish(const std::vector<std::string>& messages,
                         std::vector<std::string> headers = {}) const {
    if (path_.empty()) path_ = publish_path();
    headers.emplace_back("Content-Type: application/json");
    return call("POST", path_, std::move(headers), publish_body(messages));
  }

  // A further project with a key that may do everything.
  std::string add_project(const std::string& name) {
    const Uuid id = base_id(name);
    auto project = account::make_project(id, name);
    EXPECT_TRUE(project);
    EXPECT_TRUE(server_->accounts().add_project(std::move(*project)));
    return server_->accounts().add_key(id, "key of " + name, {3})->secret;
  }

 private:
  static Uuid base_id(const std::string& name) {
    Uuid id{};
    id[0] = 0x99;
    for (std::size_t i = 0; i < name.size() && i < 15; i++) {
      id[i + 1] = static_cast<std::uint8_t>(name[i]);
    }
    return id;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Server> server_;
  mutable std::string path_;
};

}  // namespace apitoolkit::server
