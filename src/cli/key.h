// `apitoolkit key list|create|revoke`.
#pragma once

#include <CLI/CLI.hpp>

void register_key(CLI::App& app, int& exit_status);
