// The engine's memory, one for each thread.
#pragma once

#include "src/redact/engine/engine.h"

namespace apitoolkit::redact {

// This thread's scratch, for one redaction: its memory is kept for the next, but for what exceeds
// limits::kRedactScratchBytesMax. Redactions must not nest.
class ThreadScratch {
 public:
  ThreadScratch();
  ~ThreadScratch();
  ThreadScratch(const ThreadScratch&) = delete;
  ThreadScratch& operator=(const ThreadScratch&) = delete;

  Scratch& operator*() const { return scratch_; }
  Scratch* operator->() const { return &scratch_; }

 private:
  Scratch& scratch_;
};

}  // namespace apitoolkit::redact
