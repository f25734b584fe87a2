// Writes a C++ source that holds files, compressed: what src/server/serve/embedded.h declares.
//
//   embed_files OUTPUT.cc FUNCTION FILE|DIRECTORY
//
// A directory that is not there gives an empty list. Names are paths below the directory.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "src/net/deflate.h"

namespace fs = std::filesystem;

namespace {

struct File {
  std::string name;
  fs::path path;
};

std::vector<File> find_files(const fs::path& root) {
  if (fs::is_regular_file(root)) return {{root.filename().generic_string(), root}};
  std::vector<File> files;
  if (!fs::is_directory(root)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    files.push_back({entry.path().lexically_relative(root).generic_string(), entry.path()});
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.name < b.name; });
  return files;
}

// Three octal digits each, so that no byte runs into the next.
std::string literal(const std::string& bytes) {
  constexpr std::size_t kBytesPerLine = 32;
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i++) {
    if (i % kBytesPerLine == 0) out += i == 0 ? "\"" : "\"\n\"";
    const auto byte = static_cast<unsigned char>(bytes[i]);
    char text[5];
    std::snprintf(text, sizeof text, "\\%03o", byte);
    out += text;
  }
  return out + (bytes.empty() ? "\"\"" : "\"");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: embed_files OUTPUT.cc FUNCTION FILE|DIRECTORY\n", stderr);
    return 2;
  }
  std::string table;
  std::size_t count = 0;
  for (const File& file : find_files(argv[3])) {
    std::ifstream in(file.path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const std::string packed = apitoolkit::net::gzip(bytes);
    table += "    EmbeddedFile{\"" + file.name + "\", std::string_view(" + literal(packed) + ", " +
             std::to_string(packed.size()) + ")},\n";
    count++;
  }
  std::ofstream out(argv[1], std::ios::binary);
  out << "#include <array>\n#include \"src/server/serve/embedded.h\"\n"
      << "namespace apitoolkit::server::serve {\nnamespace {\n"
      << "constexpr std::array<EmbeddedFile, " << count << "> kFiles{\n"
      << table << "};\n}\nstd::span<const EmbeddedFile> " << argv[2]
      << "() { return kFiles; }\n}\n";
  return out.good() ? 0 : 1;
}
