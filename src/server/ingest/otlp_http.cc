#include "src/server/ingest/otlp_http.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "src/base/limits.h"
#include "src/json/writer.h"
#include "src/server/ingest/error_code.h"
#include "src/server/ingest/otlp_delivery.h"
#include "src/wire/protobuf_writer.h"

namespace apitoolkit::server::ingest {
namespace {

constexpr std::string_view kProtobuf = "application/x-protobuf";
constexpr std::string_view kJson = "application/json";

enum class Form { kBinary, kText };

std::optional<Form> form_of(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  type.erase(type.find_last_not_of(" \t") + 1);
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (type == kJson) return Form::kText;
  if (type == kProtobuf || type == "application/protobuf") return Form::kBinary;
  return std::nullopt;
}

net::ServerResponse error_in(Form form, int status, std::string_view message) {
  net::ServerResponse response;
  response.status = status;
  const auto code = static_cast<int>(grpc_code_of_status(status));
  if (form == Form::kText) {
    json::Writer out;
    out.begin_object().key("code").value(code).key("message").value(message);
    out.end_object();
    response.body = std::move(out).str();
  } else {
    wire::ProtobufWriter out;  // google.rpc.Status{int32 code=1; string message=2}
    out.integer(1, code);
    out.text(2, message);
    response.body = std::move(out).str();
  }
  response.headers.push_back(
      {"Content-Type", std::string(form == Form::kText ? kJson : kProtobuf)});
  if (status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer"});
  if (status == 429 || status == 503) {
    response.headers.push_back({"Retry-After", std::to_string(limits::kRetryAfterS)});
  }
  return response;
}

net::ServerResponse answer_in(Form form, wire::OtlpSignal signal,
                              const Result<wire::PartialSuccess>& answer) {
  if (!answer) return error_in(form, http_status(answer.error().code), answer.error().message);
  if (form == Form::kText) {
    return {200,
            {{"Content-Type", std::string(kJson)}},
            wire::encode_export_response_json(signal, *answer)};
  }
  return {200, {{"Content-Type", std::string(kProtobuf)}}, wire::encode_export_response(*answer)};
}

class OtlpHttpSource final : public Source {
 public:
  explicit OtlpHttpSource(const Context& context) : intake_("otlp_http", context) {}

  void add_routes(net::Router& router) override {
    for (std::size_t i = 0; i < kOtlpPaths.size(); i++) {
      const auto signal = static_cast<wire::OtlpSignal>(i);
      router.add("POST", std::string(kOtlpPaths.at(i)),
                 [this, signal](net::ServerRequest request, const net::PathParams&,
                                const net::Responder& responder) {
                   take(signal, std::move(request), responder);
                 });
    }
  }

 private:
  void take(wire::OtlpSignal signal, net::ServerRequest request, const net::Responder& responder) {
    const auto form = form_of(request.header("Content-Type"));
    if (!form) {
      return responder(error_in(Form::kText, 415,
                                "the content types understood are application/x-protobuf and "
                                "application/json"));
    }
    std::string_view key = bearer_token(request.header("Authorization"));
    if (key.empty()) key = request.header("x-api-key");
    OtlpRequest taken{signal, std::move(request.body), *form == Form::kText, "", std::string(key)};
    intake_.take(std::move(taken), [responder, form, signal](const auto& answer) {
      responder(answer_in(*form, signal, answer));
    });
  }

  OtlpIntake intake_;
};

}  // namespace

bool is_otlp_path(std::string_view path) {
  return std::find(kOtlpPaths.begin(), kOtlpPaths.end(), path) != kOtlpPaths.end();
}

std::unique_ptr<Source> make_otlp_http_source(const Context& context) {
  return std::make_unique<OtlpHttpSource>(context);
}

net::ServerResponse otlp_error(int status, std::string_view content_type,
                               std::string_view message) {
  return error_in(form_of(content_type).value_or(Form::kBinary), status, message);
}

}  // namespace apitoolkit::server::ingest
