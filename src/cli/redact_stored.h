// `apitoolkit redact-stored`: what is stored already, under the rules that there are now.
#pragma once

#include <CLI/CLI.hpp>

void register_redact_stored(CLI::App& app, int& exit_status);
