#include "src/cli/jsonpath.h"

#include <memory>
#include <string>

#include "src/cli/input.h"
#include "src/json/document.h"
#include "src/jsonpath/query.h"

namespace {

namespace at = apitoolkit;

struct Options {
  std::string path;
  std::string file;
  bool strict = false;
};

// A value's bytes without the blanks between its tokens if these include line breaks: a node is one
// line of output.
std::string on_one_line(std::string_view raw) {
  if (raw.find_first_of("\r\n") == std::string_view::npos) return std::string(raw);
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (in_string && c == '\\') out += raw[i++];
    if (c == '"') in_string = !in_string;
    if (in_string || std::string_view(" \t\r\n").find(c) == std::string_view::npos) out += raw[i];
  }
  return out;
}

int run(const Options& options) {
  const auto query =
      at::jsonpath::Query::parse(options.path, options.strict ? at::jsonpath::Dialect::kStrict
                                                              : at::jsonpath::Dialect::kCompatible);
  if (!query) return at::cli::complain(query.error().describe(options.path), at::cli::kBadUsage);
  const auto text = at::cli::read_input(options.file);
  if (!text) return at::cli::complain(text.error().message, at::cli::kBadInput);
  const auto document = at::json::Document::parse(*text);
  if (!document) {
    return at::cli::complain("the input is not JSON: " + document.error().message,
                             at::cli::kBadInput);
  }
  const auto matches = query->select(*document);
  if (!matches) return at::cli::complain(matches.error().message, at::cli::kBadInput);
  std::string out;
  for (const at::jsonpath::Match& match : *matches) {
    out += match.path + '\t' + on_one_line(document->raw(match.node)) + '\n';
  }
  return at::cli::write_output(out);
}

}  // namespace

void register_jsonpath(CLI::App& app, int& exit_status) {
  CLI::App* command =
      app.add_subcommand("jsonpath", "Print what a JSONPath selects in a JSON document");
  auto options = std::make_shared<Options>();  // shared: CLI11 copies its callbacks
  command->add_option("PATH", options->path, "A JSONPath (RFC 9535), for example '$.users[*].id'")
      ->required();
  command->add_option("--file", options->file, "Read this file instead of standard input");
  command->add_flag("--strict", options->strict,
                    "Accept RFC 9535 only, not the compatible forms of docs/redaction.md");
  command->footer(
      "Prints a line a node: its normalized path, a tab, and its value.\n"
      "Exit status: 0, also where nothing is selected; 1 for input that is no JSON; 2 for a path "
      "that is none.");
  command->callback([options, &exit_status] { exit_status = run(*options); });
}
