// The program `apitoolkit`: one subcommand a file, one line each in register_all.
#include <CLI/CLI.hpp>

#include "src/cli/serve.h"
#include "src/cli/user.h"

namespace {

void register_all(CLI::App& app, int& exit_status) {
  register_serve(app, exit_status);
  register_user(app, exit_status);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"APIToolkit: what really went over the wire of your HTTP APIs"};
  app.set_version_flag("--version", "apitoolkit " APITOOLKIT_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  int exit_status = 0;
  register_all(app, exit_status);
  CLI11_PARSE(app, argc, argv);
  return exit_status;
}
