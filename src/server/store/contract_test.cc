#include "src/server/store/contract_test.h"

namespace apitoolkit::server::store {
namespace {

const StoreUnderTest kMemory = {"memory", [](const std::string&) -> Result<std::unique_ptr<Store>> {
                                  return make_memory_store();
                                }};
const StoreUnderTest kSqlite = {"sqlite", open_sqlite_store};

INSTANTIATE_TEST_SUITE_P(AnyHome, StoreContract, ::testing::Values(kMemory, kSqlite), name_of);

}  // namespace
}  // namespace apitoolkit::server::store
