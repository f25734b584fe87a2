#include "src/server/serve/json_body.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::server::serve {

tl::expected<JsonBody, Problem> JsonBody::read(const net::ServerRequest& request,
                                               std::initializer_list<std::string_view> members) {
  if (!request.header("Content-Type").starts_with("application/json")) {
    return tl::unexpected<Problem>({415, "expected Content-Type: application/json", ""});
  }
  if (static_cast<std::int64_t>(request.body.size()) > limits::kApiBodyBytesMax) {
    return tl::unexpected<Problem>({413, "the body is too large for this", ""});
  }
  return parse(request.body, members);
}

tl::expected<JsonBody, Problem> JsonBody::parse(std::string_view json,
                                                std::initializer_list<std::string_view> members) {
  auto document = json::Document::parse(json);
  if (!document) {
    return tl::unexpected<Problem>({400, "expected JSON: " + document.error().message, ""});
  }
  if ((*document)[document->root()].type != json::Type::kObject) {
    return tl::unexpected<Problem>({400, "expected a JSON object", ""});
  }
  std::uint32_t name = document->root() + 1;
  for (std::uint32_t i = 0; i < (*document)[document->root()].count; i++) {
    const std::string text = document->text(name);
    if (std::find(members.begin(), members.end(), text) == members.end()) {
      std::string known;
      for (const std::string_view member : members) {
        if (!known.empty()) known += ", ";
        known += member;
      }
      return tl::unexpected<Problem>({400, "there is no such member; there are " + known, text});
    }
    name = (*document)[name + 1].next;
  }
  return JsonBody(std::move(*document));
}

std::optional<std::uint32_t> JsonBody::node(std::string_view name) const {
  const auto found = document_->member(document_->root(), name);
  if (!found || (*document_)[*found].type == json::Type::kNull) return std::nullopt;
  return found;
}

bool JsonBody::names(std::string_view name) const {
  return document_->member(document_->root(), name).has_value();
}

std::optional<std::string> JsonBody::text(std::string_view name) {
  const auto found = node(name);
  if (!found) return std::nullopt;
  if ((*document_)[*found].type == json::Type::kString) return document_->text(*found);
  complain(name, "expected a string");
  return std::nullopt;
}

std::string JsonBody::required_text(std::string_view name) {
  auto found = text(name);
  if (!found) complain(name, "expected a string");
  return std::move(found).value_or("");
}

std::optional<std::int64_t> JsonBody::integer(std::string_view name, std::int64_t least,
                                              std::int64_t most) {
  const auto found = node(name);
  if (!found) return std::nullopt;
  const std::string_view raw = document_->raw(*found);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if ((*document_)[*found].type == json::Type::kNumber && error == std::errc() &&
      end == raw.data() + raw.size() && value >= least && value <= most) {
    return value;
  }
  complain(name,
           "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<std::vector<std::string>> JsonBody::texts(std::string_view name) {
  const auto found = node(name);
  if (!found) return std::nullopt;
  std::vector<std::string> all;
  bool fine = (*document_)[*found].type == json::Type::kArray;
  std::uint32_t element = *found + 1;
  for (std::uint32_t i = 0; fine && i < (*document_)[*found].count; i++) {
    fine = (*document_)[element].type == json::Type::kString;
    if (fine) all.push_back(document_->text(element));
    element = (*document_)[element].next;
  }
  if (fine) return all;
  complain(name, "expected a list of strings");
  return std::nullopt;
}

void JsonBody::complain(std::string_view name, std::string detail) {
  if (!problem_) problem_ = Problem{400, std::move(detail), std::string(name)};
}

}  // namespace apitoolkit::server::serve
