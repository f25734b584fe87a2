// Makes clients; the part of Client::create that tests can give another world.
#pragma once

#include <memory>

#include "apitoolkit/client.h"
#include "src/sdk/deliver/transports.h"

namespace apitoolkit::sdk {

Result<std::unique_ptr<Client>> create_client(Config config, World world);

}  // namespace apitoolkit::sdk
