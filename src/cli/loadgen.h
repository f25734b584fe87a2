#pragma once

#include <CLI/CLI.hpp>

// `apitoolkit loadgen`: measures a server with an invented shop's traffic.
void register_loadgen(CLI::App& app, int& exit_status);
