#include "src/server/store/contract_test.h"

namespace apitoolkit::server::store {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract,
                         ::testing::Values(StoreUnderTest{
                             "memory",
                             [](const std::string&) -> Result<std::unique_ptr<Store>> {
                               return make_memory_store();
                             }}),
                         name_of);

}  // namespace
}  // namespace apitoolkit::server::store
