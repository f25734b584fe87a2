#include "src/cli/input.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace apitoolkit::cli {

Result<std::string> read_input(const std::string& path) {
  const bool standard = path.empty() || path == "-";
  std::FILE* const file = standard ? stdin : std::fopen(path.c_str(), "rb");
  const auto failed = [&] {
    return fail(ErrorCode::kIo, "cannot read " + (standard ? "standard input" : path) + ": " +
                                    std::generic_category().message(errno));
  };
  if (file == nullptr) return failed();
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> closed(standard ? nullptr : file,
                                                               std::fclose);
  std::string text;
  std::array<char, std::size_t{64} << 10> chunk{};
  while (const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), file)) {
    text.append(chunk.data(), size);
  }
  if (std::ferror(file) != 0) return failed();
  return text;
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
