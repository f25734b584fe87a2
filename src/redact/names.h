// Which headers and query parameters are masked by their name.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"

namespace apitoolkit::redact {

// A set of names, compared without regard to ASCII case; "-" and "_" differ. Immutable.
class NameSet {
 public:
  NameSet() = default;
  explicit NameSet(std::span<const std::string> names);
  bool contains(std::string_view name) const;

 private:
  std::vector<std::string> names_;  // lower case, sorted
};

// Authorization, Proxy-Authorization, Cookie, Set-Cookie, X-Api-Key, X-Auth-Token, X-Csrf-Token,
// and any name that contains token, secret, password or api-key.
bool is_secret_header(std::string_view name);

// password, passwd, pwd, secret, token, access_token, refresh_token, id_token, api_key, apikey,
// signature, sig, credential, X-Amz-Signature (case-insensitive).
bool is_secret_query_name(std::string_view name);

// Masks the values of query parameters by name in a URL or a path with a query: "/a?token=x&b=1"
// becomes "/a?token=[CLIENT_REDACTED]&b=1". Names are compared percent-decoded; of "user[token]"
// each part counts. A fragment is treated as a query, and so is what follows a ";" in the path.
// User information of an absolute URL ("//user:secret@") is masked too. A value that holds any of
// this percent-encoded, or user information, is masked as a whole: "/a?next=%2Fb%3Ftoken%3Dx"
// becomes "/a?next=[CLIENT_REDACTED]". Every other byte is kept.
std::string redact_url(std::string_view url, const NameSet& names);

// The same for every URL that stands in a text, such as an exception's message: for what lies
// between white space, quotation marks or angle brackets and holds "://" or "?". Text with more
// than kUrlsOfAWordMax URLs in one such word is masked from there on. Every other byte is kept.
std::string redact_urls_in_text(std::string_view text, const NameSet& names);
inline constexpr int kUrlsOfAWordMax = 16;

}  // namespace apitoolkit::redact
