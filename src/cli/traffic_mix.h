// Invented traffic of a shop: a seeded, endless sequence of messages (wire/README.md), made fast
// enough that what receives them is what is measured.
//
// Endpoints are popular as Zipf has it, durations are log-normal about a median of the endpoint's
// own, few users and products are in most of the traffic, some answers are 301, 304, 400, 401, 404,
// 422 or 500, the last with an exception and its stack trace, and some requests call other
// services, which makes exchanges of their own with the same trace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/cli/traffic_catalogue.h"
#include "src/cli/traffic_text.h"

namespace apitoolkit::cli {

inline constexpr int kTrafficPathsMax = 10'000;

// Not thread-safe.
class TrafficMix {
 public:
  struct Options {
    std::uint64_t seed = 1;
    int paths = 40;                  // endpoints, 1 to kTrafficPathsMax
    std::int64_t body_bytes = 1024;  // mean of an exchange's two bodies together
  };
  explicit TrafficMix(const Options& options);

  // The next message, of a request that began at `start_ns`; valid until the next call. The same
  // options and times give the same messages, ids included.
  std::string_view next(std::int64_t start_ns);

  // Of the last message.
  std::string_view id() const { return id_; }  // its msg_id
  std::string_view request_body() const { return request_; }
  std::string_view response_body() const { return response_; }
  std::int64_t bodies_bytes() const {
    return static_cast<std::int64_t>(request_.size() + response_.size());
  }

 private:
  struct Query {
    std::string name;
    TrafficText value;
  };
  struct Endpoint {
    const TrafficEndpoint* what;
    bool is_outgoing;
    std::string sdk_type;
    std::vector<std::string> params;  // names of the route's parameters
    std::vector<std::string>
        between;           // literal parts of the path around them: one more than params
    std::string url_path;  // the route as the service's framework writes it
    std::vector<Query> queries;
    TrafficText request, response;
    bool is_of_product;  // the path names one
    double log_median_ns;
  };
  // An outgoing call that the exchange before it made.
  struct Child {
    std::size_t endpoint;
    std::string parent_id;
    std::string trace_id;
    std::string span_id;
    std::string_view service;
    std::uint64_t user;
    std::int64_t after_ns;  // the parent's start
  };

  static Endpoint compile(const TrafficEndpoint& what, bool is_outgoing, int version);
  void calibrate();
  std::size_t some_endpoint();
  int some_status(const Endpoint& endpoint);
  std::int64_t some_duration_ns(const Endpoint& endpoint);
  void make_ids(std::int64_t start_ns);
  void make_url(const Endpoint& endpoint, const TrafficSubject& subject);
  void make_bodies(const Endpoint& endpoint, int status, const TrafficSubject& subject);
  void write(const Endpoint& endpoint, int status, const TrafficSubject& subject);
  void write_headers(const Endpoint& endpoint, int status, const TrafficSubject& subject);
  void write_errors(int status, const TrafficSubject& subject);
  void write_extras(const Endpoint& endpoint, const TrafficSubject& subject,
                    std::int64_t duration_ns);

  const Options options_;
  TrafficRandom random_;
  double bodies_target_bytes_;
  std::vector<Endpoint> endpoints_;  // the shop's, then those it calls
  std::size_t shop_endpoints_ = 0;
  std::vector<double> up_to_;  // chance of an endpoint or one before it
  std::vector<std::vector<TrafficText>> errors_;
  std::vector<std::pair<int, TrafficText>> refusals_;
  std::optional<Child> child_;

  // Of the message that is being made; kept for their memory.
  std::string message_, request_, response_, id_, parent_id_, trace_id_, span_id_, parent_span_id_;
  std::string raw_url_, path_params_, query_params_;
  std::string_view service_;
};

}  // namespace apitoolkit::cli
