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

template <class T>
void cut(std::vector<T>& list, std::size_t count) {
  if (list.size() <= count) return;
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(count), list.end());
  list.shrink_to_fit();
}

// Another SDK's exchange with more is not lost for it.
void cut_lists(Exchange& exchange) {
  cut(exchange.request_headers, limits::kHeadersMax);
  cut(exchange.response_headers, limits::kHeadersMax);
  cut(exchange.path_params, limits::kParamsMax);
  cut(exchange.query_params, limits::kParamsMax);
  cut(exchange.errors, limits::kErrorsMax);
  cut(exchange.tags, limits::kParamsMax);
  cut(exchange.redaction, limits::kParamsMax);
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
