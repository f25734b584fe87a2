#include "src/server/serve/download.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <utility>

#include "src/base/clock.h"
#include "src/base/limits.h"
#include "src/json/document.h"
#include "src/json/writer.h"
#include "src/server/ingest/message_logs.h"
#include "src/server/serve/csv_cell.h"
#include "src/server/serve/exchange_json.h"
#include "src/server/serve/har.h"
#include "src/server/serve/trace_logs.h"
#include "src/wire/message.h"

namespace apitoolkit::server::serve {
namespace {

constexpr int kPageRows = 200;
constexpr int kPageRowsWithLogs = 20;  // each may come with a message's size of them
constexpr std::int64_t kPageBytes = 2 << 20;
constexpr std::size_t kPieceBytes = 128 << 10;  // well below the backlog of a stream

struct FormatInfo {
  ListFormat format;
  std::string_view media_type;
  std::string_view extension;
};
constexpr std::array kFormats{
    FormatInfo{ListFormat::kNdjson, "application/x-ndjson", "ndjson"},
    FormatInfo{ListFormat::kCsv, "text/csv", "csv"},
    FormatInfo{ListFormat::kHar, "application/har+json", "har"},
};

const FormatInfo& info_of(ListFormat format) {
  return *std::find_if(kFormats.begin(), kFormats.end(),
                       [format](const FormatInfo& info) { return info.format == format; });
}

constexpr std::array<std::string_view, 19> kCsvFields{
    "id",        "timestamp", "request_type", "method",
    "host",      "url_path",  "raw_url",      "status_code",
    "duration",  "ttfb",      "request_size", "response_size",
    "client_ip", "consumer",  "service_name", "service_version",
    "parent_id", "trace_id",  "errors"};

std::vector<std::size_t> csv_fields() {
  std::vector<std::size_t> fields;
  const auto known = exchange_fields();
  for (const std::string_view name : kCsvFields) {
    const auto found = std::find(known.begin(), known.end(), name);
    fields.push_back(static_cast<std::size_t>(found - known.begin()));
  }
  return fields;
}

// A record of it as text. Keeps what separates one from the next.
class Formatter {
 public:
  Formatter(ListFormat format, std::vector<std::size_t> fields)
      : format_(format), fields_(std::move(fields)) {
    if (format_ == ListFormat::kCsv && fields_.empty()) fields_ = csv_fields();
  }

  void begin(std::string& out) const {
    if (format_ == ListFormat::kHar) out += har_begin();
    if (format_ != ListFormat::kCsv) return;
    for (const std::size_t field : fields_) {
      if (field != fields_.front()) out += ',';
      out += exchange_fields()[field];
    }
    out += "\r\n";
  }

  void add(const store::Record& record, std::span<const store::LogEntry> logs, std::string& out) {
    if (format_ == ListFormat::kCsv) return add_csv(record, out);
    if (format_ == ListFormat::kHar) {
      if (!std::exchange(first_, false)) out += ',';
      json::Writer w;
      write_har_entry(record, w);
      out += w.str();
      return;
    }
    if (fields_.empty()) {
      Exchange exchange = record.exchange;
      exchange.id = record.identity;
      std::string message = wire::encode_stored_message(exchange);
      ingest::add_logs(logs, message);
      out += message;
    } else {
      json::Writer w;
      write_exchange(record, fields_, w);
      out += w.str();
    }
    out += '\n';
  }

  void end(std::string& out) const {
    if (format_ == ListFormat::kHar) out += har_end();
  }

 private:
  void add_csv(const store::Record& record, std::string& out) const {
    json::Writer w;
    write_exchange(record, fields_, w);
    const auto document = json::Document::parse(w.str());
    std::uint32_t name = document->root() + 1;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const std::uint32_t value = name + 1;
      const json::Type type = (*document)[value].type;
      if (i > 0) out += ',';
      if (type == json::Type::kNumber) {
        out += document->raw(value);
      } else if (type != json::Type::kNull) {
        out += csv_cell(type == json::Type::kString ? document->text(value)
                                                    : std::string(document->raw(value)));
      }
      name = (*document)[value].next;
    }
    out += "\r\n";
  }

  ListFormat format_;
  std::vector<std::size_t> fields_;
  bool first_ = true;
};

// One download, from page to page on the readers' threads. Holds itself by what the stream calls,
// until it lets go of the stream.
class Download final : public std::enable_shared_from_this<Download> {
 public:
  Download(const Services& services, ExchangeQuery query, std::shared_ptr<Downloads> running)
      : services_(services),
        query_(std::move(query)),
        running_(std::move(running)),
        formatter_(query_.format, query_.fields) {}
  ~Download() { --*running_; }
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  void start(const net::Responder& responder) {
    net::StreamOptions options;
    options.drained = [self = shared_from_this()] { self->go_on(); };
    options.gone = [self = shared_from_this()] {
      self->stop_.request_stop();
      self->go_on();
    };
    {
      const std::lock_guard lock(mutex_);
      stream_ = responder.stream(head(), std::move(options));
      formatter_.begin(pending_);
    }
    step();
  }

 private:
  net::ServerResponse head() const {
    const FormatInfo& info = info_of(query_.format);
    std::string stamp = base::format_rfc3339(services_.clock.now_ns()).substr(0, 19);
    std::erase_if(stamp, [](char c) { return c == ':' || c == '-'; });
    return {200,
            {{"Content-Type", std::string(info.media_type)},
             {"Content-Disposition", "attachment; filename=\"exchanges-" + stamp + "." +
                                         std::string(info.extension) + "\""},
             {"Cache-Control", "no-store"},
             {"X-Content-Type-Options", "nosniff"},
             {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"}},
            ""};
  }

  // From an I/O thread.
  void go_on() {
    if (services_.readers.submit([self = shared_from_this()] { self->step(); })) return;
    // The readers are overwhelmed, or the server stops. A step that runs now comes to its end.
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock.owns_lock()) give_up();
  }

  void give_up() {
    if (stream_) stream_->abort();
    stream_ = nullptr;
  }

  void step() {
    const std::lock_guard lock(mutex_);
    if (!stream_) return;
    if (stop_.stop_requested() || !stream_->is_open()) return give_up();
    if (!send()) return;  // until it is drained
    if (finished_) {
      stream_->end();
      stream_ = nullptr;
      return;
    }
    if (!read_page()) return give_up();
    // Behind others that wait for a reader.
    if (!services_.readers.submit([self = shared_from_this()] { self->step(); })) give_up();
  }

  bool send() {
    while (sent_ < pending_.size()) {
      const std::string_view piece = std::string_view(pending_).substr(sent_, kPieceBytes);
      if (!stream_->write(piece)) return false;
      sent_ += piece.size();
    }
    pending_.clear();
    sent_ = 0;
    return true;
  }

  bool read_page() {
    const query::Control control{stop_.get_token(), std::chrono::steady_clock::now() +
                                                        std::chrono::seconds(limits::kQueryTimeS)};
    const int rows_max = query_.logs ? kPageRowsWithLogs : kPageRows;
    const auto page = services_.store.scan(query_.filter, query_.after,
                                           {std::min(query_.limit, rows_max), kPageBytes, control});
    if (!page) return false;
    for (const store::Record& record : page->records) {
      const auto logs = logs_beside(services_.store, query_.filter.project,
                                    query_.logs ? record.exchange.trace_id : "");
      if (!logs) return false;
      formatter_.add(record, *logs, pending_);
    }
    query_.limit -= static_cast<int>(page->records.size());
    query_.after = page->next;
    finished_ = !page->next || query_.limit <= 0;
    if (finished_) formatter_.end(pending_);
    return true;
  }

  const Services services_;
  ExchangeQuery query_;
  const std::shared_ptr<Downloads> running_;  // shared by all downloads
  const std::stop_source stop_;
  std::mutex mutex_;  // guards what follows; one step at a time
  Formatter formatter_;
  std::unique_ptr<net::AnswerStream> stream_;
  std::string pending_;
  std::size_t sent_ = 0;  // of pending_
  bool finished_ = false;
};

}  // namespace

std::optional<ListFormat> format_of_accept(std::string_view accept) {
  while (!accept.empty()) {
    const std::size_t end = std::min(accept.find(','), accept.size());
    std::string_view one = accept.substr(0, std::min(accept.find(';'), end));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one == "application/json") return ListFormat::kPage;
    for (const FormatInfo& info : kFormats) {
      if (one == info.media_type) return info.format;
    }
    accept.remove_prefix(std::min(end + 1, accept.size()));
  }
  return std::nullopt;
}

void download(const Services& services, ExchangeQuery query, const net::Responder& responder,
              const std::shared_ptr<Downloads>& running) {
  const bool too_many = ++*running > limits::kDownloadsMax;
  auto made = std::make_shared<Download>(services, std::move(query), running);
  if (too_many) return responder(problem_answer({503, "too many downloads run", ""}));
  made->start(responder);
}

}  // namespace apitoolkit::server::serve
