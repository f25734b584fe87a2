#include "src/cli/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "src/cli/progress.h"

namespace apitoolkit::cli {

Result<Input> Input::open(const std::string& path) {
  if (path.empty() || path == "-") return Input(STDIN_FILENO, "standard input", false);
  Input input(::open(path.c_str(), O_RDONLY | O_CLOEXEC), path, true);
  if (input.file_ < 0) return input.failed();
  return input;
}

Input::~Input() {
  if (owned_ && file_ >= 0) ::close(file_);
}

Input::Input(Input&& other) noexcept
    : file_(std::exchange(other.file_, -1)), name_(std::move(other.name_)), owned_(other.owned_) {}

Result<std::size_t> Input::read(std::span<char> piece) {
  ssize_t size = 0;
  do {
    size = ::read(file_, piece.data(), piece.size());
  } while (size < 0 && errno == EINTR);
  if (size < 0) return failed();
  return static_cast<std::size_t>(size);
}

std::int64_t Input::size_bytes() const {
  struct stat status {};
  if (::fstat(file_, &status) != 0 || !S_ISREG(status.st_mode)) return -1;
  const off_t at = ::lseek(file_, 0, SEEK_CUR);
  return at < 0 ? -1 : status.st_size - at;
}

tl::unexpected<Error> Input::failed() const {
  return fail(ErrorCode::kIo,
              "cannot read " + name_ + ": " + std::generic_category().message(errno));
}

Result<std::string> read_input(const std::string& path) {
  auto input = Input::open(path);
  if (!input) return tl::unexpected(input.error());
  Progress progress("reading", input->size_bytes());
  std::string text;
  std::array<char, std::size_t{64} << 10> piece{};
  while (true) {
    const auto size = input->read(piece);
    if (!size) return tl::unexpected(size.error());
    if (*size == 0) return text;
    text.append(piece.data(), *size);
    progress.advance(static_cast<std::int64_t>(*size));
  }
}

int complain(const std::string& message, int exit_status) {
  std::fprintf(stderr, "apitoolkit: %s\n", message.c_str());
  return exit_status;
}

int write_output(const std::string& text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? 0 : complain("cannot write to standard output", kBadInput);
}

}  // namespace apitoolkit::cli
