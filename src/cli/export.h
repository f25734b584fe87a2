// `apitoolkit export`: a server's exchanges as a file.
#pragma once

#include <CLI/CLI.hpp>

void register_export(CLI::App& app, int& exit_status);
