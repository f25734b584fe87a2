#include "src/cli/sse_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace apitoolkit::cli {
namespace {

struct Read {
  std::vector<std::string> events;  // "name: data"
  std::string last_id;
};

// In pieces of `size` bytes.
Read read(std::string_view text, std::size_t size) {
  Read out;
  SseReader reader([&out](const SseEvent& event) {
    out.events.push_back(event.name + ": " + event.data);
    return true;
  });
  for (std::size_t at = 0; at < text.size(); at += size) {
    EXPECT_TRUE(reader.feed(text.substr(at, size)));
  }
  out.last_id = reader.last_id();
  return out;
}

TEST(SseReader, ReadsEventsHoweverTheyAreCut) {
  const std::string text =
      "retry: 1000\nid: 1\nevent: ready\ndata: {}\n\n"
      ": a comment\nid:2\r\nevent:exchange\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\n"
      "data: plain\r\r"
      "id: 3\n\n"
      "event: cut off\ndata: x";
  for (const std::size_t size : {1, 2, 3, 7, 1000}) {
    const Read got = read(text, size);
    ASSERT_EQ(got.events.size(), 3u) << size;
    EXPECT_EQ(got.events[0], "ready: {}");
    EXPECT_EQ(got.events[1], "exchange: {\"a\":\n1}");
    EXPECT_EQ(got.events[2], "message: plain");
    EXPECT_EQ(got.last_id, "3");
  }
}

TEST(SseReader, RemembersTheIdOfWhatWasTaken) {
  int taken = 0;
  SseReader reader([&taken](const SseEvent&) { return ++taken < 2; });
  EXPECT_FALSE(reader.feed("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: c\n\n"));
  EXPECT_EQ(taken, 2);
  EXPECT_EQ(reader.last_id(), "1");
}

TEST(SseReader, BoundsALine) {
  SseReader reader([](const SseEvent&) { return true; });
  EXPECT_FALSE(reader.feed(std::string((std::size_t{4} << 20) + 1, 'x')));
}

}  // namespace
}  // namespace apitoolkit::cli
