// `apitoolkit project list|create|rename|delete`.
#pragma once

#include <CLI/CLI.hpp>

void register_project(CLI::App& app, int& exit_status);
