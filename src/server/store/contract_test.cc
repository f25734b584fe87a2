#include "src/server/store/contract_test.h"

namespace apitoolkit::server::store {
namespace {

const StoreUnderTest kMemory = {"memory", [](const std::string&) -> Result<std::unique_ptr<Store>> {
                                  return make_memory_store();
                                }};
const StoreUnderTest kSqlite = {"sqlite",
                                [](const std::string& path) { return open_sqlite_store(path); }};
// That counts in rollups whatever it stores, at once.
const StoreUnderTest kRolledUp = {"rolled_up", [](const std::string& path) {
                                    return open_sqlite_store(path, {.uncounted_max = 0});
                                  }};

INSTANTIATE_TEST_SUITE_P(AnyHome, StoreContract, ::testing::Values(kMemory, kSqlite, kRolledUp),
                         name_of);

}  // namespace
}  // namespace apitoolkit::server::store
