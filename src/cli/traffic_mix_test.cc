#include "src/cli/traffic_mix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "src/base/uuid.h"
#include "src/json/document.h"
#include "src/wire/message.h"

namespace apitoolkit::cli {
namespace {

constexpr std::int64_t kStartNs = 1'790'000'000'123'456'000;

std::vector<Exchange> exchanges(const TrafficMix::Options& options, int count) {
  TrafficMix mix(options);
  std::vector<Exchange> list;
  for (int i = 0; i < count; ++i) {
    auto exchange = wire::decode_message(mix.next(kStartNs + 1'000'000L * i));
    EXPECT_TRUE(exchange) << exchange.error().message;
    if (!exchange) break;
    EXPECT_EQ(base::format_uuid(exchange->id), mix.id());
    list.push_back(std::move(*exchange));
  }
  return list;
}

TEST(TrafficMix, MakesMessagesThatAreReadWholeWithBodiesOfJson) {
  std::set<Uuid> ids;
  for (const Exchange& exchange : exchanges({}, 5000)) {
    EXPECT_TRUE(ids.insert(exchange.id).second);
    EXPECT_EQ(exchange.id[6] >> 4, 7) << "a UUIDv7";
    EXPECT_GT(exchange.duration_ns, 0);
    EXPECT_LT(exchange.ttfb_ns, exchange.duration_ns);
    EXPECT_EQ(exchange.trace_id.size(), 32u);
    EXPECT_FALSE(exchange.url_path.empty());
    for (const Body* body : {&exchange.request_body, &exchange.response_body}) {
      EXPECT_EQ(body->size, static_cast<std::int64_t>(body->bytes.size()));
      EXPECT_TRUE(body->bytes.empty() || json::Document::parse(body->bytes)) << body->bytes;
    }
    EXPECT_EQ(exchange.errors.size(), exchange.status_code == 500 ? 1u : 0u);
    if (!exchange.errors.empty()) {
      EXPECT_NE(exchange.errors[0].stack_trace.find('\n'), std::string::npos);
    }
  }
}

TEST(TrafficMix, IsTheSameForTheSameSeedAndAnotherForAnother) {
  TrafficMix one({}), same({}), other({.seed = 2});
  int different = 0;
  for (int i = 0; i < 500; ++i) {
    const std::string message(one.next(kStartNs + i));
    EXPECT_EQ(message, same.next(kStartNs + i));
    different += message != other.next(kStartNs + i) ? 1 : 0;
  }
  EXPECT_EQ(different, 500);
}

TEST(TrafficMix, IsPopularAsZipfHasIt) {
  std::map<std::string, int> times;
  int served = 0;
  for (const Exchange& exchange : exchanges({}, 30'000)) {
    if (exchange.direction == Direction::kOutgoing) continue;
    ++times[exchange.method + " " + exchange.url_path];
    ++served;
  }
  EXPECT_EQ(times.size(), 40u);
  std::vector<int> counts;
  for (const auto& [path, count] : times) counts.push_back(count);
  std::sort(counts.rbegin(), counts.rend());
  constexpr double kHarmonic40 = 4.2785;
  for (const int rank : {1, 2, 5, 10}) {
    const double expected = served / kHarmonic40 / rank;
    EXPECT_NEAR(counts[rank - 1], expected, expected * 0.15) << "rank " << rank;
  }
}

TEST(TrafficMix, HasAsManyPathsAsAskedFor) {
  for (const int paths : {1, 7, 100}) {
    std::set<std::string> seen;
    for (const Exchange& exchange : exchanges({.paths = paths}, 20'000)) {
      if (exchange.direction == Direction::kIncoming) {
        seen.insert(exchange.method + " " + exchange.url_path);
      }
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(paths));
  }
}

TEST(TrafficMix, AnswersWithEveryStatusThatAShopHas) {
  std::map<int, int> times;
  for (const Exchange& exchange : exchanges({}, 20'000)) ++times[exchange.status_code];
  for (const int status : {200, 201, 204, 301, 304, 400, 401, 404, 422, 500}) {
    EXPECT_GT(times[status], 20) << status;
  }
  EXPECT_EQ(times.size(), 10u);
  EXPECT_GT(times[200], 10'000);
}

TEST(TrafficMix, LinksOutgoingCallsToTheRequestThatMadeThem) {
  std::map<Uuid, const Exchange*> served;
  int calls = 0;
  const auto list = exchanges({}, 5000);
  for (const Exchange& exchange : list) {
    if (exchange.direction == Direction::kIncoming) {
      EXPECT_FALSE(exchange.parent_id);
      served[exchange.id] = &exchange;
      continue;
    }
    ++calls;
    ASSERT_TRUE(exchange.parent_id && served.contains(*exchange.parent_id));
    const Exchange& parent = *served[*exchange.parent_id];
    EXPECT_EQ(exchange.trace_id, parent.trace_id);
    EXPECT_EQ(exchange.parent_span_id, parent.span_id);
    EXPECT_EQ(exchange.service_name, parent.service_name);
    EXPECT_NE(exchange.host, parent.host);
    EXPECT_GE(exchange.start_ns, parent.start_ns);
  }
  EXPECT_GT(calls, 300);
}

TEST(TrafficMix, BodiesHaveTheSizeAskedForInTheMean) {
  for (const std::int64_t wanted : {1024, 10'240}) {
    TrafficMix mix({.body_bytes = wanted});
    std::int64_t bytes = 0;
    for (int i = 0; i < 20'000; ++i) {
      mix.next(kStartNs);
      bytes += mix.bodies_bytes();
    }
    EXPECT_NEAR(static_cast<double>(bytes) / 20'000, static_cast<double>(wanted),
                static_cast<double>(wanted) * 0.05);
  }
}

TEST(TrafficMix, DurationsAreLogNormalAboutTheirEndpointsMedian) {
  std::vector<std::int64_t> durations;
  for (const Exchange& exchange : exchanges({.paths = 1}, 10'000)) {
    durations.push_back(exchange.duration_ns);
  }
  std::sort(durations.begin(), durations.end());
  const auto at = [&](double part) {
    return static_cast<double>(durations[static_cast<std::size_t>(part * 10'000)]) / 1e6;
  };
  const TrafficEndpoint& endpoint = traffic_endpoints().front();
  EXPECT_NEAR(at(0.5), endpoint.median_ms, endpoint.median_ms * 0.1);
  // One standard deviation above: e to the sigma.
  EXPECT_NEAR(at(0.8413) / at(0.5), std::exp(endpoint.sigma), 0.15);
}

}  // namespace
}  // namespace apitoolkit::cli
