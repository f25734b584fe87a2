#include "src/cli/backup.h"

#include <cstdio>
#include <memory>
#include <string>

#include "src/cli/progress.h"
#include "src/server/backup.h"

namespace {

namespace at = apitoolkit;

int back_up(const std::string& from, const std::string& to) {
  const auto bytes = at::server::backup_bytes(from);
  at::Status done = bytes ? at::Status() : tl::unexpected<at::Error>(bytes.error());
  if (done) {
    at::cli::Progress progress("copying", *bytes);
    done = at::server::back_up(from, to, [&](std::int64_t copied) { progress.advance(copied); });
  }
  if (!done) {
    std::fprintf(stderr, "apitoolkit: %s\n", done.error().message.c_str());
    return 1;
  }
  std::fprintf(stderr, "%s copied to %s\n",
               at::cli::decimal_bytes(static_cast<double>(*bytes)).c_str(), to.c_str());
  return 0;
}

}  // namespace

void register_backup(CLI::App& app, int& exit_status) {
  CLI::App* command =
      app.add_subcommand("backup", "Copy a data directory, also while its server runs");
  auto from = std::make_shared<std::string>();  // shared: CLI11 copies its callbacks
  auto to = std::make_shared<std::string>();
  command->add_option("--data", *from, "The server's data directory")->required();
  command->add_option("--to", *to, "A directory that is not there yet, or is empty")->required();
  command->callback([from, to, &exit_status] { exit_status = back_up(*from, *to); });
}
