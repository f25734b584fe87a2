// What a block's bytes are: how many of them an exchange takes in each of its parts, and which
// values they are.
//
//   block_bytes [--exchanges N] [--block N]
//
// The exchanges are those of `apitoolkit loadgen` (src/cli/traffic_mix.h).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string>
#include <vector>

#include "src/base/uuid.h"
#include "src/cli/traffic_mix.h"
#include "src/server/store/block/block_reader.h"
#include "src/server/store/block/block_writer.h"
#include "src/wire/message.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::int64_t kBeginNs = 1'767'312'000'000'000'000;
constexpr std::int64_t kStepNs = 16'667;  // 60,000 a second

class Parts final : public PartSource {
 public:
  explicit Parts(const EncodedBlock& block) : block_(block) {}
  Result<std::string_view> part(int number) override {
    for (const BlockPart& part : block_.parts) {
      if (part.number == number) return std::string_view(part.frame);
    }
    return fail(ErrorCode::kCorrupt, "a part is missing");
  }

 private:
  const EncodedBlock& block_;
};

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::string name_of(int part) {
  constexpr const char* kNumbers[] = {"start",       "received",     "duration",      "ttfb",
                                      "status",      "request_size", "response_size", "flags",
                                      "proto_major", "proto_minor",  "location"};
  constexpr const char* kTexts[] = {
      "parent",    "method",   "host",           "url_path",        "raw_url",  "referer",
      "client_ip", "consumer", "service",        "service_version", "sdk_type", "sdk_version",
      "trace_id",  "span_id",  "parent_span_id", "sample_weight"};
  constexpr const char* kSections[] = {"structure", "numbers", "texts", "ids", "number filter"};
  if (part == kHeaderPart) return "header";
  if (part == kFilterPart) return "filter";
  if (part == kColumnsPart) return "columns together";
  if (part >= kFirstPagePart) {
    return std::string("page ") + kSections[(part - kFirstPagePart) % kPageSections];
  }
  const int column = part - kFirstColumnPart;
  if (column == 0) return "column identity";
  if (column <= kNumberColumns) return std::string("column ") + kNumbers[column - 1];
  return std::string("column ") + kTexts[column - 1 - kNumberColumns];
}

// What each stream would take by itself, compressed.
void weigh_streams(const EncodedBlock& block, std::map<std::string, double>& bytes) {
  constexpr const char* kKinds[] = {"text", "integer", "decimal", "time",
                                    "word", "list",    "hex",     "uuid"};
  Parts parts(block);
  FrameReader frames;
  FrameWriter writer;
  for (std::size_t page = 0; page < block.header->page_rows.size(); ++page) {
    std::array<std::string, kPageSections> sections;
    for (int i = 0; i < kPageSections; ++i) {
      sections[static_cast<std::size_t>(i)] =
          *frames.inflate(*parts.part(page_part(page, static_cast<PageSection>(i))), 1 << 30);
    }
    ValueStreamsReader values;
    std::string_view rest = sections[0];
    if (!values.take_streams(rest) || !values.take_numbers_of_all(sections[1]) ||
        !values.take_texts(sections[2]) || !values.take_ids(sections[3])) {
      std::abort();
    }
    bytes["shapes"] += static_cast<double>(writer.compress(rest, 1)->size());
    for (std::uint32_t stream = 0; stream < values.count(); ++stream) {
      const StreamHead& head = values.head(stream);
      std::string alone;
      values.unpack_numbers(stream);
      if (is_number(head.kind)) {
        append_numbers(values.numbers(stream), alone);
      } else {
        Texts texts;
        for (std::size_t i = 0; i < values.values(stream); ++i) {
          texts.add(values.bytes(stream, i));
        }
        texts.append_values(alone);
        texts.append_codes(alone);
      }
      bytes[std::string(kKinds[static_cast<int>(head.kind)]) + " " + head.name + " " +
            std::to_string(head.detail)] += static_cast<double>(writer.compress(alone, 1)->size());
    }
  }
}

double time_of_reading(const EncodedBlock& block) {
  const double begin = cpu_seconds();
  Parts parts(block);
  FrameReader frames;
  BlockReader reader(block.header, parts, frames);
  for (std::size_t row = 0; row < reader.rows(); ++row) {
    if (!reader.record(row)) std::abort();
  }
  return cpu_seconds() - begin;
}

double time_of_finding(const EncodedBlock& block, const SoughtText& sought) {
  const double begin = cpu_seconds();
  Parts parts(block);
  FrameReader frames;
  BlockReader reader(block.header, parts, frames);
  for (std::size_t i = 0; i < block.header->page_rows.size(); ++i) {
    const Result<PageReader*> page = reader.page(i);
    if (!page) std::abort();
    const Result<PageHits> hits = (*page)->find(sought);
    std::vector<char> rows((*page)->rows(), 1);
    if (!hits || !(*page)->keep(std::span(&*hits, 1), rows)) std::abort();
  }
  return cpu_seconds() - begin;
}

void print(std::map<std::string, double>& bytes, double exchanges, double least) {
  std::vector<std::pair<double, std::string>> sorted;
  for (const auto& [name, size] : bytes) sorted.emplace_back(size / exchanges, name);
  std::sort(sorted.rbegin(), sorted.rend());
  double sum = 0;
  for (const auto& [size, name] : sorted) {
    sum += size;
    if (size >= least) std::printf("  %8.2f  %s\n", size, name.c_str());
  }
  std::printf("  %8.2f  together\n", sum);
}

int run(int argc, char** argv) {
  std::size_t exchanges = 40'000;
  std::size_t rows = 4000;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--exchanges") == 0)
      exchanges = std::strtoul(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--block") == 0) rows = std::strtoul(argv[i + 1], nullptr, 10);
  }
  cli::TrafficMix traffic{cli::TrafficMix::Options{}};
  BlockWriter writer;
  std::map<std::string, double> parts;
  std::map<std::string, double> streams;
  double spent = 0;
  double reading = 0;
  std::array<double, 3> finding{};
  std::size_t done = 0;
  for (; done < exchanges; done += rows) {
    std::vector<Record> records(rows);
    std::vector<const Record*> pointers;
    for (std::size_t i = 0; i < rows; ++i) {
      const std::int64_t start_ns = kBeginNs + static_cast<std::int64_t>(done + i) * kStepNs;
      auto exchange = wire::decode_message(traffic.next(start_ns));
      if (!exchange) return 1;
      Record& record = records[i];
      record.project[0] = 1;
      record.identity = wire::identity(*exchange);
      record.received_ns = kBeginNs + static_cast<std::int64_t>(done + i / 100 * 100) * kStepNs;
      record.exchange = std::move(*exchange);
      record.exchange.project_id = base::format_uuid(record.project);
      pointers.push_back(&record);
    }
    const double begin = cpu_seconds();
    const Result<EncodedBlock> block = writer.encode(pointers);
    spent += cpu_seconds() - begin;
    if (!block) return 1;
    for (const BlockPart& part : block->parts) {
      parts[name_of(part.number)] += static_cast<double>(part.frame.size());
    }
    weigh_streams(*block, streams);
    reading += time_of_reading(*block);
    finding[0] += time_of_finding(*block, {"zzzyx", kRowResponseBody, true, false, ""});
    finding[1] += time_of_finding(*block, {"broke", kRowResponseBody, true, false, ""});
    finding[2] += time_of_finding(*block, {"77", kRowRequestBody, false, true, "id"});
  }
  const auto count = static_cast<double>(done);
  std::printf("bytes an exchange, by part:\n");
  print(parts, count, 0);
  std::printf("each stream of the pages by itself:\n");
  print(streams, count, 0.3);
  std::printf("encoding: %.2f us of CPU an exchange\n", spent * 1e6 / count);
  std::printf("reading whole: %.2f us\n", reading * 1e6 / count);
  std::printf("finding a word that is nowhere: %.3f us, in some: %.3f us, a number: %.3f us\n",
              finding[0] * 1e6 / count, finding[1] * 1e6 / count, finding[2] * 1e6 / count);
  return 0;
}

}  // namespace
}  // namespace apitoolkit::server::store

int main(int argc, char** argv) {
  return apitoolkit::server::store::run(argc, argv);
}
