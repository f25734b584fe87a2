#include "src/net/tls.h"

#include <openssl/ssl.h>

#include <string_view>
#include <utility>

namespace apitoolkit::net {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// In the form of the protocol: a length before each name.
constexpr std::string_view kHttp1First = "\x08http/1.1\x02h2";
constexpr std::string_view kHttp2First = "\x02h2\x08http/1.1";

int choose(std::string_view ours, const unsigned char** out, unsigned char* out_length,
           const unsigned char* offered, unsigned int offered_length) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length,
                            reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned int>(ours.size()), offered,
                            offered_length) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

int choose_http1(SSL* /*connection*/, const unsigned char** out, unsigned char* out_length,
                 const unsigned char* offered, unsigned int offered_length, void* /*unused*/) {
  return choose(kHttp1First, out, out_length, offered, offered_length);
}

int choose_http2(SSL* /*connection*/, const unsigned char** out, unsigned char* out_length,
                 const unsigned char* offered, unsigned int offered_length, void* /*unused*/) {
  return choose(kHttp2First, out, out_length, offered, offered_length);
}

tl::unexpected<Error> refuse(const char* option, const std::string& file, const error_code& why) {
  return fail(ErrorCode::kInvalidArgument,
              std::string(option) + " " + file + " cannot be used: " + why.message());
}

Result<TlsContext> make_context(const TlsFiles& files, TlsFirst first) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  error_code error;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                           ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                           ssl::context::no_tlsv1_1,
                       error);
  if (!error) context->use_certificate_chain_file(files.certificate, error);
  if (error) return refuse("--tls-cert", files.certificate, error);
  context->use_private_key_file(files.key, ssl::context::pem, error);
  if (error) return refuse("--tls-key", files.key, error);
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return fail(
        ErrorCode::kInvalidArgument,
        "--tls-key " + files.key + " is not the key of the certificate in " + files.certificate);
  }
  SSL_CTX_set_alpn_select_cb(context->native_handle(),
                             first == TlsFirst::kHttp2 ? choose_http2 : choose_http1, nullptr);
  return context;
}

}  // namespace

Result<TlsContexts> make_tls(const TlsFiles& files) {
  TlsContexts contexts;
  for (const TlsFirst first : {TlsFirst::kHttp1, TlsFirst::kHttp2}) {
    auto made = make_context(files, first);
    if (!made) return tl::unexpected<Error>(made.error());
    contexts.at(static_cast<std::size_t>(first)) = std::move(*made);
  }
  return contexts;
}

}  // namespace apitoolkit::net
