// `apitoolkit import`: sends exchanges of a file to a server, by the door that SDKs use.
#pragma once

#include <CLI/CLI.hpp>

void register_import(CLI::App& app, int& exit_status);
