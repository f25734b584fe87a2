// `apitoolkit redact`: a preview of what would leave the process.
#pragma once

#include <CLI/CLI.hpp>

void register_redact(CLI::App& app, int& exit_status);
