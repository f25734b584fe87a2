// The message's members in the order of wire/README.md. What is put into JSON here needs no
// escapes: the catalogue's words have nothing to escape, and its errors are JSON text already.
#include "src/cli/traffic_mix.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "src/base/base64.h"

namespace apitoolkit::cli {
namespace {

constexpr double kMsNs = 1e6;
constexpr double kRequestShare = 0.4;  // of the bytes of an exchange that has two bodies
constexpr int kCalibrations = 3;
constexpr int kCalibrationMessages = 3000;
constexpr std::int64_t kCalibrationNs = 1'700'000'000'000'000'000;
constexpr std::string_view kHost = "shop.example";
constexpr int kRefusalStatuses[] = {400, 401, 404, 422, 500};

std::string_view sdk_of(std::string_view service) {
  if (service == "orders") return "JsExpress";
  return service == "search" ? "PythonFastApi" : "PythonFlask";
}

// "<int:order_id>" as the framework behind `sdk` writes it: ":order_id", "{order_id}".
std::string placeholder(std::string_view text, std::string_view name, std::string_view sdk) {
  if (sdk == "JsExpress") return ":" + std::string(name);
  if (sdk == "PythonFastApi") return "{" + std::string(name) + "}";
  return std::string(text);
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  out += '"';
  out += name;
  out += "\":\"";
  out += value;
  out += '"';
}

bool is_read(std::string_view method) {
  return method == "GET";
}

}  // namespace

TrafficMix::TrafficMix(const Options& options)
    : options_(options),
      random_(options.seed),
      bodies_target_bytes_(static_cast<double>(options.body_bytes)) {
  const auto shop = traffic_endpoints();
  shop_endpoints_ = static_cast<std::size_t>(options.paths);
  double sum = 0;
  for (std::size_t i = 0; i < shop_endpoints_; ++i) {
    const auto version = static_cast<int>(1 + i / shop.size());
    endpoints_.push_back(compile(shop[i % shop.size()], false, version));
    sum += 1.0 / static_cast<double>(i + 1);  // Zipf
    up_to_.push_back(sum);
  }
  for (double& chance : up_to_) chance /= sum;
  for (const TrafficEndpoint& one : traffic_outgoing()) {
    endpoints_.push_back(compile(one, true, 1));
  }
  for (const TrafficError& error : traffic_errors()) {
    std::vector<TrafficText> texts;
    for (const std::string_view text :
         {error.type, error.message, error.root_type, error.root_message, error.stack_trace}) {
      texts.emplace_back(text);
    }
    errors_.push_back(std::move(texts));
  }
  for (const int status : kRefusalStatuses) {
    refusals_.emplace_back(status, TrafficText(traffic_refusal(status)));
  }
  calibrate();
}

TrafficMix::Endpoint TrafficMix::compile(const TrafficEndpoint& what, bool is_outgoing,
                                         int version) {
  const std::string_view sdk = is_outgoing ? "PythonOutgoing" : sdk_of(what.service);
  const std::string prefix = version > 1 ? "/v" + std::to_string(version) : "";
  Endpoint out{&what,
               is_outgoing,
               std::string(sdk),
               {},
               {},
               {},
               {},
               TrafficText(what.request_body),
               TrafficText(what.response_body),
               what.route.find("<int:product_id>") != std::string_view::npos,
               std::log(what.median_ms * kMsNs)};
  out.between.push_back(prefix);
  out.url_path = prefix;
  std::string_view rest = what.route;
  while (!rest.empty()) {
    const std::size_t open = std::min(rest.find('<'), rest.size());
    out.between.back() += rest.substr(0, open);
    out.url_path += rest.substr(0, open);
    rest.remove_prefix(open);
    if (rest.empty()) break;
    const std::string_view text = rest.substr(0, rest.find('>') + 1);
    const std::size_t colon = text.find(':');
    const std::size_t begin = colon == std::string_view::npos ? 1 : colon + 1;
    const std::string_view name = text.substr(begin, text.size() - 1 - begin);
    out.params.emplace_back(text.substr(1, text.size() - 2));
    out.url_path += placeholder(text, name, sdk);
    out.between.emplace_back();
    rest.remove_prefix(text.size());
  }
  std::string_view query = what.query;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    const std::size_t equals = pair.find('=');
    out.queries.push_back(
        {std::string(pair.substr(0, equals)), TrafficText(pair.substr(equals + 1))});
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
  }
  return out;
}

// Some exchanges have no body or a small one, so the others' are larger than the mean.
void TrafficMix::calibrate() {
  for (int round = 0; round < kCalibrations; ++round) {
    random_ = TrafficRandom(options_.seed);
    child_.reset();
    std::int64_t bytes = 0;
    for (int i = 0; i < kCalibrationMessages; ++i) {
      next(kCalibrationNs);
      bytes += bodies_bytes();
    }
    const double mean = std::max(1.0, static_cast<double>(bytes) / kCalibrationMessages);
    bodies_target_bytes_ *= static_cast<double>(options_.body_bytes) / mean;
  }
  random_ = TrafficRandom(options_.seed);
  child_.reset();
}

std::size_t TrafficMix::some_endpoint() {
  const auto found = std::lower_bound(up_to_.begin(), up_to_.end(), random_.unit());
  return static_cast<std::size_t>(std::min(found, up_to_.end() - 1) - up_to_.begin());
}

int TrafficMix::some_status(const Endpoint& endpoint) {
  const bool reads = is_read(endpoint.what->method);
  double chance = random_.unit();
  const auto falls = [&chance](double share) { return (chance -= share) < 0; };
  if (falls(0.006)) return 500;
  if (falls(0.008)) return 401;
  if (falls(0.006)) return 400;
  if (!endpoint.params.empty() && falls(0.03)) return 404;
  if (reads && endpoint.what->success == 200 && falls(0.04)) return 304;
  if (!endpoint.what->request_body.empty() && falls(0.02)) return 422;
  return endpoint.what->success;
}

std::int64_t TrafficMix::some_duration_ns(const Endpoint& endpoint) {
  // Box and Muller, "A note on the generation of random normal deviates", 1958.
  const double radius = std::sqrt(-2 * std::log(1 - random_.unit()));
  const double normal = radius * std::cos(2 * std::numbers::pi * random_.unit());
  return static_cast<std::int64_t>(
      std::exp(endpoint.log_median_ns + endpoint.what->sigma * normal));
}

// A UUIDv7 (RFC 9562, section 5.7) of the sequence's own random bits.
void TrafficMix::make_ids(std::int64_t start_ns) {
  const auto ms = static_cast<std::uint64_t>(start_ns / 1'000'000);
  const std::uint64_t low = random_.next();
  id_.clear();
  append_hex(id_, ms >> 16, 8);
  id_ += '-';
  append_hex(id_, ms, 4);
  id_ += "-7";
  append_hex(id_, random_.next(), 3);
  id_ += '-';
  append_hex(id_, (low >> 48 & 0x3fff) | 0x8000, 4);
  id_ += '-';
  append_hex(id_, low, 12);
  span_id_.clear();
  append_hex(span_id_, random_.next(), 16);
}

void TrafficMix::make_url(const Endpoint& endpoint, const TrafficSubject& subject) {
  raw_url_ = endpoint.between[0];
  path_params_ = "{";
  std::uint64_t value = subject.id;
  for (std::size_t i = 0; i < endpoint.params.size(); ++i) {
    const std::string_view param = endpoint.params[i];
    const std::size_t colon = param.find(':');
    const std::string_view name = colon == std::string_view::npos ? param : param.substr(colon + 1);
    const std::size_t begin = raw_url_.size();
    if (param.starts_with("int:")) {
      append_number(raw_url_, value);
    } else if (param.starts_with("uuid:")) {
      append_hex(raw_url_, value * 0x9e3779b1, 8);
      raw_url_ += "-7c1a-4abc-8def-";
      append_hex(raw_url_, value * 0x9e3779b97f4a7c15, 12);
    } else {
      const auto nouns = traffic_words().nouns;
      raw_url_ += nouns[value % nouns.size()];
    }
    if (i > 0) path_params_ += ',';
    append_text(path_params_, name, std::string_view(raw_url_).substr(begin));
    raw_url_ += endpoint.between[i + 1];
    value = 1 + random_.below(1'000'000);
  }
  path_params_ += '}';
  query_params_ = "{";
  for (const Query& query : endpoint.queries) {
    raw_url_ += &query == &endpoint.queries.front() ? '?' : '&';
    raw_url_ += query.name;
    raw_url_ += '=';
    const std::size_t begin = raw_url_.size();
    query.value.render(raw_url_, random_, subject, 0);
    if (query_params_.size() > 1) query_params_ += ',';
    append_text(query_params_, query.name, std::string_view(raw_url_).substr(begin));
  }
  query_params_ += '}';
}

void TrafficMix::make_bodies(const Endpoint& endpoint, int status, const TrafficSubject& subject) {
  request_.clear();
  response_.clear();
  const double bytes = bodies_target_bytes_ * (0.5 + random_.unit());
  double response_bytes = bytes;
  if (!endpoint.request.empty()) {
    const double request_bytes = endpoint.response.empty() ? bytes : bytes * kRequestShare;
    endpoint.request.render(request_, random_, subject, static_cast<std::size_t>(request_bytes));
    response_bytes = bytes - static_cast<double>(request_.size());
  }
  if (status >= 400) {
    for (const auto& [code, text] : refusals_) {
      if (code == status) text.render(response_, random_, subject, 0);
    }
  } else if (status != 304) {
    if (endpoint.response.empty()) return;
    endpoint.response.render(response_, random_, subject,
                             static_cast<std::size_t>(std::max(response_bytes, 0.0)));
  }
}

void TrafficMix::write_headers(const Endpoint& endpoint, int status,
                               const TrafficSubject& subject) {
  const TrafficWords& words = traffic_words();
  std::string& out = message_;
  std::string request_id;
  if (endpoint.sdk_type != "PythonFlask") {  // storefront and accounts have none
    append_hex(request_id, random_.next(), 16);
    append_hex(request_id, random_.next(), 16);
  }
  out += R"(,"request_headers":{"Host":")";
  out += endpoint.is_outgoing ? endpoint.what->service : kHost;
  out += R"(","User-Agent":")";
  out += endpoint.is_outgoing ? std::string_view("python-httpx/0.27.2")
                              : words.user_agents[subject.user % words.user_agents.size()];
  out += R"(","Accept":"application/json","Accept-Encoding":"gzip, deflate, br",)";
  if (!endpoint.is_outgoing) {
    append_text(out, "Accept-Language", words.languages[subject.user % words.languages.size()]);
    out += ',';
  }
  if (!request_id.empty()) {
    append_text(out, "X-Request-Id", request_id);
    out += ',';
  }
  if (!request_.empty()) {
    out += R"("Content-Type":"application/json","Content-Length":")";
    append_number(out, request_.size());
    out += "\",";
  }
  out += R"("Authorization":"[CLIENT_REDACTED]"},"response_headers":{)";
  if (status == 301) {
    out += R"("Location":"/api)";
    out += raw_url_;
    out += "\",";
  } else if (status == 201) {
    out += R"("Location":")";
    out += raw_url_;
    out += '/';
    append_number(out, subject.id);
    out += "\",";
  } else if (status == 401) {
    out += R"("WWW-Authenticate":"Bearer",)";
  }
  if (!response_.empty()) out += R"("Content-Type":"application/json",)";
  if (!request_id.empty()) {
    append_text(out, "X-Request-Id", request_id);
    out += ',';
  }
  out += R"("Content-Length":")";
  append_number(out, response_.size());
  out += "\"}";
}

void TrafficMix::write_errors(int status, const TrafficSubject& subject) {
  std::string& out = message_;
  out += R"(,"errors":[)";
  if (status == 500) {
    constexpr std::string_view kNames[] = {"error_type", "message", "root_error_type",
                                           "root_error_message", "stack_trace"};
    const auto& texts = errors_[random_.below(errors_.size())];
    out += R"({"when":")";
    append_time(out, subject.now_ns);
    out += '"';
    for (std::size_t i = 0; i < texts.size(); ++i) {
      out += ",\"";
      out += kNames[i];
      out += "\":\"";
      texts[i].render(out, random_, subject, 0);
      out += '"';
    }
    out += '}';
  }
  out += ']';
}

void TrafficMix::write_extras(const Endpoint& endpoint, const TrafficSubject& subject,
                              std::int64_t duration_ns) {
  std::string& out = message_;
  out += R"(,"sdk_type":")";
  out += endpoint.sdk_type;
  if (!endpoint.is_outgoing) {
    out += R"(","client_ip":")";
    append_user_address(out, subject.user);
  }
  out += R"(","request_body_size":)";
  append_number(out, request_.size());
  out += R"(,"response_body_size":)";
  append_number(out, response_.size());
  out += R"(,"ttfb":)";
  append_number(out, static_cast<std::uint64_t>(duration_ns - duration_ns / 16));
  out += R"(,"trace_id":")";
  out += trace_id_;
  out += R"(","span_id":")";
  out += span_id_;
  if (!parent_span_id_.empty()) {
    out += R"(","parent_span_id":")";
    out += parent_span_id_;
  }
  if (!endpoint.is_outgoing) {
    out += R"(","consumer":"user-)";
    append_number(out, subject.user);
  }
  out += R"(","sdk_version":"1.0.0","service_name":")";
  out += service_;
  out += "\"}";
}

void TrafficMix::write(const Endpoint& endpoint, int status, const TrafficSubject& subject) {
  const std::int64_t duration_ns = some_duration_ns(endpoint);
  std::string& out = message_;
  out = R"({"duration":)";
  append_number(out, static_cast<std::uint64_t>(duration_ns));
  out += R"(,"host":")";
  out += endpoint.is_outgoing ? endpoint.what->service : kHost;
  out += R"(","method":")";
  out += endpoint.what->method;
  out += R"(","path_params":)";
  out += path_params_;
  out += R"(,"query_params":)";
  out += query_params_;
  write_headers(endpoint, status, subject);
  out += R"(,"proto_major":1,"proto_minor":1,"raw_url":")";
  out += raw_url_;
  out += R"(","url_path":")";
  out += endpoint.url_path;
  out += R"(","referer":"","request_body":")";
  base::base64_append(request_, out);
  out += R"(","response_body":")";
  base::base64_append(response_, out);
  out += R"(","status_code":)";
  append_number(out, static_cast<std::uint64_t>(status));
  out += R"(,"timestamp":")";
  append_time(out, subject.now_ns);
  out += R"(","project_id":"","msg_id":")";
  out += id_;
  if (parent_id_.empty()) {
    out += R"(","parent_id":null,)";
  } else {
    out += R"(","parent_id":")";
    out += parent_id_;
    out += "\",";
  }
  out += R"("service_version":"2.14.0","tags":["production"])";
  write_errors(status, subject);
  write_extras(endpoint, subject, duration_ns);
}

std::string_view TrafficMix::next(std::int64_t start_ns) {
  TrafficSubject subject{start_ns, 0, some_product(random_), 1 + random_.below(1'000'000)};
  make_ids(start_ns);
  std::size_t index = 0;
  if (child_) {
    index = child_->endpoint;
    parent_id_ = std::move(child_->parent_id);
    trace_id_ = std::move(child_->trace_id);
    parent_span_id_ = std::move(child_->span_id);
    service_ = child_->service;
    subject.user = child_->user;
    subject.now_ns = std::max(start_ns, child_->after_ns);
    child_.reset();
  } else {
    index = some_endpoint();
    subject.user = some_user(random_);
    parent_id_.clear();
    parent_span_id_.clear();
    trace_id_.clear();
    append_hex(trace_id_, random_.next(), 16);
    append_hex(trace_id_, random_.next(), 16);
  }
  const Endpoint& endpoint = endpoints_[index];
  if (!endpoint.is_outgoing) service_ = endpoint.what->service;
  if (endpoint.is_of_product) subject.id = subject.product;
  const int status = some_status(endpoint);
  make_url(endpoint, subject);
  make_bodies(endpoint, status, subject);
  write(endpoint, status, subject);
  if (endpoint.what->calls >= 0 && !endpoint.is_outgoing && status < 400) {
    child_ = Child{shop_endpoints_ + static_cast<std::size_t>(endpoint.what->calls),
                   id_,
                   trace_id_,
                   span_id_,
                   service_,
                   subject.user,
                   start_ns};
  }
  return message_;
}

}  // namespace apitoolkit::cli
