// The program `apitoolkit`: one subcommand a file, one line each in register_all.
#include <CLI/CLI.hpp>

#include "src/cli/backup.h"
#include "src/cli/export.h"
#include "src/cli/import.h"
#include "src/cli/jsonpath.h"
#include "src/cli/key.h"
#include "src/cli/loadgen.h"
#include "src/cli/project.h"
#include "src/cli/query.h"
#include "src/cli/redact.h"
#include "src/cli/redact_stored.h"
#include "src/cli/serve.h"
#include "src/cli/tail.h"
#include "src/cli/user.h"

namespace {

constexpr int kBadUsage = 2;

void register_all(CLI::App& app, int& exit_status) {
  register_backup(app, exit_status);
  register_export(app, exit_status);
  register_import(app, exit_status);
  register_jsonpath(app, exit_status);
  register_key(app, exit_status);
  register_project(app, exit_status);
  register_loadgen(app, exit_status);
  register_query(app, exit_status);
  register_redact(app, exit_status);
  register_redact_stored(app, exit_status);
  register_serve(app, exit_status);
  register_tail(app, exit_status);
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
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11's own codes tell one mistake from another by three digits; here all are wrong usage.
    return app.exit(error) == 0 ? 0 : kBadUsage;
  }
  return exit_status;
}
