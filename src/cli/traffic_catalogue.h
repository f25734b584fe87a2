// What the shop of traffic_mix.h offers: its endpoints, the shapes of its bodies, its words. Data
// only.
//
// Text with places to fill: `@name` is a place (traffic_text.h lists them), `@{…}` is repeated,
// separated by commas, until the body has its size. A route is Flask's: `<int:order_id>`.
#pragma once

#include <span>
#include <string_view>

namespace apitoolkit::cli {

struct TrafficEndpoint {
  std::string_view method;
  std::string_view route;
  std::string_view query;  // "page=@page&sort=@sort"; or empty
  std::string_view service;
  std::string_view request_body;   // JSON; empty: none
  std::string_view response_body;  // of a success; empty: none
  double median_ms;                // of a duration that is distributed log-normally
  double sigma;                    // of its logarithm
  int success;                     // 200, 201, 204 or 301
  int calls;                       // index into traffic_outgoing(); -1: calls nobody
};

// The most popular first.
std::span<const TrafficEndpoint> traffic_endpoints();

// What the services call while they answer; `service` is the host that is called.
std::span<const TrafficEndpoint> traffic_outgoing();

// An exception that ended a request with 500. JSON text, without the quotes.
struct TrafficError {
  std::string_view type;
  std::string_view message;
  std::string_view root_type;
  std::string_view root_message;
  std::string_view stack_trace;
};
std::span<const TrafficError> traffic_errors();

// Answers that are no success, by status: {"error":…}.
std::string_view traffic_refusal(int status);

struct TrafficWords {
  std::span<const std::string_view> first_names, last_names, cities, streets, countries;
  std::span<const std::string_view> adjectives, nouns, statuses, tags, sorts, codes, sentences;
  std::span<const std::string_view> user_agents, languages;
};
const TrafficWords& traffic_words();

}  // namespace apitoolkit::cli
