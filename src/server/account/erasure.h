// What projects that were removed have left behind.
#pragma once

#include "apitoolkit/result.h"
#include "src/server/account/accounts.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::account {

// Erases all that the store has of projects that were removed, and then forgets that they were. So
// what a crash, a full disk or another process's removal has left is erased by the next call. Costs
// nothing where there is no such project.
Status erase_removed_projects(Accounts& accounts, store::Store& store);

}  // namespace apitoolkit::server::account
