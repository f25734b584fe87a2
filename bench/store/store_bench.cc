// What the SQLite store does by itself: exchanges/s of one writing thread with the disk synced,
// bytes an exchange, and how long questions take once they are there.
//
//   store_bench DIRECTORY [--exchanges N] [--batch N] [--keep]
//
// The exchanges are those of `apitoolkit loadgen` (src/cli/traffic_mix.h).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "src/base/uuid.h"
#include "src/cli/traffic_mix.h"
#include "src/server/query/parse.h"
#include "src/server/store/store.h"
#include "src/wire/message.h"

namespace apitoolkit::server::store {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kBeginNs = 1'767'312'000'000'000'000;
constexpr std::int64_t kStepNs = 5'000'000;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Of this thread: what a loaded machine measures as well as an idle one.
double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double resident_mb() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  long size = 0;
  long resident = 0;
  if (file == nullptr) return 0;
  if (std::fscanf(file, "%ld %ld", &size, &resident) != 2) resident = 0;
  std::fclose(file);
  return static_cast<double>(resident) * 4096 / 1e6;
}

// What the load generator sends, as the server stores it.
class Mix {
 public:
  Record next() {
    const std::int64_t start_ns = kBeginNs + count_++ * kStepNs;
    auto exchange = wire::decode_message(traffic_.next(start_ns));
    if (!exchange) std::abort();
    Record record;
    record.project = project();
    record.identity = wire::identity(*exchange);
    record.received_ns = start_ns + 300'000'000;
    record.exchange = std::move(*exchange);
    record.exchange.project_id = base::format_uuid(record.project);
    return record;
  }

  static Uuid project() {
    Uuid id{};
    id[0] = 1;
    return id;
  }

 private:
  cli::TrafficMix traffic_{cli::TrafficMix::Options{}};
  std::int64_t count_ = 0;
};

void report(const char* what, int rounds, const std::function<std::int64_t()>& work) {
  double best = 1e9;
  double cpu = 1e9;
  std::int64_t found = 0;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = Clock::now();
    const double cpu_begin = cpu_seconds();
    found = work();
    best = std::min(best, seconds_since(begin));
    cpu = std::min(cpu, cpu_seconds() - cpu_begin);
  }
  std::printf("%-28s %9.2f ms, %9.2f ms of CPU  (%lld)\n", what, best * 1e3, cpu * 1e3,
              static_cast<long long>(found));
}

int run(int argc, char** argv) {
  const std::string directory = argc > 1 ? argv[1] : "";
  std::int64_t exchanges = 200'000;
  std::int64_t batch = 4000;
  bool keep = false;
  for (int i = 2; i < argc; ++i) {
    if (std::strcmp(argv[i], "--exchanges") == 0 && i + 1 < argc) exchanges = std::atoll(argv[++i]);
    if (std::strcmp(argv[i], "--batch") == 0 && i + 1 < argc) batch = std::atoll(argv[++i]);
    if (std::strcmp(argv[i], "--keep") == 0) keep = true;
  }
  if (directory.empty()) {
    std::fprintf(stderr, "usage: store_bench DIRECTORY [--exchanges N] [--batch N] [--keep]\n");
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  auto opened = open_sqlite_store(directory);
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    return 1;
  }
  std::unique_ptr<Store> store = std::move(*opened);

  Mix mix;
  double spent = 0;
  double cpu = 0;
  double slowest = 0;
  Uuid known{};
  std::vector<Record> records;
  for (std::int64_t done = 0; done < exchanges; done += batch) {
    records.clear();
    for (std::int64_t i = 0; i < batch; ++i) records.push_back(mix.next());
    if (done <= exchanges / 2) known = records.front().identity;
    const auto begin = Clock::now();
    const double cpu_begin = cpu_seconds();
    const auto appended = store->append({records});
    const double took = seconds_since(begin);
    cpu += cpu_seconds() - cpu_begin;
    spent += took;
    slowest = std::max(slowest, took);
    if (!appended || appended->stored != batch) {
      std::fprintf(stderr, "append: %s\n",
                   appended ? "duplicates" : appended.error().message.c_str());
      return 1;
    }
  }
  std::printf(
      "append: %.0f exchanges/s in batches of %lld, %.2f us of CPU an exchange, slowest %.1f ms, "
      "resident %.0f MB\n",
      static_cast<double>(exchanges) / spent, static_cast<long long>(batch),
      cpu * 1e6 / static_cast<double>(exchanges), slowest * 1e3, resident_mb());
  {
    const auto begin = Clock::now();
    const auto again = store->append({records});
    std::printf("append again: %.1f ms, %lld duplicates\n", seconds_since(begin) * 1e3,
                static_cast<long long>(again ? again->duplicates : -1));
  }
  store.reset();
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    bytes += entry.file_size();
  std::printf("%.1f bytes an exchange on disk\n",
              static_cast<double>(bytes) / static_cast<double>(exchanges));
  const auto begin = Clock::now();
  store = std::move(*open_sqlite_store(directory));
  std::printf("open: %.1f ms\n", seconds_since(begin) * 1e3);

  report("fetch by id", 5, [&] {
    const auto found = store->fetch(Mix::project(), known);
    return found && *found ? 1 : 0;
  });
  Filter filter;
  filter.project = Mix::project();
  report("newest 100", 5, [&] {
    return static_cast<std::int64_t>(store->scan(filter, {}, {.rows = 100})->records.size());
  });
  filter.status_min = 500;
  report("newest 100 failures", 5, [&] {
    return static_cast<std::int64_t>(store->scan(filter, {}, {.rows = 100})->records.size());
  });
  const auto ask = [&](const char* text) {
    report(text, 2, [&] {
      QueryScope scope;
      scope.project = Mix::project();
      scope.now_ns = kBeginNs;
      const auto answer = store->query(*query::parse(text), scope, {});
      return answer ? static_cast<std::int64_t>(answer->rows.size()) : -1;
    });
  };
  ask("summarize p99(duration) by url_path");
  ask("summarize count() by bin(timestamp, 1h), status_code");
  ask("where status_code >= 500 | summarize count() by url_path, method");
  ask("summarize n = count() by client_ip | sort by n desc | take 5");
  ask("request_body.user.id == 7");
  ask("\"no such words\"");
  ask("response_body matches /[0-9]{17}z/");
  report("stats", 3, [&] { return store->stats()->exchanges; });
  std::printf("resident %.0f MB\n", resident_mb());
  store.reset();
  if (!keep) std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace apitoolkit::server::store

int main(int argc, char** argv) {
  return apitoolkit::server::store::run(argc, argv);
}
