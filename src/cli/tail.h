// `apitoolkit tail`: exchanges as a server commits them.
#pragma once

#include <CLI/CLI.hpp>

void register_tail(CLI::App& app, int& exit_status);
