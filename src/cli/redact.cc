#include "src/cli/redact.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "src/cli/http_message.h"
#include "src/cli/input.h"
#include "src/redact/exchange_redactor.h"

namespace {

namespace at = apitoolkit;

struct Options {
  std::vector<std::string> paths;
  std::vector<std::string> headers;
  std::vector<std::string> query;
  std::string content_type = "application/json";
  std::string content_encoding;
  std::string file;
  bool message = false;
  bool explain = false;
};

void print_reason(at::redact::Reason reason) {
  if (reason == at::redact::Reason::kNone) return;
  std::fprintf(stderr, "apitoolkit: the whole body was masked: %s\n",
               std::string(at::redact::to_string(reason)).c_str());
}

// The words of a start line keep their places; the one that is a URL is masked.
std::string redact_start_line(const std::string& line, const at::redact::NameSet& names) {
  const std::size_t first = line.find(' ');
  if (first == std::string::npos || line.starts_with("HTTP/")) return line;
  const std::size_t second = std::min(line.find(' ', first + 1), line.size());
  return line.substr(0, first + 1) +
         at::redact::redact_url(line.substr(first + 1, second - first - 1), names) +
         line.substr(second);
}

std::string header_of(const at::cli::HttpMessage& message, std::string_view name) {
  for (const at::Header& header : message.headers) {
    const at::redact::NameSet one(std::vector<std::string>{header.name});
    if (one.contains(name)) return header.value;
  }
  return {};
}

int redact_message(const Options& options, const at::redact::Redactor& body,
                   const at::redact::ExchangeRedactor& exchange, const std::string& text) {
  auto message = at::cli::read_http_message(text);
  if (!message) return at::cli::complain(message.error().message, at::cli::kBadInput);
  const std::string type = header_of(*message, "content-type");
  const std::string encoding = header_of(*message, "content-encoding");
  at::redact::Redacted redacted =
      body.redact(message->body, {.content_type = type, .content_encoding = encoding});
  message->body = std::move(redacted.body);
  message->start_line = redact_start_line(message->start_line, at::redact::NameSet(options.query));
  exchange.redact_headers(message->headers);
  print_reason(redacted.reason);
  return at::cli::write_output(at::cli::write_http_message(*message));
}

// No start line and no header begins so: a body without headers, in which none can be masked.
bool starts_as_json(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && (text[first] == '{' || text[first] == '[');
}

int run(const Options& options) {
  const auto body = at::redact::Redactor::compile(options.paths, "--path");
  if (!body) return at::cli::complain(body.error().message, at::cli::kBadUsage);
  const auto exchange =
      at::redact::ExchangeRedactor::compile({.headers = options.headers, .query = options.query});
  if (!exchange) return at::cli::complain(exchange.error().message, at::cli::kBadUsage);
  if (options.explain) return at::cli::write_output(body->explain());
  const auto text = at::cli::read_input(options.file);
  if (!text) return at::cli::complain(text.error().message, at::cli::kBadInput);
  if (options.message || (!options.headers.empty() && !starts_as_json(*text))) {
    return redact_message(options, *body, *exchange, *text);
  }
  const at::redact::Redacted redacted = body->redact(
      *text, {.content_type = options.content_type, .content_encoding = options.content_encoding});
  print_reason(redacted.reason);
  return at::cli::write_output(redacted.body);
}

}  // namespace

void register_redact(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand(
      "redact", "Print a body as the SDK would let it leave, to try redaction rules");
  auto options = std::make_shared<Options>();  // shared: CLI11 copies its callbacks
  command
      ->add_option("-p,--path", options->paths,
                   "Mask what this JSONPath selects, as redact_request_body does; repeatable")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--content-type", options->content_type,
                      "How to read the body (default: application/json)");
  command->add_option("--content-encoding", options->content_encoding, "gzip, deflate, br or zstd");
  command->add_flag(
      "--message", options->message,
      "The input is an HTTP message: start line, headers, an empty line, the body. "
      "Its headers give the type; secret headers and query parameters are masked too");
  command
      ->add_option("--header", options->headers,
                   "Mask this header as well, as redact_headers does; repeatable; implies "
                   "--message, unless the input is a JSON body")
      ->take_all()
      ->allow_extra_args(false);
  command
      ->add_option("--query", options->query,
                   "Mask this query parameter of a message as well; repeatable")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--explain", options->explain,
                    "Read nothing; print how each path is answered, a line each");
  command->add_option("--file", options->file, "Read this file instead of standard input");
  command->footer(
      "A body that cannot be read is masked as a whole, and standard error says why.\n"
      "Exit status: 0; 1 for input that cannot be read or is no HTTP message; 2 for rules that are "
      "wrong.");
  command->callback([options, &exit_status] { exit_status = run(*options); });
}
