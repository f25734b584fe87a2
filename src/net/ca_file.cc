#include "src/net/ca_file.h"

#include <unistd.h>

#include <array>
#include <cstdlib>

namespace apitoolkit::net {
namespace {

// The order of Go's crypto/x509/root_linux.go, whose list has stood the test of distributions.
constexpr std::array<const char*, 6> kUsualFiles = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch, Gentoo
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL 6
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/etc/pki/tls/cacert.pem",                            // OpenELEC
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // CentOS and RHEL 7 and later
    "/etc/ssl/cert.pem",                                  // Alpine
};

std::string or_empty(const char* text) {
  return text == nullptr ? "" : text;
}

}  // namespace

TrustedRoots trusted_roots(const char* file, const char* directory,
                           std::span<const char* const> usual) {
  TrustedRoots roots{or_empty(file), or_empty(directory)};
  if (!roots.file.empty() || !roots.directory.empty()) return roots;
  for (const char* candidate : usual) {
    if (access(candidate, R_OK) == 0) return {candidate, ""};
  }
  return {};
}

TrustedRoots trusted_roots() {
  const char* file = std::getenv("SSL_CERT_FILE");      // NOLINT(concurrency-mt-unsafe)
  const char* directory = std::getenv("SSL_CERT_DIR");  // NOLINT(concurrency-mt-unsafe)
  return trusted_roots(file, directory, kUsualFiles);
}

}  // namespace apitoolkit::net
