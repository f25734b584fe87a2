// `apitoolkit user list|create|role|password|delete`.
#pragma once

#include <CLI/CLI.hpp>

void register_user(CLI::App& app, int& exit_status);
