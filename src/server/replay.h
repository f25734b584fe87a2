// Sends a dead letter through the pipeline once more.
#pragma once

#include "src/server/ingest/source.h"
#include "src/server/store/store.h"

namespace apitoolkit::server {

// Blocks until the letter's exchange is durable, or why it is not is known: kCorrupt where it still
// cannot be read (it makes no second letter), kUnsupported for a letter whose door keeps no
// message. An exchange that is stored already counts as stored. `holder` says whose it is.
Status replay(ingest::Intake& intake, const account::KeyHolder& holder,
              const store::DeadLetter& letter);

}  // namespace apitoolkit::server
