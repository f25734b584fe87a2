#include "apitoolkit/captured_exchange.h"

#include <algorithm>
#include <span>
#include <utility>

namespace apitoolkit {
namespace {

using Kind = CapturedTexts::Kind;

constexpr std::size_t kTextsBytesMin = 1000;  // what a request's take, most often; see grow()
constexpr std::size_t kHeadersUsual = 12;

std::string hex(std::span<const std::uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(2 * bytes.size(), '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text[2 * i] = kDigits[bytes[i] >> 4];
    text[2 * i + 1] = kDigits[bytes[i] & 15];
  }
  return text;
}

void put(Exchange& exchange, Kind kind, std::string_view name, std::string_view value) {
  const auto param = [&](bool is_json) {
    exchange.path_params.push_back({std::string(name), std::string(value), is_json});
  };
  switch (kind) {
    case Kind::kMethod:
      exchange.method = value;
      break;
    case Kind::kHost:
      exchange.host = value;
      break;
    case Kind::kRawUrl:
      exchange.raw_url = value;
      break;
    case Kind::kUrlPath:
      exchange.url_path = value;
      break;
    case Kind::kReferer:
      exchange.referer = value;
      break;
    case Kind::kClientIp:
      exchange.client_ip = value;
      break;
    case Kind::kPathParam:
      param(false);
      break;
    case Kind::kJsonPathParam:
      param(true);
      break;
    case Kind::kRequestHeader:
      exchange.request_headers.push_back({std::string(name), std::string(value)});
      break;
    case Kind::kResponseHeader:
      exchange.response_headers.push_back({std::string(name), std::string(value)});
      break;
    case Kind::kPathParamsAnew:
      exchange.path_params.clear();
      break;
    case Kind::kResponseHeadersAnew:
      exchange.response_headers.clear();
      break;
  }
}

}  // namespace

char* CapturedTexts::add_named(Kind kind, std::size_t name_size, std::string_view value) {
  value = value.substr(0, kTextBytesMax);
  Head head{};
  head.name_size = static_cast<std::uint32_t>(name_size);
  head.value_size = static_cast<std::uint32_t>(value.size());
  head.kind = kind;
  const std::size_t size = sizeof head + name_size + value.size();
  if (capacity_ - size_ < size) grow(size_ + size);
  char* at = buffer_.get() + size_;
  std::memcpy(at, &head, sizeof head);
  if (!value.empty()) std::memcpy(at + sizeof head + name_size, value.data(), value.size());
  size_ += size;
  return at + sizeof head;
}

void CapturedTexts::grow(std::size_t size) {
  const std::size_t capacity = std::max({size, 2 * capacity_, kTextsBytesMin});
  std::unique_ptr<char[]> larger(new char[capacity]);  // not filled with zeros
  if (size_ > 0) std::memcpy(larger.get(), buffer_.get(), size_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

Exchange CapturedExchange::unpack() const {
  Exchange whole = exchange;
  if (texts.size() > 0) {
    whole.request_headers.reserve(kHeadersUsual);
    whole.response_headers.reserve(kHeadersUsual);
  }
  texts.each([&](Kind kind, std::string_view name, std::string_view value) {
    put(whole, kind, name, value);
  });
  if (texts.size() > 0 && whole.url_path.empty()) {
    whole.url_path = whole.raw_url.substr(0, whole.raw_url.find('?'));
  }
  if (has_own_span) {
    whole.span_id = own_span_id(whole.id);
    if (whole.trace_id.empty()) whole.trace_id = own_trace_id(whole.id);
  }
  return whole;
}

void CapturedExchange::clear() {
  std::string request = std::move(exchange.request_body.bytes);
  std::string response = std::move(exchange.response_body.bytes);
  request.clear();
  response.clear();
  exchange = Exchange();
  exchange.request_body.bytes = std::move(request);
  exchange.response_body.bytes = std::move(response);
  texts.clear();
  has_own_span = false;
}

std::size_t CapturedExchange::capacity() const {
  return sizeof *this + texts.capacity() + exchange.request_body.bytes.capacity() +
         exchange.response_body.bytes.capacity();
}

std::string own_trace_id(const Uuid& id) {
  return hex(id);
}

std::string own_span_id(const Uuid& id) {
  return hex(std::span(id).last<8>());
}

}  // namespace apitoolkit
