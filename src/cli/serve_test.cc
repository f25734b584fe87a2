// The program itself: how it starts, ends, refuses to start, and survives being killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "src/cli/program.h"
#include "src/cli/serve_program.h"
#include "src/net/raw_grpc_client.h"
#include "src/server/store/sqlite/database.h"
#include "src/server/test_server.h"

namespace apitoolkit::cli {
namespace {

using server::message;
using server::publish_body;
using server::TemporaryDirectory;
using testing::HasSubstr;
using testing::Not;

// The one line on standard error of a program that refuses to start.
std::string refusal(const std::vector<std::string>& arguments,
                    const std::map<std::string, std::string>& environment = kWishes) {
  Program program(arguments, environment);
  EXPECT_EQ(program.wait(), 1);
  EXPECT_EQ(std::count(program.stderr_text.begin(), program.stderr_text.end(), '\n'), 1)
      << program.stderr_text;
  EXPECT_EQ(program.stdout_text, "");
  return program.stderr_text;
}

TEST(Serve, PrintsWhatItMadeOnceAndWhereItListens) {
  const TemporaryDirectory directory;
  const std::map<std::string, std::string> nothing{{"APITOOLKIT_BOOTSTRAP_KEY", ""},
                                                   {"APITOOLKIT_BOOTSTRAP_PASSWORD", ""},
                                                   {"APITOOLKIT_BOOTSTRAP_PROJECT", ""}};
  {
    Program first(serving(directory.path() + "/data"), nothing);
    ASSERT_NE(first.port(), 0);
    for (const char* word : {"owner", "password", "API key: ", "project"}) {
      EXPECT_THAT(first.stdout_text, HasSubstr(word));
    }
    first.send_signal(SIGTERM);
    EXPECT_EQ(first.wait(), 0);
  }
  Program second(serving(directory.path() + "/data"), nothing);
  ASSERT_NE(second.port(), 0);
  EXPECT_THAT(second.stdout_text, Not(HasSubstr("owner")));
  second.send_signal(SIGINT);
  EXPECT_EQ(second.wait(), 0);
}

TEST(Serve, AnswersTheSameAtEveryAddressItIsGiven) {
  const TemporaryDirectory directory;
  seed(directory.path());
  Program program(
      serving(directory.path(), {"--grpc-listen", "127.0.0.1:0", "--otlp-listen", "127.0.0.1:0"}),
      kWishes);
  ASSERT_NE(program.port(), 0);
  for (const std::string line :
       {"OTLP over gRPC: http://127.0.0.1:", "OTLP over HTTP: http://127.0.0.1:"}) {
    const std::size_t at = program.stdout_text.find(line);
    ASSERT_NE(at, std::string::npos) << program.stdout_text;
    const auto port =
        static_cast<std::uint16_t>(std::atoi(program.stdout_text.c_str() + at + line.size()));
    EXPECT_NE(port, program.port());
    EXPECT_EQ(get(port, "/api/client_metadata").status, 200);
    net::RawGrpcClient grpc(port);
    const auto exported = grpc.call("/opentelemetry.proto.collector.trace.v1.TraceService/Export",
                                    "", {{"authorization", std::string("Bearer ") + server::kKey}});
    EXPECT_EQ(exported.code, 0) << exported.text;
  }
  program.send_signal(SIGTERM);
  EXPECT_EQ(program.wait(), 0);
}

TEST(Serve, KeepsWishedSecretsToItself) {
  const TemporaryDirectory directory;
  Program program(serving(directory.path()), kWishes);
  ASSERT_NE(program.port(), 0);
  program.send_signal(SIGTERM);
  EXPECT_EQ(program.wait(), 0);
  for (const std::string& text : {program.stdout_text, program.stderr_text}) {
    EXPECT_THAT(text, Not(HasSubstr(server::kKey)));
    EXPECT_THAT(text, Not(HasSubstr(server::kPassword)));
  }
}

TEST(Serve, RefusesToStartInOneSentenceThatSaysWhatToDo) {
  const TemporaryDirectory directory;
  const std::string data = directory.path() + "/data";
  seed(data);
  Program running(serving(data), kWishes);
  const std::uint16_t port = running.port();
  ASSERT_NE(port, 0);

  EXPECT_THAT(refusal(serving(data)), HasSubstr(data));
  const std::string taken = refusal({"serve", "--data", directory.path() + "/other", "--listen",
                                     "127.0.0.1:" + std::to_string(port)});
  EXPECT_THAT(taken, HasSubstr(std::to_string(port)));
  EXPECT_THAT(taken, HasSubstr("--listen"));
  std::ofstream(directory.path() + "/file") << "x";
  EXPECT_THAT(refusal(serving(directory.path() + "/file/data")), HasSubstr("--data"));
  EXPECT_THAT(refusal({"serve"}), HasSubstr("--data"));
  EXPECT_THAT(refusal({"serve", "--data", data + "2", "--listen", "0.0.0.0:0"}),
              HasSubstr("--insecure-http"));
  for (const char* flag : {"--grpc-listen", "--otlp-listen"}) {
    EXPECT_THAT(refusal(serving(data + "2", {flag, "0.0.0.0:0"})), HasSubstr("--insecure-http"));
    EXPECT_THAT(refusal(serving(data + "2", {flag, "127.0.0.1:" + std::to_string(port)})),
                HasSubstr(flag));
  }
  EXPECT_THAT(refusal(serving(data + "3", {"--otlp-listen", "0.0.0.0:0", "--insecure-http"}),
                      {{"APITOOLKIT_BOOTSTRAP_PASSWORD", ""}}),
              HasSubstr("APITOOLKIT_BOOTSTRAP_PASSWORD"));
  EXPECT_THAT(refusal({"serve", "--data", data + "3", "--listen", "0.0.0.0:0", "--insecure-http"},
                      {{"APITOOLKIT_BOOTSTRAP_PASSWORD", ""}}),
              HasSubstr("APITOOLKIT_BOOTSTRAP_PASSWORD"));
  EXPECT_THAT(refusal(serving(data + "4"), {{"APITOOLKIT_BOOTSTRAP_KEY", "short"}}),
              HasSubstr("APITOOLKIT_BOOTSTRAP_KEY"));
  EXPECT_THAT(refusal(serving(data + "5", {"--config", "/no/such/file"})),
              HasSubstr("/no/such/file"));
}

TEST(Serve, RefusesADatabaseOfANewerVersion) {
  const TemporaryDirectory directory;
  seed(directory.path());
  {
    Program program(serving(directory.path()), kWishes);
    net::RawClient client(program.port());
    EXPECT_EQ(client
                  .call(net::raw_request("POST", publish_path(program.port()), {},
                                         publish_body({message("/a")})))
                  ->status,
              200);
    program.send_signal(SIGTERM);
    EXPECT_EQ(program.wait(), 0);
  }
  std::size_t checked = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory.path())) {
    if (entry.path().extension() != ".db") continue;
    const std::string path = entry.path().string();
    std::filesystem::copy_file(path, path + ".kept");
    {
      auto database = server::store::Database::open(path, server::store::Database::Access::kWrite);
      ASSERT_TRUE(database->execute("PRAGMA user_version = 999"));
    }
    const std::string sentence = refusal(serving(directory.path()));
    EXPECT_THAT(sentence, HasSubstr("newer"));
    EXPECT_THAT(sentence, HasSubstr(entry.path().filename().string()));
    std::filesystem::rename(path + ".kept", path);
    checked++;
  }
  EXPECT_GE(checked, 2u);
}

TEST(Serve, LosesNothingAcknowledgedWhenItIsKilled) {
  const TemporaryDirectory directory;
  seed(directory.path());
  std::mutex mutex;
  std::set<std::string> acknowledged;
  std::map<std::string, std::string> unanswered;  // path to the message that was sent
  for (int round = 0; round < 3; round++) {
    Program program(serving(directory.path()), kWishes);
    const std::uint16_t port = program.port();
    ASSERT_NE(port, 0);
    const std::string path = publish_path(port);
    std::atomic<int> answered{0};
    std::atomic<int> at_work{4};
    std::vector<std::thread> publishers;
    for (int p = 0; p < 4; p++) {
      publishers.emplace_back([&, p] {
        net::RawClient client(port);
        for (int i = 0;; i++) {
          const std::string name =
              "/" + std::to_string(round) + "/" + std::to_string(p) + "/" + std::to_string(i);
          const std::vector<std::string> batch{message(name + "/a"), message(name + "/b")};
          const auto answer = client.call(net::raw_request("POST", path, {}, publish_body(batch)));
          const std::lock_guard lock(mutex);
          if (!answer || answer->status != 200) {
            unanswered[name + "/a"] = batch[0];
            unanswered[name + "/b"] = batch[1];
            at_work--;
            return;
          }
          acknowledged.insert({name + "/a", name + "/b"});
          answered++;
        }
      });
    }
    while (answered < 40 && at_work > 0) std::this_thread::yield();
    EXPECT_GE(answered, 40);
    program.send_signal(SIGKILL);
    for (std::thread& publisher : publishers) publisher.join();
    EXPECT_EQ(program.wait(), 128 + SIGKILL);
  }

  Program program(serving(directory.path()), kWishes);
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0);
  // Each publisher tries what was not answered again, as an SDK does.
  const std::string path = publish_path(port);
  for (const auto& [name, text] : unanswered) {
    net::RawClient client(port);
    const auto answer = client.call(net::raw_request("POST", path, {}, publish_body({text})));
    ASSERT_TRUE(answer) << name;
    EXPECT_EQ(answer->status, 200);
    acknowledged.insert(name);
  }
  const auto stored = stored_paths(port);
  EXPECT_EQ(stored.size(), acknowledged.size());
  for (const std::string& name : acknowledged) EXPECT_EQ(stored.count(name), 1u) << name;
  program.send_signal(SIGTERM);
  EXPECT_EQ(program.wait(), 0);
}

TEST(Cli, TellsItsVersionAndItsCommands) {
  Program version({"--version"});
  EXPECT_EQ(version.wait(), 0);
  EXPECT_THAT(version.stdout_text, HasSubstr(APITOOLKIT_VERSION));
  Program help({"--help"});
  EXPECT_EQ(help.wait(), 0);
  EXPECT_THAT(help.stdout_text, HasSubstr("serve"));
  Program nothing({});
  EXPECT_NE(nothing.wait(), 0);
  Program unknown({"serve", "--no-such-option"});
  EXPECT_NE(unknown.wait(), 0);
  EXPECT_THAT(unknown.stderr_text, HasSubstr("--no-such-option"));
}

TEST(Cli, SetsAPasswordFromStandardInput) {
  const TemporaryDirectory directory;
  seed(directory.path());
  Program set({"user", "password", "owner", "--data", directory.path()}, {}, "a new password\n");
  EXPECT_EQ(set.wait(), 0) << set.stderr_text;
  Program unknown({"user", "password", "nobody", "--data", directory.path()}, {},
                  "a new password\n");
  EXPECT_EQ(unknown.wait(), 1);
  Program brief({"user", "password", "owner", "--data", directory.path()}, {}, "short\n");
  EXPECT_EQ(brief.wait(), 1);
  Program program(serving(directory.path()), kWishes);
  net::RawClient client(program.port());
  EXPECT_EQ(
      client
          .call(net::raw_request("POST", "/api/v1/session", {"Content-Type: application/json"},
                                 R"({"name":"owner","password":"a new password"})"))
          ->status,
      200);
}

}  // namespace
}  // namespace apitoolkit::cli
