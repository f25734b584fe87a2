#include "src/server/store/sqlite/rewrite.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "src/server/store/calendar_day.h"

namespace apitoolkit::server::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSecret = "correct-horse-battery";

class Rewrite : public testing::Test {
 protected:
  Rewrite() {
    std::string pattern = (fs::temp_directory_path() / "rewrite-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~Rewrite() override { fs::remove_all(directory_); }

  static Uuid id(std::uint8_t kind, int number) {
    Uuid uuid{kind, 0xEE};
    uuid[14] = static_cast<std::uint8_t>(number >> 8);
    uuid[15] = static_cast<std::uint8_t>(number);
    return uuid;
  }

  // `count` exchanges a day over three days, of two projects, some with the secret; logs, a letter.
  void fill(int count) {
    const auto opened = open_sqlite_store(directory_);
    ASSERT_TRUE(opened) << opened.error().message;
    int number = 0;
    for (int day = 0; day < 3; ++day) {
      // In small batches, so that blocks are merged and pages become free.
      for (int i = 0; i < count; ++i) {
        Record record;
        record.project = id(1, i % 2);
        record.identity = id(2, number++);
        record.received_ns = number;
        record.exchange.start_ns = time_at(20'000 + day, 0) + i * 1'000'000'000LL;
        record.exchange.method = "GET";
        record.exchange.url_path = "/n/" + std::to_string(i);
        record.exchange.request_body.bytes =
            i % 3 == 0 ? R"({"card":")" + std::string(kSecret) + "\"}" : R"({"fine":true})";
        ASSERT_TRUE((*opened)->append({{&record, 1}}));
      }
    }
    LogEntry log;
    log.project = id(1, 0);
    log.trace_id = "t";
    log.time_ns = time_at(20'001, 0);
    log.body = kSecret;
    DeadLetter letter;
    letter.project = id(1, 0);
    letter.bytes = kSecret;
    ASSERT_TRUE((*opened)->append({{}, {&letter, 1}, {&log, 1}}));
  }

  static bool mask(std::string& text) {
    const std::size_t at = text.find(kSecret);
    if (at == std::string::npos) return false;
    text.replace(at, std::string_view(kSecret).size(), "masked");
    return true;
  }
  static Rewriting masking() {
    Rewriting rewriting;
    rewriting.wants = [](const Uuid&) { return true; };
    rewriting.record = [](Record& record) { return mask(record.exchange.request_body.bytes); };
    rewriting.log = [](LogEntry& entry) { return mask(entry.body); };
    rewriting.letter = [](DeadLetter& letter) { return mask(letter.bytes); };
    return rewriting;
  }

  // Everything that is stored of a project, as text.
  std::string contents(int project) const {
    const auto opened = open_sqlite_store(directory_);
    EXPECT_TRUE(opened) << opened.error().message;
    Filter filter;
    filter.project = id(1, project);
    const auto page = (*opened)->scan(filter, std::nullopt, {100'000, 1 << 30});
    std::string text;
    for (const Record& record : page->records) {
      text += record.exchange.url_path + " " + record.exchange.request_body.bytes + "\n";
    }
    const auto letters = (*opened)->dead_letters(filter.project, std::nullopt, 10);
    for (const DeadLetter& letter : *letters) text += "letter " + letter.bytes + "\n";
    const auto logs = (*opened)->logs(filter.project, "t", 10);
    for (const LogEntry& log : *logs) text += "log " + log.body + "\n";
    return text;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(directory_)) {
      found.push_back(entry.path().filename().string());
    }
    return found;
  }

  static std::string masked(std::string text) {
    while (mask(text)) {
    }
    return text;
  }

  std::string directory_;
};

TEST_F(Rewrite, ChangesWhatIsStoredAndNothingElse) {
  fill(100);
  const std::string first = contents(0);
  const std::string second = contents(1);
  ASSERT_NE(first.find(kSecret), std::string::npos);
  const auto done = rewrite_sqlite_store(directory_, masking());
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->exchanges, 300);
  EXPECT_EQ(done->exchanges_changed, 102);
  EXPECT_EQ(done->logs_changed, 1);
  EXPECT_EQ(done->letters_changed, 1);
  EXPECT_EQ(done->unreadable, 0);
  EXPECT_EQ(contents(0), masked(first));
  EXPECT_EQ(contents(1), masked(second));
  const auto again = rewrite_sqlite_store(directory_, masking());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->exchanges_changed + again->logs_changed + again->letters_changed, 0);
  for (const std::string& name : names()) EXPECT_EQ(name.find(".rewrite"), std::string::npos);
}

TEST_F(Rewrite, LeavesOtherProjectsAlone) {
  fill(30);
  const std::string first = contents(0);
  const std::string second = contents(1);
  Rewriting rewriting = masking();
  rewriting.wants = [](const Uuid& project) { return project == id(1, 1); };
  const auto done = rewrite_sqlite_store(directory_, rewriting);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->exchanges, 45);
  EXPECT_EQ(contents(0), first);
  EXPECT_EQ(contents(1), masked(second));
}

TEST_F(Rewrite, OnlyCountsWhereItIsDry) {
  fill(30);
  const std::string before = contents(0);
  Rewriting rewriting = masking();
  rewriting.dry_run = true;
  std::int64_t seen = 0;
  rewriting.progress = [&seen](std::int64_t count) { seen += count; };
  const auto done = rewrite_sqlite_store(directory_, rewriting);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->exchanges_changed, 30);
  EXPECT_EQ(done->logs_changed, 1);
  EXPECT_EQ(done->letters_changed, 1);
  EXPECT_EQ(seen, 90);
  EXPECT_EQ(contents(0), before);
}

TEST_F(Rewrite, StillDropsWhatArrivesAgain) {
  fill(30);
  ASSERT_TRUE(rewrite_sqlite_store(directory_, masking()));
  fill(30);
  const std::string text = contents(0);
  // Of letters and logs, which have no identity, there are two each.
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 45 + 2 + 2);
}

TEST_F(Rewrite, IsRefusedWhileTheStoreIsOpen) {
  fill(3);
  const auto opened = open_sqlite_store(directory_);
  const auto done = rewrite_sqlite_store(directory_, masking());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
}

// Where it is broken off each day is whole, and the next run does the rest.
TEST_F(Rewrite, GoesOnWhereItWasInterrupted) {
  fill(40);
  const std::string before = contents(0);
  std::atomic<bool> interrupt{false};
  Rewriting rewriting = masking();
  rewriting.interrupt = &interrupt;
  std::int64_t seen = 0;
  rewriting.progress = [&](std::int64_t count) {
    seen += count;
    if (seen > 60) interrupt = true;
  };
  const auto broken = rewrite_sqlite_store(directory_, rewriting);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kUnavailable);
  std::ofstream(directory_ + "/exchanges-2024-10-04.db.rewrite") << "left by a crash";
  const auto rest = rewrite_sqlite_store(directory_, masking());
  ASSERT_TRUE(rest) << rest.error().message;
  EXPECT_EQ(contents(0), masked(before));
}

}  // namespace
}  // namespace apitoolkit::server::store
