#include "src/base/file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace apitoolkit {

Result<std::string> read_file(const std::string& path) {
  const auto failed = [&] {
    return fail(ErrorCode::kIo,
                "cannot read " + path + ": " + std::generic_category().message(errno));
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  if (file == nullptr) return failed();
  std::string text;
  std::array<char, std::size_t{64} << 10> chunk{};
  while (const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
    text.append(chunk.data(), size);
  }
  if (std::ferror(file.get()) != 0) return failed();
  return text;
}

}  // namespace apitoolkit
