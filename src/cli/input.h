// Standard input, or a file in its place; and what every subcommand says the same way.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "apitoolkit/result.h"

namespace apitoolkit::cli {

class Progress;

// Read piece by piece, as pieces come.
class Input {
 public:
  // `path` empty or "-": standard input.
  static Result<Input> open(const std::string& path);
  ~Input();
  Input(Input&& other) noexcept;
  Input& operator=(Input&&) = delete;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // How many bytes were read into `piece`; 0 at the end.
  Result<std::size_t> read(std::span<char> piece);

  // Of a file, from here to its end; -1 where that is not known (a pipe, a terminal).
  std::int64_t size_bytes() const;

 private:
  Input(int file, std::string name, bool owned)
      : file_(file), name_(std::move(name)), owned_(owned) {}
  tl::unexpected<Error> failed() const;

  int file_;
  std::string name_;
  bool owned_;
};

// All of it, with a progress bar where that takes a while.
Result<std::string> read_input(const std::string& path);

// Says on standard error what went wrong, as every subcommand does; returns `exit_status`.
int complain(const std::string& message, int exit_status);

// All of it, to standard output; an exit status.
int write_output(const std::string& text);

inline constexpr int kBadInput = 1;
inline constexpr int kBadUsage = 2;

}  // namespace apitoolkit::cli
