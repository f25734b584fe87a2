// `apitoolkit user password NAME`: sets a password, with the server stopped.
#pragma once

#include <CLI/CLI.hpp>

void register_user(CLI::App& app, int& exit_status);
