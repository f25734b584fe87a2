#include "src/server/store/random_records.h"

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "src/base/uuid.h"
#include "src/server/store/calendar_day.h"

namespace apitoolkit::server::store {
namespace {

const char* const kMethods[] = {"GET", "POST", "DELETE"};
const char* const kPaths[] = {"/", "/users/<int:id>", "/ünï", "/a"};
const int kStatuses[] = {0, 200, 201, 302, 399, 400, 404, 500, 503};

void describe_errors(const Exchange& exchange, std::ostream& out) {
  for (const ErrorReport& error : exchange.errors) {
    out << "\nerror " << error.when_ns << '|' << error.error_type << '|' << error.message << '|'
        << error.root_error_type << '|' << error.root_error_message << '|' << error.stack_trace
        << '|' << error.other_json;
  }
}

void describe_body(const char* name, const Body& body, std::ostream& out) {
  out << '\n' << name << ' ' << body.size << ' ' << body.truncated << ' ' << body.bytes;
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "apitoolkit-store-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::int64_t RandomRecords::below(std::int64_t bound) {
  return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
}

std::int64_t RandomRecords::time_ns() {
  const std::int64_t day = kSampleTimeNs + (below(4) - 2) * kDayNs;
  switch (below(5)) {
    case 0:
      return day + below(4);  // the same microsecond, on both sides of midnight
    case 1:
      return day - 1 - below(4);
    case 2:
      return day + 1000 * below(3);
    case 3:
      return one_in(20) ? -below(kDayNs * 3) : day + below(kDayNs);
    default:
      return day + kDayNs / 2 + below(3) * 1'000'000'000;
  }
}

Uuid RandomRecords::project() {
  return sample_uuid(static_cast<std::uint8_t>(200 + below(2)));
}

Uuid RandomRecords::parent() {
  return sample_uuid(static_cast<std::uint8_t>(100 + below(3)));
}

Uuid RandomRecords::identity(std::int64_t start_ns) {
  if (one_in(6)) return sample_uuid(static_cast<std::uint8_t>(below(40)));  // often met again
  Uuid id{};
  for (std::uint8_t& byte : id) byte = static_cast<std::uint8_t>(below(256));
  if (one_in(3)) return id;
  const std::int64_t told_ns = one_in(8) ? time_ns() : start_ns;
  const std::uint64_t ms = static_cast<std::uint64_t>(told_ns / 1'000'000);
  for (int i = 0; i < 6; ++i) id[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  id[6] = static_cast<std::uint8_t>(0x70 | (id[6] & 0x0f));
  id[8] = static_cast<std::uint8_t>(0x80 | (id[8] & 0x3f));
  return id;
}

std::string RandomRecords::text(std::size_t size_max) {
  std::string bytes(static_cast<std::size_t>(below(static_cast<std::int64_t>(size_max) + 1)), ' ');
  const bool any_byte = one_in(4);
  for (char& byte : bytes) byte = static_cast<char>(any_byte ? below(256) : 'a' + below(6));
  return bytes;
}

std::vector<Header> RandomRecords::headers() {
  std::vector<Header> headers;
  for (std::int64_t i = below(4); i > 0; --i) headers.push_back({text(10), text(30)});
  return headers;
}

void RandomRecords::fill_optional_fields(Exchange& exchange) {
  exchange.ttfb_ns = below(1'000'000);
  exchange.referer = text(20);
  exchange.proto_major = static_cast<int>(below(4));
  exchange.proto_minor = static_cast<int>(below(2));
  for (std::int64_t i = below(3); i > 0; --i) {
    exchange.path_params.push_back({text(5), text(9), one_in(2)});
    exchange.query_params.push_back({text(5), text(9), one_in(2)});
  }
  exchange.request_headers = headers();
  exchange.response_headers = headers();
  exchange.request_body = {text(300), below(1000) - 1, one_in(2)};
  exchange.response_body = {text(one_in(20) ? 9000 : 300), below(1000) - 1, one_in(2)};
  for (std::int64_t i = below(3); i > 0; --i) {
    exchange.errors.push_back({below(2) * kSampleTimeNs, text(8), text(20), text(8), text(8),
                               text(100), one_in(2) ? "{\"hash\":\"h\"}" : ""});
    exchange.tags.push_back(text(6));
    exchange.redaction.push_back(text(6));
  }
  exchange.service_version = text(6);
  exchange.client_ip = text(15);
  exchange.trace_id = text(32);
  exchange.span_id = text(16);
  exchange.parent_span_id = text(16);
  exchange.consumer = text(8);
  exchange.sdk_version = text(8);
  exchange.service_name = text(8);
  exchange.aborted = one_in(2);
  exchange.sample_weight = one_in(2) ? 1.0 : 2.5;
}

Record RandomRecords::record() {
  Record record;
  Exchange& exchange = record.exchange;
  exchange.start_ns = time_ns();
  record.project = project();
  record.identity = identity(exchange.start_ns);
  record.received_ns = exchange.start_ns + below(1'000'000'000);
  record.timestamp_corrected = one_in(10);
  exchange.id = one_in(4) ? Uuid{} : record.identity;
  if (one_in(2)) exchange.parent_id = parent();
  exchange.project_id = one_in(3) ? text(10) : base::format_uuid(record.project);
  exchange.direction = one_in(3) ? Direction::kOutgoing : Direction::kIncoming;
  exchange.sdk_type = "PythonFlask";
  exchange.duration_ns = below(5'000'000'000);
  exchange.method = kMethods[below(3)];
  exchange.host = "localhost:5000";
  exchange.url_path = one_in(10) ? text(8) + std::string("\0x", 2) : kPaths[below(4)];
  exchange.raw_url = exchange.url_path + "?q=1";
  exchange.status_code = kStatuses[below(9)];
  if (!one_in(4)) fill_optional_fields(exchange);
  return record;
}

DeadLetter RandomRecords::dead_letter() {
  DeadLetter letter;
  letter.project = project();
  letter.received_ns = time_ns();
  letter.source = "pubsub_rest";
  letter.reason = text(40);
  letter.bytes = text(400);
  return letter;
}

Filter RandomRecords::filter() {
  Filter filter;
  filter.project = project();
  if (one_in(3)) filter.since_ns = time_ns();
  if (one_in(3)) filter.until_ns = time_ns();
  if (one_in(4)) filter.status_min = kStatuses[below(9)];
  if (one_in(4)) filter.status_max = kStatuses[below(9)];
  if (one_in(4)) filter.method = kMethods[below(3)];
  if (one_in(4)) filter.url_path = kPaths[below(4)];
  if (one_in(4)) filter.kind = one_in(2) ? Direction::kOutgoing : Direction::kIncoming;
  if (one_in(5)) filter.parent_id = parent();
  return filter;
}

Uuid sample_uuid(std::uint8_t last) {
  Uuid id{};
  id[15] = last;
  return id;
}

Filter sample_filter() {
  Filter filter;
  filter.project = sample_uuid(200);
  return filter;
}

Record sample_record(std::int64_t start_ns, std::uint8_t id) {
  Record record;
  record.project = sample_uuid(200);
  record.identity = sample_uuid(id);
  record.received_ns = start_ns;
  record.exchange.id = record.identity;
  record.exchange.project_id = base::format_uuid(record.project);
  record.exchange.start_ns = start_ns;
  record.exchange.method = "GET";
  record.exchange.url_path = "/hello";
  record.exchange.raw_url = "/hello?name=x";
  record.exchange.status_code = 200;
  return record;
}

std::string describe(const Record& record) {
  const Exchange& e = record.exchange;
  std::ostringstream out;
  out << base::format_uuid(record.project) << '|' << base::format_uuid(record.identity) << '|'
      << record.received_ns << '|' << record.timestamp_corrected << "\nids "
      << base::format_uuid(e.id) << '|' << (e.parent_id ? base::format_uuid(*e.parent_id) : "none")
      << '|' << e.project_id << '|' << static_cast<int>(e.direction) << '|' << e.sdk_type
      << "\ntimes " << e.start_ns << '|' << e.duration_ns << '|' << e.ttfb_ns << "\nline "
      << e.method << '|' << e.host << '|' << e.raw_url << '|' << e.url_path << '|' << e.referer
      << '|' << e.status_code << '|' << e.proto_major << '.' << e.proto_minor;
  for (const Param& p : e.path_params) out << "\npath " << p.name << '=' << p.value << p.is_json;
  for (const Param& p : e.query_params) out << "\nquery " << p.name << '=' << p.value << p.is_json;
  for (const Header& h : e.request_headers) out << "\n> " << h.name << ':' << h.value;
  for (const Header& h : e.response_headers) out << "\n< " << h.name << ':' << h.value;
  describe_body("request_body", e.request_body, out);
  describe_body("response_body", e.response_body, out);
  describe_errors(e, out);
  for (const std::string& tag : e.tags) out << "\ntag " << tag;
  for (const std::string& code : e.redaction) out << "\nredaction " << code;
  out << "\nrest " << e.service_version << '|' << e.client_ip << '|' << e.trace_id << '|'
      << e.span_id << '|' << e.parent_span_id << '|' << e.consumer << '|' << e.sdk_version << '|'
      << e.service_name << '|' << e.aborted << '|' << e.sample_weight;
  return std::move(out).str();
}

}  // namespace apitoolkit::server::store
