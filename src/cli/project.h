// `apitoolkit project list|create|rename`.
#pragma once

#include <CLI/CLI.hpp>

void register_project(CLI::App& app, int& exit_status);
