#include "src/redact/thread_scratch.h"

#include "src/base/limits.h"

namespace apitoolkit::redact {
namespace {

Scratch& of_this_thread() {
  thread_local Scratch scratch;
  return scratch;
}

}  // namespace

ThreadScratch::ThreadScratch() : scratch_(of_this_thread()) {}

ThreadScratch::~ThreadScratch() {
  scratch_.trim(limits::kRedactScratchBytesMax);
}

}  // namespace apitoolkit::redact
