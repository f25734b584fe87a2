// The canonical form that identity hashes (wire/README.md, "Identity"): the message as we write it,
// without project_id and bounds, its headers and parameters sorted by name.
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "src/base/uuid.h"
#include "src/wire/message.h"
#include "src/wire/message_members.h"

namespace apitoolkit::wire {
namespace {

template <class Entry>
void sort_by_name(std::vector<Entry>& entries) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.name < b.name; });
}

std::string canonical_form(Exchange exchange) {
  // Which project a message belongs to is decided by the key or topic that it came with.
  exchange.project_id.clear();
  sort_by_name(exchange.path_params);
  sort_by_name(exchange.query_params);
  sort_by_name(exchange.request_headers);
  sort_by_name(exchange.response_headers);
  return write_members(exchange);
}

}  // namespace

Uuid identity(const Exchange& exchange) {
  if (!base::is_nil(exchange.id)) return exchange.id;
  const std::string text = canonical_form(exchange);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  Uuid id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

}  // namespace apitoolkit::wire
