// The body of a request that changes something: one JSON object with known members.
//
//   auto body = JsonBody::read(request, {"name", "scopes"});
//   if (!body) return problem_answer(body.error());
//   const std::string name = body->text("name").value_or("");
//   if (const auto& wrong = body->problem()) return problem_answer(*wrong);
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/json/document.h"
#include "src/net/http_server.h"
#include "src/server/serve/answer.h"

namespace apitoolkit::server::serve {

// The first member that is not as it should be is remembered; what is read after that does not
// matter. null counts as absent. The request must outlive it.
class JsonBody {
 public:
  // 415 for another type than application/json (which a form of another site cannot send), 413
  // above limits::kApiBodyBytesMax, 400 for what is no object or has a member of another name.
  static tl::expected<JsonBody, Problem> read(const net::ServerRequest& request,
                                              std::initializer_list<std::string_view> members);

  // As read, of a text that is in another body. The text must outlive it.
  static tl::expected<JsonBody, Problem> parse(std::string_view json,
                                               std::initializer_list<std::string_view> members);

  // Whether there is such a member, be it null.
  bool names(std::string_view name) const;
  std::optional<std::string> text(std::string_view name);
  std::string required_text(std::string_view name);
  // A whole number from `least` to `most`.
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<std::vector<std::string>> texts(std::string_view name);

  // For members that are objects or lists of them.
  const json::Document& document() const { return *document_; }
  std::optional<std::uint32_t> node(std::string_view name) const;

  void complain(std::string_view name, std::string detail);
  const std::optional<Problem>& problem() const { return problem_; }

 private:
  explicit JsonBody(json::Document document)
      : document_(std::make_unique<json::Document>(std::move(document))) {}
  std::unique_ptr<json::Document> document_;
  std::optional<Problem> problem_;
};

}  // namespace apitoolkit::server::serve
