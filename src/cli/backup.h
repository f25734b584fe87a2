// apitoolkit backup: a copy of a server's data directory, also while the server runs.
#pragma once

#include <CLI/CLI.hpp>

void register_backup(CLI::App& app, int& exit_status);
