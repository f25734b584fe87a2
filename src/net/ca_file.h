// Where the certificates lie of the authorities that TLS trusts. libcurl knows one place, fixed
// when it was compiled; a wheel runs on distributions that have others.
#pragma once

#include <span>
#include <string>

namespace apitoolkit::net {

struct TrustedRoots {
  std::string file;       // PEM; empty: none
  std::string directory;  // by hash, as c_rehash makes it; empty: none
};

// SSL_CERT_FILE and SSL_CERT_DIR where one of them is set, as OpenSSL and Python's ssl have it;
// else the first of the usual files that can be read. Both empty: libcurl's own default stands.
TrustedRoots trusted_roots();

// The same for what the two variables hold (null: not set) and a list of files.
TrustedRoots trusted_roots(const char* file, const char* directory,
                           std::span<const char* const> usual);

}  // namespace apitoolkit::net
