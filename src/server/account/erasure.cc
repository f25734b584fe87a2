#include "src/server/account/erasure.h"

namespace apitoolkit::server::account {

Status erase_removed_projects(Accounts& accounts, store::Store& store) {
  for (const Uuid& project : accounts.removed_projects()) {
    const auto erased = store.erase(project);
    if (!erased) return tl::unexpected<Error>(erased.error());
    if (auto done = accounts.forget_removed_project(project); !done) return done;
  }
  return {};
}

}  // namespace apitoolkit::server::account
