#include "src/server/normalise/normalise.h"

#include <algorithm>
#include <utility>

#include "src/base/limits.h"
#include "src/base/uuid.h"

namespace apitoolkit::server::normalise {
namespace {

constexpr std::int64_t kYear2000Ns = 946'684'800'000'000'000;
constexpr std::int64_t kDayNs = 86'400'000'000'000;

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// Whether there was more.
template <class T>
bool cut(std::vector<T>& list, std::size_t count) {
  if (list.size() <= count) return false;
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(count), list.end());
  list.shrink_to_fit();
  return true;
}

// Another SDK's exchange with more is not lost for it, but says what is not all there.
void cut_lists(Exchange& exchange) {
  cut(exchange.redaction, limits::kParamsMax);
  const auto mark = [&exchange](bool was_cut, const char* member) {
    if (was_cut) exchange.redaction.push_back(std::string(member) + ":cut");
  };
  mark(cut(exchange.request_headers, limits::kHeadersMax), "request_headers");
  mark(cut(exchange.response_headers, limits::kHeadersMax), "response_headers");
  mark(cut(exchange.path_params, limits::kParamsMax), "path_params");
  mark(cut(exchange.query_params, limits::kParamsMax), "query_params");
  mark(cut(exchange.errors, limits::kErrorsMax), "errors");
  mark(cut(exchange.tags, limits::kParamsMax), "tags");
}

}  // namespace

store::Record normalise(Exchange exchange, const Receipt& receipt) {
  store::Record record;
  record.project = receipt.project;
  record.identity = receipt.identity;
  record.received_ns = receipt.received_ns;
  if (exchange.start_ns < kYear2000Ns || exchange.start_ns > receipt.received_ns + kDayNs) {
    exchange.start_ns = receipt.received_ns;
    record.timestamp_corrected = true;
  }
  exchange.project_id = base::format_uuid(receipt.project);
  if (base::is_nil(exchange.id)) exchange.id = receipt.identity;
  exchange.duration_ns = std::max<std::int64_t>(exchange.duration_ns, 0);
  exchange.ttfb_ns = std::max<std::int64_t>(exchange.ttfb_ns, -1);
  std::transform(exchange.method.begin(), exchange.method.end(), exchange.method.begin(), upper);
  std::erase(exchange.tags, std::string());
  cut_lists(exchange);
  record.exchange = std::move(exchange);
  return record;
}

}  // namespace apitoolkit::server::normalise
