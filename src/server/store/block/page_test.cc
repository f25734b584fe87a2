#include "src/server/store/block/page.h"

#include <gtest/gtest.h>

#include "src/base/limits.h"
#include "src/server/query/text_search.h"
#include "src/server/store/block/columns.h"
#include "src/server/store/block/number_filter.h"
#include "src/server/store/block/page.h"
#include "src/server/store/block/shape_fields.h"
#include "src/server/store/block/varint.h"
#include "src/server/store/random_records.h"

namespace apitoolkit::server::store {
namespace {

Record only_columns(const Record& record) {
  Record copy;
  copy.project = record.project;
  copy.identity = record.identity;
  for (int i = 0; i < kNumberColumns; ++i) {
    const auto column = static_cast<NumberColumn>(i);
    set_number(copy, column, number_of(record, column));
  }
  std::string scratch;
  for (int i = 0; i < kTextColumns; ++i) {
    const auto column = static_cast<TextColumn>(i);
    EXPECT_TRUE(set_text(copy, column, text_of(record, column, scratch))) << i;
  }
  return copy;
}

// The inflated sections of a page.
using Sections = std::array<std::string, kPageSections>;

Sections sections_of(std::span<const Record> records) {
  PageEncoder encoder;
  for (const Record& record : records) EXPECT_TRUE(encoder.add(record));
  FrameWriter writer;
  const Result<PageFrames> frames = encoder.end(writer, 1);
  EXPECT_TRUE(frames);
  FrameReader reader;
  Sections sections;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    sections[i] = *reader.inflate((*frames)[i], 1 << 30);
  }
  return sections;
}

Result<std::unique_ptr<PageReader>> open(const Sections& sections, std::size_t rows) {
  auto page = std::make_unique<PageReader>();
  Status opened = page->open(static_cast<std::uint32_t>(rows),
                             [&sections](PageSection section, std::string& bytes) -> Status {
                               bytes = sections[static_cast<std::size_t>(section)];
                               return {};
                             });
  if (!opened) return tl::unexpected(opened.error());
  return page;
}

// Marks the rows that may have it.
std::vector<char> find(PageReader& page, const SoughtText& sought) {
  const Result<PageHits> hits = page.find(sought);
  EXPECT_TRUE(hits);
  std::vector<char> found(page.rows(), hits->none() ? 0 : 1);
  EXPECT_TRUE(page.keep(std::span(&*hits, 1), found));
  return found;
}

void expect_back(const std::vector<Record>& records) {
  const Sections sections = sections_of(records);
  const auto page = open(sections, records.size());
  ASSERT_TRUE(page);
  for (std::size_t row = records.size(); row-- > 0;) {
    Record read = only_columns(records[row]);
    ASSERT_TRUE((*page)->read(row, kRowWhole, read));
    ASSERT_EQ(describe(read), describe(records[row])) << row;
  }
}

// What loads of applications send, and what hardly anybody does.
std::vector<std::string> bodies() {
  std::vector<std::string> texts = {
      R"({"id":7,"name":"a","price":12.90,"at":"2026-01-02T03:04:05Z","tags":["x","y"],"ok":true})",
      R"({"id":-7,"name":"","price":0.05,"at":"2026-01-02T03:04:05.678Z","tags":[],"ok":null})",
      R"({"items":[{"id":1,"of":[1,2]},{"id":2,"of":[]},{"id":3,"of":[[],[[4]]]}],"id":9})",
      R"( { "spaced" : [ 1 , "two" , { } , [ ] , [  3 ] ] , "x" : -0.5 } )",
      R"(["00000000-0000-7000-8000-00000000000a","00000000-0000-7000-8000-00000000000A"])",
      R"(["0123456789abcdef0123456789abcdef","0123456789ABCDEF","deadbeefdeadbee","1e5",1e5,-0,00])",
      R"([1,01,-1,1.0,1.50,-0.0,0.000,123456789012345678,1234567890123456789,12345678901234567890])",
      R"(["2026-02-30T00:00:00Z","2024-02-29T23:59:59Z","1969-12-31T23:59:59Z","2026-01-02T24:00:00Z"])",
      R"(["2026-01-02T03:04:05.Z","2026-01-02T03:04:05.123456789Z","2026-01-02T03:04:60Z"])",
      R"({"a\"b":"c\\","d":"\u00e9\n"})",
      "[1,2",
      "{\"a\":1}x",
      "{\"a\":tru}",
      "[1,,2]",
      "{,}",
      "\"unended",
      "\"ended\\\"",
      "true",
      "-",
      "12",
      "text \xff\x00 not JSON",
      std::string("\0\1\2", 3),
      " ",
      "a=1&b=2",
      std::string(100, '[') + std::string(100, ']'),
      std::string(31, '[') + std::string(31, ']'),
      std::string(32, '[') + std::string(32, ']'),
      std::string(300 << 10, 'x'),
  };
  std::string names = "{";
  for (int i = 0; i < 700; ++i)
    names += "\"n" + std::to_string(i) + "\":[" + std::to_string(i) + "],";
  texts.push_back(names + "\"end\":{}}");
  return texts;
}

TEST(Page, MakesRecordsWholeWithTheirColumns) {
  RandomRecords random(1);
  std::vector<Record> records;
  for (int i = 0; i < 500; ++i) records.push_back(random.record());
  expect_back(records);
}

TEST(Page, GivesBodiesAndHeadersBackByteByByte) {
  std::vector<Record> records;
  for (const std::string& body : bodies()) {
    Record record = sample_record(kSampleTimeNs, 1);
    record.exchange.request_body.bytes = body;
    record.exchange.request_headers = {{"X", body}, {"", body}, {body, ""}, {body, body}};
    record.exchange.path_params = {{"id", body, true}, {"", "", true}, {"id", body, false}};
    record.exchange.errors = {{-1, body, "", body, "", body, body}};
    records.push_back(record);
    record.exchange.response_body.bytes = body + body;
    records.push_back(record);
  }
  expect_back(records);
}

TEST(Page, GivesEveryCutAndMixtureOfJsonBack) {
  RandomRecords random(2);
  const std::vector<std::string> texts = bodies();
  std::vector<Record> records;
  for (int i = 0; i < 2000; ++i) {
    std::string body;
    for (std::int64_t parts = random.below(4); parts >= 0; --parts) {
      const std::string& text = texts[static_cast<std::size_t>(random.below(22))];
      const auto size = static_cast<std::int64_t>(text.size()) + 1;
      body += text.substr(static_cast<std::size_t>(random.below(size)),
                          static_cast<std::size_t>(random.below(size)));
    }
    if (random.one_in(2)) body = "[" + body + "]";
    Record record = sample_record(kSampleTimeNs, 1);
    record.exchange.response_body.bytes = body;
    records.push_back(record);
    if (records.size() == 500) {
      expect_back(records);
      records.clear();
    }
  }
}

TEST(Page, ReadsNoPartThatIsNotWanted) {
  Record record = sample_record(kSampleTimeNs, 1);
  record.exchange.request_body.bytes = "{\"a\":1}";
  record.exchange.response_body.bytes = "{\"b\":[2]}";
  record.exchange.tags = {"t"};
  const Sections sections = sections_of({{record}});
  const auto page = open(sections, 1);
  ASSERT_TRUE(page);
  Record read;
  read.exchange.request_body.bytes = "as it was";
  ASSERT_TRUE((*page)->read(0, kRowResponseBody, read));
  EXPECT_EQ(read.exchange.request_body.bytes, "as it was");
  EXPECT_EQ(read.exchange.response_body.bytes, "{\"b\":[2]}");
  EXPECT_TRUE(read.exchange.tags.empty());
}

std::vector<Record> records_with_bodies(RandomRecords& random, int count) {
  const std::vector<std::string> texts = bodies();
  std::vector<Record> records;
  for (int i = 0; i < count; ++i) {
    Record record = random.record();
    record.exchange.request_body.bytes = texts[static_cast<std::size_t>(random.below(27))];
    record.exchange.response_body.bytes = texts[static_cast<std::size_t>(random.below(27))];
    records.push_back(record);
  }
  return records;
}

TEST(Page, ReadsRowsAndPartsInAnyOrder) {
  RandomRecords random(6);
  const std::vector<Record> records = records_with_bodies(random, 200);
  const Sections sections = sections_of(records);
  for (int round = 0; round < 50; ++round) {
    const auto page = open(sections, records.size());
    ASSERT_TRUE(page);
    auto row = static_cast<std::size_t>(random.below(200));
    for (int i = 0; i < 60; ++i) {
      // Forwards, as searches go, and to anywhere.
      row = random.one_in(3) ? static_cast<std::size_t>(random.below(200)) : (row + 1) % 200;
      const auto parts = static_cast<unsigned>(1 + random.below(round < 25 ? 7 : 2));
      Record read = only_columns(records[row]);
      ASSERT_TRUE((*page)->read(row, parts, read));
      Record expected = only_columns(records[row]);
      if ((parts & kRowFields) != 0) {
        const Body request = expected.exchange.request_body;
        const Body response = expected.exchange.response_body;
        expected = records[row];
        expected.exchange.request_body = request;
        expected.exchange.response_body = response;
      }
      const Exchange& whole = records[row].exchange;
      if ((parts & kRowRequestBody) != 0) {
        expected.exchange.request_body.bytes = whole.request_body.bytes;
      }
      if ((parts & kRowResponseBody) != 0) {
        expected.exchange.response_body.bytes = whole.response_body.bytes;
      }
      ASSERT_EQ(describe(read), describe(expected)) << row << ", parts " << parts;
    }
  }
}

TEST(Page, KeepsOfFewRowsWhatItKeepsOfAll) {
  RandomRecords random(7);
  const std::vector<Record> records = records_with_bodies(random, 100);
  const Sections sections = sections_of(records);
  std::int64_t kept = 0;
  std::int64_t left_out = 0;
  for (const char* const text : {"name", "two", "2026", "deadbeef", "spaced", "true", "x", "12"}) {
    for (const unsigned parts : {kRowFields, kRowRequestBody, kRowResponseBody, kRowWhole}) {
      const auto page = open(sections, records.size());
      ASSERT_TRUE(page);
      const SoughtText sought{text, parts, false, false, {}};
      const std::vector<char> of_all = find(**page, sought);
      const Result<PageHits> hits = (*page)->find(sought);
      ASSERT_TRUE(hits);
      for (int i = 0; i < 40; ++i) {
        std::vector<char> marked(records.size());
        const auto row = static_cast<std::size_t>(random.below(100));
        marked[row] = marked[(row + 7) % 100] = 1;
        ASSERT_TRUE((*page)->keep(std::span(&*hits, 1), marked));
        for (const std::size_t asked : {row, (row + 7) % 100}) {
          ASSERT_EQ(marked[asked], of_all[asked]) << text << " in row " << asked << ", " << parts;
          ++(marked[asked] != 0 ? kept : left_out);
        }
      }
    }
  }
  EXPECT_GT(kept, 100);
  EXPECT_GT(left_out, 100);
}

// Whether a body or a header has the text, in any case of its letters.
bool has(const Record& record, std::string_view text, unsigned parts) {
  const query::SearchText sought(text);
  const Exchange& exchange = record.exchange;
  const auto in_headers = [&](const std::vector<Header>& headers) {
    return std::any_of(headers.begin(), headers.end(), [&](const Header& header) {
      return sought.is_in(header.name) || sought.is_in(header.value);
    });
  };
  return ((parts & kRowRequestBody) != 0 && sought.is_in(exchange.request_body.bytes)) ||
         ((parts & kRowResponseBody) != 0 && sought.is_in(exchange.response_body.bytes)) ||
         ((parts & kRowFields) != 0 &&
          (in_headers(exchange.request_headers) || in_headers(exchange.response_headers)));
}

TEST(Page, FindsEveryRowThatHasAText) {
  RandomRecords random(4);
  const std::vector<std::string> texts = bodies();
  std::int64_t present = 0;
  std::int64_t left_out = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<Record> records;
    for (int i = 0; i < 30; ++i) {
      Record record = random.record();
      record.exchange.request_body.bytes = texts[static_cast<std::size_t>(random.below(27))];
      if (random.one_in(2)) record.exchange.response_headers = {{"X-Id", texts[i % 20]}};
      records.push_back(record);
    }
    const Sections sections = sections_of(records);
    for (int i = 0; i < 200; ++i) {
      // Mostly of what is there.
      const Record& one = records[static_cast<std::size_t>(random.below(30))];
      const std::string& body =
          random.one_in(2) ? one.exchange.request_body.bytes : one.exchange.response_body.bytes;
      const auto begin = static_cast<std::size_t>(
          random.below(static_cast<std::int64_t>(std::min<std::size_t>(body.size(), 150)) + 1));
      const std::string text =
          query::fold_case(body.substr(begin, static_cast<std::size_t>(1 + random.below(9))));
      const auto parts = static_cast<unsigned>(1 + random.below(7));
      const auto page = open(sections, records.size());
      ASSERT_TRUE(page);
      const std::vector<char> found = find(**page, {text, parts, false, false, {}});
      for (std::size_t row = 0; row < records.size(); ++row) {
        if (!has(records[row], text, parts)) {
          left_out += found[row] == 0 ? 1 : 0;
          continue;
        }
        ++present;
        ASSERT_NE(found[row], 0) << text << " is in row " << row;
      }
    }
  }
  EXPECT_GT(present, 1000);
  EXPECT_GT(left_out, 1000);
}

TEST(Page, FindsNumbersByTheirMembers) {
  const std::string_view given[] = {
      R"({"user":{"id":7}})",
      R"({"id":[1,7.5]})",
      R"({"id":{"of":7}})",
      R"({"id":8})",
      R"({"id":"7"})",
      R"({"id":70e-1})",
      R"({"id":7})",
      R"({"id":7000000000000000001})",
      "id=7",
      R"({"id":-7})",
      R"({"other":7,"id":1})",
  };
  std::vector<Record> records;
  for (const std::string_view body : given) {
    Record record = sample_record(kSampleTimeNs, 1);
    record.exchange.request_body.bytes = body;
    records.push_back(record);
  }
  const Sections sections = sections_of(records);
  const auto page = open(sections, records.size());
  ASSERT_TRUE(page);
  const std::vector<char> found = find(**page, {"7", kRowRequestBody, false, true, "id"});
  const std::vector<char> expected = {1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0};
  EXPECT_EQ(found, expected);
}

std::string number_filter_of(const std::vector<std::string>& given) {
  std::vector<Record> records;
  for (const std::string& body : given) {
    records.push_back(sample_record(kSampleTimeNs, static_cast<int>(records.size())));
    records.back().exchange.request_body.bytes = body;
  }
  return sections_of(records)[static_cast<std::size_t>(PageSection::kNumberFilter)];
}

TEST(NumberFilter, HoldsTheDigitsInFrontOfThePoint) {
  const std::string filter =
      number_filter_of({R"({"id":607961,"list":[1001,{"of":-2002}],"price":3003.75})", "a=4004",
                        R"({"long":1234567890123456789,"text":"5005"})", R"([6006])"});
  for (const std::int64_t number : {607961, 1001, 2002, 3003, 6006}) {
    EXPECT_TRUE(may_hold_number(filter, number)) << number;
  }
  int seeming = 0;
  for (std::int64_t number = 10'000; number < 11'000; ++number) {
    seeming += may_hold_number(filter, number) ? 1 : 0;
  }
  EXPECT_LT(seeming, 100);
  EXPECT_TRUE(may_hold_number(filter, 7)) << "smaller numbers are everywhere, and not in it";
}

TEST(NumberFilter, SaysNothingWhereNumbersAreWrittenOddly) {
  const std::string deep = std::string(40, '[') + "7007" + std::string(40, ']');
  for (const std::string& body :
       {std::string(R"({"id":7007e0})"), std::string(R"({"cut":[7007)"),
        std::string(R"([7006.99999999999999999])"), std::string("\xef\xbb\xbf[7007]"), deep}) {
    EXPECT_TRUE(may_hold_number(number_filter_of({R"({"id":1})", body}), 7007)) << body;
  }
  EXPECT_TRUE(may_hold_number("", 7007));
}

TEST(Page, SurvivesEveryCutAndEveryChangedByte) {
  RandomRecords random(3);
  for (int i = 0; i < 12; ++i) {
    std::vector<Record> records = {random.record(), random.record()};
    records[0].exchange.response_body.bytes = bodies()[static_cast<std::size_t>(i)];
    const Sections whole = sections_of(records);
    for (std::size_t section = 0; section < whole.size(); ++section) {
      for (std::size_t size = 0; size < whole[section].size(); ++size) {
        Sections cut = whole;
        cut[section].resize(size);
        Sections changed = whole;
        char& byte = changed[section][size];
        byte = static_cast<char>(byte ^ (1 << random.below(8)));
        for (const Sections* given : {&cut, &changed}) {
          const auto page = open(*given, records.size());
          if (!page) {
            EXPECT_EQ(page.error().code, ErrorCode::kCorrupt);
            continue;
          }
          for (std::size_t row = 0; row < records.size(); ++row) {
            Record read;
            const Status done = (*page)->read(row, kRowWhole, read);
            if (!done) {
              EXPECT_EQ(done.error().code, ErrorCode::kCorrupt);
            }
          }
        }
      }
    }
  }
}

TEST(Page, RefusesARecordOverTheLimit) {
  Record record = sample_record(kSampleTimeNs, 1);
  record.exchange.request_body.bytes.resize(limits::kStoredRecordBytesMax + 1);
  PageEncoder encoder;
  const Status added = encoder.add(record);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(encoder.empty());
}

TEST(RecordFields, OfLaterVersionsAreSkipped) {
  ValueStreamsWriter values;
  std::string bytes;
  ShapeFieldWriter writer(values, bytes);
  writer.texts(1000, {"new"});
  writer.texts(8, {"tag"});
  writer.end();
  std::string streams;
  std::string texts;
  values.append_streams(streams);
  values.append_texts(texts);
  ValueStreamsReader read;
  std::string_view rest = streams;
  ASSERT_TRUE(read.take_streams(rest));
  ASSERT_TRUE(read.take_texts(texts));
  for (std::uint32_t stream = 0; stream < read.count(); ++stream) ASSERT_TRUE(read.unpack(stream));
  std::vector<ShapePiece> shape;
  ASSERT_TRUE(read_shape(bytes, read.count(), shape));
  const std::uint32_t places[] = {0, 0};
  Record record;
  ASSERT_TRUE(read_record_fields(shape, read, places, record));
  EXPECT_EQ(record.exchange.tags, std::vector<std::string>{"tag"});
}

TEST(Varint, ReachesTheEndsOfTheScale) {
  for (const std::uint64_t value : {0ull, 127ull, 128ull, 300ull, 1ull << 63, ~0ull}) {
    std::string bytes;
    append_varint(value, bytes);
    std::string_view rest = bytes;
    EXPECT_EQ(take_varint(rest), value);
    EXPECT_TRUE(rest.empty());
  }
}

}  // namespace
}  // namespace apitoolkit::server::store
