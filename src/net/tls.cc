#include "src/net/tls.h"

#include <openssl/ssl.h>

#include <array>

namespace apitoolkit::net {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

constexpr std::array<unsigned char, 9> kProtocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int choose_protocol(SSL* /*connection*/, const unsigned char** out, unsigned char* out_length,
                    const unsigned char* offered, unsigned int offered_length, void* /*unused*/) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kProtocols.data(), kProtocols.size(), offered,
                            offered_length) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

tl::unexpected<Error> refuse(const char* option, const std::string& file, const error_code& why) {
  return fail(ErrorCode::kInvalidArgument,
              std::string(option) + " " + file + " cannot be used: " + why.message());
}

}  // namespace

Result<std::shared_ptr<ssl::context>> make_tls(const TlsFiles& files) {
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
  SSL_CTX_set_alpn_select_cb(context->native_handle(), choose_protocol, nullptr);
  return context;
}

}  // namespace apitoolkit::net
