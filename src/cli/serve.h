// `apitoolkit serve`.
#pragma once

#include <CLI/CLI.hpp>

void register_serve(CLI::App& app, int& exit_status);
