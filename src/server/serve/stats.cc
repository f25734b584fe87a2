// GET /api/v1/stats: what the caller's project holds, how long it stays, and how the server is.
//
// What tells of all projects together (how much others send, how much they store) is for owners,
// who belong to all of them; for others `server` is null.
#include <map>
#include <utility>

#include "src/json/writer.h"
#include "src/server/serve/routes.h"
#include "src/server/store/calendar_day.h"

namespace apitoolkit::server::serve {
namespace {

using Reasons = std::map<std::string, std::int64_t>;

void write_time(std::int64_t unix_ns, json::Writer& w) {
  unix_ns == 0 ? w.null() : w.value(base::format_rfc3339(unix_ns));
}

template <class T>
void write_optional(const std::optional<T>& value, json::Writer& w) {
  value ? w.value(*value) : w.null();
}

std::int64_t sum(const Reasons& reasons) {
  std::int64_t requests = 0;
  for (const auto& [reason, count] : reasons) requests += count;
  return requests;
}

void write_retention(const RetentionFigures& retention, json::Writer& w) {
  w.begin_object().key("days").value(retention.days).key("bytes");
  retention.bytes == 0 ? w.null() : w.value(retention.bytes);
  w.key("free_bytes").value(retention.free_bytes).end_object();
}

void write_door(const IngestFigures::Door& door, json::Writer& w) {
  w.begin_object().key("source").value(door.source);
  w.key("received").value(door.received).key("dropped").value(door.dropped);
  w.key("refused").value(sum(door.refused)).key("refused_by_reason").begin_object();
  for (const auto& [reason, requests] : door.refused) w.key(reason).value(requests);
  w.end_object().end_object();
}

void write_ingest(const ServerFigures& figures, json::Writer& w) {
  const IngestFigures& ingest = figures.ingest;
  std::int64_t received = 0;
  std::int64_t dropped = 0;
  std::int64_t refused = 0;
  for (const IngestFigures::Door& door : ingest.doors) {
    received += door.received;
    dropped += door.dropped;
    refused += sum(door.refused);
  }
  w.begin_object().key("received").value(received).key("stored").value(ingest.stored);
  w.key("duplicates").value(ingest.duplicates).key("dead_letters").value(ingest.dead_letters);
  w.key("dropped").value(dropped).key("refused").value(refused);
  w.key("queue_bytes").value(figures.queue_bytes);
  w.key("queue_bytes_max").value(figures.queue_bytes_max);
  w.key("commits").value(ingest.commits).key("commit_errors").value(ingest.commit_errors);
  w.key("commit_mean_ms");
  write_optional(ingest.commit_mean_ms, w);
  w.key("commit_p99_ms");
  write_optional(ingest.commit_p99_ms, w);
  w.key("doors").begin_array();
  for (const IngestFigures::Door& door : ingest.doors) write_door(door, w);
  w.end_array().end_object();
}

void write_disk(const ServerFigures& figures, const store::StoreStats& stats,
                const std::vector<store::DayStats>& days, json::Writer& w) {
  w.begin_object().key("exchanges").value(stats.exchanges).key("bytes").value(stats.bytes);
  w.key("free_bytes");
  write_optional(figures.free_bytes, w);
  w.key("free_bytes_min").value(figures.free_bytes_min).key("days").begin_array();
  for (const store::DayStats& day : days) {
    w.begin_object().key("day").value(store::format_day(store::day_of(day.begin_ns)));
    w.key("exchanges").value(day.exchanges).key("bytes").value(day.bytes).end_object();
  }
  w.end_array().end_object();
}

Status write_server(const Services& services, json::Writer& w) {
  const auto stats = services.store.stats();
  if (!stats) return tl::unexpected<Error>(stats.error());
  const auto days = services.store.days();
  if (!days) return tl::unexpected<Error>(days.error());
  const ServerFigures figures = services.figures();
  w.begin_object().key("since").value(base::format_rfc3339(figures.started_ns)).key("ingest");
  write_ingest(figures, w);
  w.key("disk");
  write_disk(figures, *stats, *days, w);
  w.end_object();
  return {};
}

net::ServerResponse answer(const Services& services, const Caller& caller) {
  const auto stats = services.store.project_stats(caller.project->id);
  if (!stats) return problem_answer(problem_of(stats.error()));
  json::Writer w;
  w.begin_object().key("exchanges").value(stats->exchanges);
  w.key("dead_letters").value(stats->dead_letters).key("oldest");
  write_time(stats->oldest_ns, w);
  w.key("newest");
  write_time(stats->newest_ns, w);
  w.key("read_only");
  write_optional(services.read_only(), w);
  w.key("retention");
  write_retention(services.retention, w);
  w.key("retention_held");
  write_optional(services.retention_held(), w);
  w.key("version").value(APITOOLKIT_VERSION).key("server");
  if (caller.role == account::Role::kOwner) {
    if (auto written = write_server(services, w); !written) {
      return problem_answer(problem_of(written.error()));
    }
  } else {
    w.null();
  }
  w.end_object();
  return json_answer(std::move(w).str());
}

}  // namespace

void add_stats_routes(net::Router& router, const Services& services) {
  add_guarded(router, services, "GET", "/api/v1/stats",
              [services](const net::ServerRequest&, const net::PathParams&, const Caller& caller) {
                return answer(services, caller);
              });
}

}  // namespace apitoolkit::server::serve
