// `apitoolkit query`: a question to a server, in the query language.
#pragma once

#include <CLI/CLI.hpp>

void register_query(CLI::App& app, int& exit_status);
