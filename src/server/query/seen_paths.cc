#include "src/server/query/seen_paths.h"

#include <algorithm>
#include <utility>

#include "src/json/utf8.h"
#include "src/server/query/parse.h"
#include "src/server/query/source.h"

namespace apitoolkit::server::query {
namespace {

constexpr std::size_t kPathsMax = 5000;         // that are counted
constexpr std::size_t kStepsMax = 16;           // of one path
constexpr std::size_t kNameBytesMax = 128;      // of one step
constexpr std::int64_t kNodesMax = 20'000;      // of one exchange's bodies
constexpr std::size_t kElementsMax = 20;        // of one list that are looked at
constexpr std::size_t kBodyBytesMax = 1 << 20;  // a longer one is not looked into

bool is_fit(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && json::is_valid_utf8(name);
}

FieldRef path_of(FieldId field) {
  FieldRef path;
  path.id = field;
  path.name = field_info(field).name;
  return path;
}

ValueType type_of(const json::Document& document, std::uint32_t node) {
  switch (document[node].type) {
    case json::Type::kNull:
      return ValueType::kNull;
    case json::Type::kFalse:
    case json::Type::kTrue:
      return ValueType::kBool;
    case json::Type::kNumber:
      return json::to_int64(document.raw(node)) ? ValueType::kInteger : ValueType::kDouble;
    case json::Type::kString:
      return ValueType::kText;
    default:
      return ValueType::kJson;
  }
}

}  // namespace

void SeenPaths::see(const FieldRef& path, ValueType type) {
  std::string text = to_text(path);
  auto found = seen_.find(text);
  if (found == seen_.end()) {
    if (seen_.size() >= kPathsMax) return;
    found = seen_.emplace(std::move(text), Seen{*path.id}).first;
  }
  Seen& seen = found->second;
  if (std::exchange(seen.last, exchange_) != exchange_) ++seen.exchanges;
  if (type == ValueType::kNull || type == seen.type) return;
  const auto is_number = [](ValueType one) {
    return one == ValueType::kInteger || one == ValueType::kDouble;
  };
  if (seen.type == ValueType::kNull) {
    seen.type = type;
  } else if (is_number(type) && is_number(seen.type)) {
    seen.type = ValueType::kDouble;
  } else {
    seen.differs = true;
  }
}

void SeenPaths::walk(const json::Document& document, std::uint32_t node, FieldRef& path) {
  if (--nodes_left_ < 0) return;
  const json::Node& here = document[node];
  const bool is_object = here.type == json::Type::kObject;
  const bool is_container = is_object || here.type == json::Type::kArray;
  if (!is_container || here.count == 0 || path.steps.size() == kStepsMax) {
    if (!path.steps.empty()) see(path, type_of(document, node));
    return;
  }
  std::uint32_t child = node + 1;
  for (std::uint32_t i = 0; i < here.count && nodes_left_ >= 0; ++i) {
    const std::uint32_t value = is_object ? child + 1 : child;
    Step step;
    if (is_object) {
      step.name = document.text(child);
    } else {
      step.kind = Step::Kind::kEach;
      if (i == kElementsMax) return;
    }
    if (!is_object || is_fit(step.name)) {
      path.steps.push_back(std::move(step));
      walk(document, value, path);
      path.steps.pop_back();
    }
    child = document[value].next;
  }
}

void SeenPaths::add_body(FieldId field, const Body& body) {
  if (body.bytes.empty() || body.bytes.size() > kBodyBytesMax) return;
  const auto document = json::Document::parse(trimmed_body(body.bytes));
  if (!document) return;
  FieldRef path = path_of(field);
  walk(*document, document->root(), path);
}

void SeenPaths::add_headers(FieldId field, const std::vector<Header>& headers) {
  for (const Header& header : headers) {
    if (!is_fit(header.name)) continue;
    FieldRef path = path_of(field);
    Step step;
    step.name = header.name;
    for (char& c : step.name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    path.steps.push_back(std::move(step));
    see(path, ValueType::kText);
  }
}

void SeenPaths::add_params(FieldId field, const std::vector<Param>& params) {
  for (const Param& param : params) {
    if (!is_fit(param.name)) continue;
    FieldRef path = path_of(field);
    path.steps.push_back({Step::Kind::kName, param.name, 0});
    const auto document =
        param.is_json ? json::Document::parse(param.value) : Result<json::Document>();
    if (param.is_json && document) {
      walk(*document, document->root(), path);
    } else {
      see(path, ValueType::kText);
    }
  }
}

void SeenPaths::add(const Exchange& exchange) {
  ++exchange_;
  nodes_left_ = kNodesMax;
  add_headers(FieldId::kRequestHeaders, exchange.request_headers);
  add_headers(FieldId::kResponseHeaders, exchange.response_headers);
  add_params(FieldId::kQueryParams, exchange.query_params);
  add_params(FieldId::kPathParams, exchange.path_params);
  add_body(FieldId::kRequestBody, exchange.request_body);
  add_body(FieldId::kResponseBody, exchange.response_body);
}

std::vector<SeenPath> SeenPaths::take(std::size_t most) && {
  std::vector<SeenPath> paths;
  paths.reserve(seen_.size());
  for (auto& [text, seen] : seen_) {
    paths.push_back(
        {text, seen.field, seen.differs ? ValueType::kNull : seen.type, seen.exchanges});
  }
  std::stable_sort(paths.begin(), paths.end(),
                   [](const SeenPath& a, const SeenPath& b) { return a.exchanges > b.exchanges; });
  if (paths.size() > most) paths.resize(most);
  return paths;
}

}  // namespace apitoolkit::server::query
