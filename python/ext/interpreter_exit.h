// Calls that may wait for the GIL, made so that the interpreter's end does not crash in them.
//
// Python up to 3.13 ends a thread that wants the GIL while the interpreter ends (a server's daemon
// thread, say) with pthread_exit, which unwinds its stack; what that meets in C++ is destructors
// that give up references without the GIL, and std::terminate at the first noexcept function. As
// Python 3.14 does, such a thread is stopped where it stands instead: the process is about to end.
#pragma once

#include <Python.h>
#include <cxxabi.h>
#include <unistd.h>

#include <utility>

namespace apitoolkit::python {

// Returns what `function` returns. Everything that runs Python, or anybody's C function, belongs in
// one, as little as possible around it. It may throw. Costs nothing but in that case.
template <typename Function>
decltype(auto) run_python(Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (const abi::__forced_unwind&) {
    for (;;) pause();
  }
}

// The same for what needs no GIL, and gives it to others meanwhile. `function` must not throw.
template <typename Function>
decltype(auto) without_gil(Function&& function) {
  struct Holder {
    PyThreadState* state = PyEval_SaveThread();
    ~Holder() {
      run_python([this] { PyEval_RestoreThread(state); });
    }
  };
  const Holder holder;
  return std::forward<Function>(function)();
}

}  // namespace apitoolkit::python
