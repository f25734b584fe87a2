#include "src/server/ingest/otlp_grpc.h"

#include <array>
#include <string>
#include <utility>

#include "src/base/limits.h"
#include "src/server/ingest/grpc_answer.h"
#include "src/server/ingest/otlp_delivery.h"

namespace apitoolkit::server::ingest {
namespace {

struct Service {
  const char* method;
  wire::OtlpSignal signal;
};

constexpr std::array<Service, 3> kServices{{
    {"/opentelemetry.proto.collector.trace.v1.TraceService/Export", wire::OtlpSignal::kTraces},
    {"/opentelemetry.proto.collector.logs.v1.LogsService/Export", wire::OtlpSignal::kLogs},
    {"/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", wire::OtlpSignal::kMetrics},
}};

std::string key_of(const net::GrpcRequest& request) {
  const std::string_view token = bearer_token(request.find("authorization"));
  return std::string(token.empty() ? request.find("x-api-key") : token);
}

class OtlpGrpcSource final : public Source {
 public:
  explicit OtlpGrpcSource(const Context& context) : intake_("otlp_grpc", context) {}

  void add_methods(net::GrpcMethods& methods) override {
    for (const Service& service : kServices) {
      methods.add(
          service.method, limits::kOtlpBodyBytesMax,
          [this, signal = service.signal](net::GrpcRequest request, net::GrpcResponder responder) {
            OtlpRequest otlp;
            otlp.signal = signal;
            otlp.key_before_resource = key_of(request);
            otlp.body = std::move(request.message);
            intake_.take(std::move(otlp), [responder = std::move(responder)](
                                              const Result<wire::PartialSuccess>& answer) {
              if (!answer) return responder(grpc_answer(answer.error()));
              responder({net::GrpcCode::kOk, "", wire::encode_export_response(*answer), ""});
            });
          });
    }
  }

 private:
  OtlpIntake intake_;
};

}  // namespace

std::unique_ptr<Source> make_otlp_grpc_source(const Context& context) {
  return std::make_unique<OtlpGrpcSource>(context);
}

}  // namespace apitoolkit::server::ingest
