// A token is base64url(header) "." base64url(claims) "." base64url(signature), where the signature
// is RSASSA-PKCS1-v1_5 with SHA-256 over the two first parts (RFC 7515, RFC 7518 section 3.3).
#include "src/wire/jwt.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <optional>
#include <vector>

#include "src/base/base64.h"
#include "src/json/document.h"
#include "src/json/writer.h"

namespace apitoolkit::wire {
namespace {

template <class T, void (*release)(T*)>
struct Released {
  void operator()(T* object) const { release(object); }
};
void free_bio(BIO* bio) {
  BIO_free_all(bio);
}
using Bio = std::unique_ptr<BIO, Released<BIO, free_bio>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Released<EVP_MD_CTX, EVP_MD_CTX_free>>;

// Without it OpenSSL asks on the terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) {
  return -1;
}

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

struct Token {
  std::string_view signed_part;  // header "." claims
  std::string header;
  std::string claims;
  std::string signature;
};

std::optional<Token> split(std::string_view text) {
  const std::size_t first = text.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  auto header = base::base64_decode(text.substr(0, first));
  auto claims = base::base64_decode(text.substr(first + 1, second - first - 1));
  auto signature = base::base64_decode(text.substr(second + 1));
  if (!header || !claims || !signature) return std::nullopt;
  return Token{text.substr(0, second), std::move(*header), std::move(*claims),
               std::move(*signature)};
}

// A member of the object `json`; empty if there is none of that type.
std::string text_member(std::string_view json, std::string_view name) {
  const auto document = json::Document::parse(json);
  if (!document || (*document)[0].type != json::Type::kObject) return "";
  const auto node = document->member(0, name);
  if (!node || (*document)[*node].type != json::Type::kString) return "";
  return document->text(*node);
}

std::optional<std::int64_t> integer_member(std::string_view json, std::string_view name) {
  const auto document = json::Document::parse(json);
  if (!document || (*document)[0].type != json::Type::kObject) return std::nullopt;
  const auto node = document->member(0, name);
  if (!node || (*document)[*node].type != json::Type::kNumber) return std::nullopt;
  return json::to_int64(document->raw(*node));
}

tl::unexpected<Error> refuse(const char* message) {
  return fail(ErrorCode::kUnauthenticated, message);
}

}  // namespace

struct RsaKey::Handle {
  explicit Handle(EVP_PKEY* owned) : key(owned) {}
  ~Handle() { EVP_PKEY_free(key); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  EVP_PKEY* key;
};

Result<RsaKey> RsaKey::generate(int bits) {
  EVP_PKEY* key = bits >= 1024 ? EVP_RSA_gen(static_cast<unsigned>(bits)) : nullptr;
  if (key == nullptr) {
    ERR_clear_error();
    return fail(ErrorCode::kInvalidArgument,
                "cannot generate an RSA key of " + std::to_string(bits) + " bits");
  }
  RsaKey result;
  result.handle_ = std::make_shared<const Handle>(key);
  return result;
}

Result<RsaKey> RsaKey::from_private_pem(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  EVP_PKEY* key = bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr;
  ERR_clear_error();  // the thread's error queue belongs to the application too
  if (key == nullptr) {
    return fail(ErrorCode::kInvalidArgument, "private_key: expected an RSA private key in PEM");
  }
  auto handle = std::make_shared<const Handle>(key);
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
    return fail(ErrorCode::kInvalidArgument, "private_key: expected RSA, got another kind of key");
  }
  RsaKey result;
  result.handle_ = std::move(handle);
  return result;
}

std::string RsaKey::private_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!handle_ || !bio ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), handle_->key, nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1) {
    ERR_clear_error();
    return "";
  }
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Result<std::string> RsaKey::sign(const Claims& claims, std::string_view key_id) const {
  json::Writer header;
  header.begin_object().key("alg").value("RS256").key("typ").value("JWT");
  if (!key_id.empty()) header.key("kid").value(key_id);
  header.end_object();
  json::Writer body;
  body.begin_object();
  body.key("iss").value(claims.issuer).key("sub").value(claims.issuer);
  body.key("aud").value(claims.audience);
  body.key("iat").value(claims.issued_at_s).key("exp").value(claims.expires_at_s);
  body.end_object();
  std::string token =
      base::base64url_encode(header.str()) + "." + base::base64url_encode(body.str());

  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = 0;
  std::string signature;
  bool is_signed =
      handle_ && context &&
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, handle_->key) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &size, as_bytes(token), token.size()) == 1;
  if (is_signed) {
    signature.resize(size);
    is_signed = EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                               &size, as_bytes(token), token.size()) == 1;
    signature.resize(size);
  }
  ERR_clear_error();
  if (!is_signed) return fail(ErrorCode::kInternal, "cannot sign a token with this key");
  token += "." + base::base64url_encode(signature);
  return token;
}

Result<Claims> RsaKey::verify(std::string_view token, std::int64_t now_s) const {
  constexpr std::int64_t kClockSkewS = 60;
  const auto parts = split(token);
  if (!parts) return refuse("token: expected header.claims.signature");
  // Only RS256: a token must not choose "none", or a secret that is public.
  if (text_member(parts->header, "alg") != "RS256") return refuse("token: expected alg RS256");
  const DigestContext context(EVP_MD_CTX_new());
  const bool is_genuine =
      handle_ && context &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, handle_->key) == 1 &&
      EVP_DigestVerify(context.get(), as_bytes(parts->signature), parts->signature.size(),
                       as_bytes(parts->signed_part), parts->signed_part.size()) == 1;
  ERR_clear_error();
  if (!is_genuine) return refuse("token: the signature does not match the key");
  const auto issued_at_s = integer_member(parts->claims, "iat");
  const auto expires_at_s = integer_member(parts->claims, "exp");
  if (!issued_at_s || !expires_at_s) return refuse("token: expected the claims iat and exp");
  if (*issued_at_s > now_s + kClockSkewS) return refuse("token: issued in the future");
  if (*expires_at_s < now_s - kClockSkewS) return refuse("token: expired");
  return Claims{text_member(parts->claims, "iss"), text_member(parts->claims, "aud"), *issued_at_s,
                *expires_at_s};
}

std::string token_key_id(std::string_view token) {
  const auto header = base::base64_decode(token.substr(0, token.find('.')));
  return header ? text_member(*header, "kid") : "";
}

}  // namespace apitoolkit::wire
