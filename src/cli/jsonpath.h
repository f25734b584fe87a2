// `apitoolkit jsonpath`: what a path selects in a document.
#pragma once

#include <CLI/CLI.hpp>

void register_jsonpath(CLI::App& app, int& exit_status);
