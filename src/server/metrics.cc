#include "src/server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cmath>
#include <map>
#include <utility>
#include <vector>

namespace apitoolkit::server {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

// A family of one value that somebody else keeps.
void add_value(Families& families, const char* name, const char* help, prometheus::MetricType type,
               std::int64_t value, std::vector<prometheus::ClientMetric::Label> labels = {}) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
  metric.gauge.value = static_cast<double>(value);
  if (!families.empty() && families.back().name == name) {
    families.back().metric.push_back(std::move(metric));
    return;
  }
  families.push_back({name, help, type, {std::move(metric)}});
}

void add_http(Families& families, const net::HttpServerCounters& http) {
  using prometheus::MetricType;
  add_value(families, "apitoolkit_http_connections", "Open connections", MetricType::Gauge,
            http.connections);
  add_value(families, "apitoolkit_http_connections_opened_total", "Connections since the start",
            MetricType::Counter, http.connections_opened);
  add_value(families, "apitoolkit_http_requests_total", "Whole requests received",
            MetricType::Counter, http.requests);
  for (std::size_t digit = 1; digit < http.answers.size(); digit++) {
    add_value(families, "apitoolkit_http_answers_total", "Answers, by class of status",
              MetricType::Counter, http.answers.at(digit),
              {{"class", std::to_string(digit) + "xx"}});
  }
  add_value(families, "apitoolkit_http_body_bytes", "Request bodies in memory", MetricType::Gauge,
            http.body_bytes);
  add_value(families, "apitoolkit_http_answer_bytes", "Large answers not sent off yet",
            MetricType::Gauge, http.answer_bytes);
  add_value(families, "apitoolkit_http_exceptions_total", "Connections lost to an exception",
            MetricType::Counter, http.exceptions);
  const std::pair<const char*, std::int64_t> refused[] = {{"connections", http.refused_connections},
                                                          {"malformed", http.refused_malformed},
                                                          {"too_large", http.refused_too_large},
                                                          {"timeout", http.refused_timeout},
                                                          {"busy", http.refused_busy}};
  for (const auto& [reason, count] : refused) {
    add_value(families, "apitoolkit_http_refused_total", "Requests refused before any handler",
              MetricType::Counter, count, {{"reason", reason}});
  }
}

// Adds each counter of a family to what `place` gives for its labels.
template <class Place>
void add_counters(const prometheus::Family<prometheus::Counter>& family, const Place& place) {
  for (const prometheus::MetricFamily& collected : family.Collect()) {
    for (const prometheus::ClientMetric& metric : collected.metric) {
      std::map<std::string, std::string> labels;
      for (const auto& label : metric.label) labels[label.name] = label.value;
      place(labels) += static_cast<std::int64_t>(metric.counter.value);
    }
  }
}

std::int64_t count_of(const prometheus::Counter& counter) {
  return static_cast<std::int64_t>(counter.Value());
}

// The quantile of a histogram, as if values were spread evenly within a bucket. What is above the
// last bound counts as that bound.
double quantile(const prometheus::ClientMetric::Histogram& histogram, double q) {
  const double rank = q * static_cast<double>(histogram.sample_count);
  double lower = 0;
  std::uint64_t below = 0;
  for (const auto& bucket : histogram.bucket) {
    if (static_cast<double>(bucket.cumulative_count) >= rank && bucket.cumulative_count > below) {
      if (std::isinf(bucket.upper_bound)) return lower;
      const double within = (rank - static_cast<double>(below)) /
                            static_cast<double>(bucket.cumulative_count - below);
      return lower + within * (bucket.upper_bound - lower);
    }
    below = bucket.cumulative_count;
    lower = bucket.upper_bound;
  }
  return lower;
}

}  // namespace

struct Metrics::Registered {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& received =
      prometheus::BuildCounter()
          .Name("apitoolkit_messages_received_total")
          .Help("Messages received, by door")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& refused =
      prometheus::BuildCounter()
          .Name("apitoolkit_ingest_refused_total")
          .Help("Ingest requests refused, by door and reason")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& dropped =
      prometheus::BuildCounter()
          .Name("apitoolkit_ingest_dropped_total")
          .Help("What was received and is not kept, by door and kind")
          .Register(registry);
  prometheus::Counter& stored = prometheus::BuildCounter()
                                    .Name("apitoolkit_exchanges_stored_total")
                                    .Help("Exchanges stored")
                                    .Register(registry)
                                    .Add({});
  prometheus::Counter& duplicates = prometheus::BuildCounter()
                                        .Name("apitoolkit_exchanges_duplicate_total")
                                        .Help("Exchanges dropped because they were stored already")
                                        .Register(registry)
                                        .Add({});
  prometheus::Counter& dead_letters = prometheus::BuildCounter()
                                          .Name("apitoolkit_dead_letters_total")
                                          .Help("Messages that could not be read")
                                          .Register(registry)
                                          .Add({});
  prometheus::Counter& commit_errors = prometheus::BuildCounter()
                                           .Name("apitoolkit_commit_errors_total")
                                           .Help("Transactions that failed")
                                           .Register(registry)
                                           .Add({});
  prometheus::Histogram& commit_seconds =
      prometheus::BuildHistogram()
          .Name("apitoolkit_commit_seconds")
          .Help("Time of a transaction until it was durable")
          .Register(registry)
          .Add({}, prometheus::Histogram::BucketBoundaries{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                           0.1, 0.25, 0.5, 1, 2.5, 10});
};

Metrics::Metrics() : registered_(std::make_unique<Registered>()) {}
Metrics::~Metrics() = default;

void Metrics::count_received(std::string_view source, std::size_t items) {
  registered_->received.Add({{"source", std::string(source)}})
      .Increment(static_cast<double>(items));
}

void Metrics::count_refused(std::string_view source, ErrorCode code) {
  registered_->refused
      .Add({{"source", std::string(source)}, {"reason", std::string(to_string(code))}})
      .Increment();
}

void Metrics::count_dropped(std::string_view source, std::string_view what, std::size_t count) {
  if (count == 0) return;
  registered_->dropped.Add({{"source", std::string(source)}, {"what", std::string(what)}})
      .Increment(static_cast<double>(count));
}

void Metrics::observe_commit(const Result<store::Appended>& appended, std::size_t dead_letters,
                             double seconds) {
  registered_->commit_seconds.Observe(seconds);
  if (!appended) return registered_->commit_errors.Increment();
  registered_->stored.Increment(static_cast<double>(appended->stored));
  registered_->duplicates.Increment(static_cast<double>(appended->duplicates));
  registered_->dead_letters.Increment(static_cast<double>(dead_letters));
}

serve::IngestFigures Metrics::ingest() const {
  constexpr double kMsPerSecond = 1000;
  std::map<std::string, serve::IngestFigures::Door> doors;
  const auto door = [&doors](const std::map<std::string, std::string>& labels) -> auto& {
    return doors[labels.at("source")];
  };
  add_counters(
      registered_->received, [&](const auto& labels) -> auto& { return door(labels).received; });
  add_counters(
      registered_->dropped, [&](const auto& labels) -> auto& { return door(labels).dropped; });
  add_counters(
      registered_->refused, [&](const auto& labels) -> auto& {
        return door(labels).refused[labels.at("reason")];
      });
  serve::IngestFigures figures;
  for (auto& [source, one] : doors) {
    one.source = source;
    figures.doors.push_back(std::move(one));
  }
  figures.stored = count_of(registered_->stored);
  figures.duplicates = count_of(registered_->duplicates);
  figures.dead_letters = count_of(registered_->dead_letters);
  figures.commit_errors = count_of(registered_->commit_errors);
  const auto commits = registered_->commit_seconds.Collect().histogram;
  figures.commits = static_cast<std::int64_t>(commits.sample_count);
  if (figures.commits > 0) {
    figures.commit_mean_ms =
        commits.sample_sum / static_cast<double>(commits.sample_count) * kMsPerSecond;
    figures.commit_p99_ms = quantile(commits, 0.99) * kMsPerSecond;
  }
  return figures;
}

std::string Metrics::text(const Gauges& gauges) const {
  using prometheus::MetricType;
  Families families = registered_->registry.Collect();
  if (gauges.http != nullptr) add_http(families, *gauges.http);
  add_value(families, "apitoolkit_ingest_queue_bytes", "Received, not yet durable",
            MetricType::Gauge, gauges.queue_bytes);
  add_value(families, "apitoolkit_read_only", "1 while the server takes nothing in",
            MetricType::Gauge, gauges.read_only ? 1 : 0);
  if (gauges.store) {
    add_value(families, "apitoolkit_store_exchanges", "Exchanges stored now", MetricType::Gauge,
              gauges.store->exchanges);
    add_value(families, "apitoolkit_store_dead_letters", "Dead letters kept now", MetricType::Gauge,
              gauges.store->dead_letters);
    add_value(families, "apitoolkit_store_bytes", "Size of the store", MetricType::Gauge,
              gauges.store->bytes);
  }
  add_value(families, "apitoolkit_queries_running", "Queries at work now", MetricType::Gauge,
            gauges.queries.running);
  add_value(families, "apitoolkit_queries_total", "Queries that have ended", MetricType::Counter,
            gauges.queries.finished);
  add_value(families, "apitoolkit_queries_cancelled_total",
            "Queries that ended because their client went", MetricType::Counter,
            gauges.queries.cancelled);
  add_value(families, "apitoolkit_queries_refused_total", "Queries refused because too many ran",
            MetricType::Counter, gauges.queries.refused);
  add_value(families, "apitoolkit_tail_listeners", "Who listens to the live tail",
            MetricType::Gauge, gauges.tail_listeners);
  add_value(families, "apitoolkit_build_info", "The version that runs", MetricType::Gauge, 1,
            {{"version", APITOOLKIT_VERSION}});
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace apitoolkit::server
