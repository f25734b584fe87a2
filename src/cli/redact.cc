#include "src/cli/redact.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/base/settings_file.h"
#include "src/cli/http_message.h"
#include "src/cli/input.h"
#include "src/cli/redact_stream.h"
#include "src/redact/exchange_redactor.h"
#include "src/redact/media_type.h"
#include "src/redact/rules_file.h"

namespace {

namespace at = apitoolkit;
using at::cli::complain;
using at::cli::kBadInput;
using at::cli::kBadUsage;
using at::redact::MediaKind;

struct Options {
  std::string config;
  std::vector<std::string> paths;
  std::vector<std::string> headers;
  std::vector<std::string> query;
  std::vector<std::string> scrub;
  std::string non_json;
  std::string as;  // "request", "response"; empty: what the message says, else both
  std::string content_type;
  std::string content_encoding;
  std::string file;
  bool message = false;
  bool explain = false;
};

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// The file's rules, each checked where it stands, so that an error names the file.
at::Result<at::redact::Rules> read_rules(const std::string& path) {
  const auto settings = at::read_settings_file(path);
  if (!settings) return tl::unexpected(settings.error());
  auto rules = at::redact::rules_of(*settings, path);
  if (!rules) return rules;
  if (const auto checked = at::redact::ExchangeRedactor::compile(*rules); !checked) {
    return at::fail(checked.error().code, path + ": " + checked.error().message);
  }
  return rules;
}

// The file's rules and the flags'. Paths of the flags count for both sides.
at::Result<at::redact::Rules> resolve(const Options& options) {
  at::redact::Rules rules;
  if (!options.config.empty()) {
    auto read = read_rules(options.config);
    if (!read) return read;
    rules = std::move(*read);
  }
  if (const auto checked = at::redact::Redactor::compile(options.paths, "--path"); !checked) {
    return tl::unexpected(checked.error());
  }
  append(rules.request_body, options.paths);
  append(rules.response_body, options.paths);
  append(rules.headers, options.headers);
  append(rules.query, options.query);
  append(rules.scrub, options.scrub);
  if (!options.non_json.empty()) {
    rules.non_json =
        options.non_json == "mask" ? at::redact::NonJson::kMask : at::redact::NonJson::kPass;
  }
  return rules;
}

// The paths for a body of which it may not be known whether it is a request's or a response's: then
// those of both, each once.
std::vector<std::string> body_paths(const at::redact::Rules& rules, const std::string& as) {
  if (as == "request") return rules.request_body;
  if (as == "response") return rules.response_body;
  std::vector<std::string> paths = rules.request_body;
  for (const std::string& path : rules.response_body) {
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  }
  return paths;
}

// "response_body:invalid_json" in words.
void print_reasons(const std::vector<std::string>& redaction) {
  for (const std::string& reason : redaction) {
    std::fprintf(stderr, "apitoolkit: the whole body was masked: %s\n",
                 reason.substr(reason.find(':') + 1).c_str());
  }
}

// What the SDK would do with an exchange that has this request: the same code does it.
at::Exchange redact_exchange(const at::redact::ExchangeRedactor& redactor, at::Exchange exchange) {
  const bool had_body = !exchange.request_body.bytes.empty();
  redactor.redact(exchange);
  print_reasons(exchange.redaction);
  if (had_body && exchange.request_body.bytes.empty()) {
    std::fprintf(stderr, "apitoolkit: the body is binary, and never leaves\n");
  }
  return exchange;
}

// The words of a start line keep their places; the one that is a URL is masked.
std::pair<std::string, std::string> split_start_line(const std::string& line) {
  const std::size_t first = line.find(' ');
  if (first == std::string::npos || line.starts_with("HTTP/")) return {};
  const std::size_t second = std::min(line.find(' ', first + 1), line.size());
  return {line.substr(first + 1, second - first - 1), line.substr(second)};
}

int redact_message(const Options& options, at::redact::Rules rules, const std::string& text) {
  auto message = at::cli::read_http_message(text);
  if (!message) return complain(message.error().message, kBadInput);
  const bool is_response = message->start_line.starts_with("HTTP/");
  const std::string side = is_response ? "response" : message->start_line.empty() ? "" : "request";
  rules.request_body = body_paths(rules, options.as.empty() ? side : options.as);
  const auto redactor = at::redact::ExchangeRedactor::compile(rules);
  if (!redactor) return complain(redactor.error().message, kBadUsage);
  at::Exchange exchange;
  const auto [url, rest] = split_start_line(message->start_line);
  exchange.raw_url = url;
  exchange.request_headers = std::move(message->headers);
  exchange.request_body.bytes = std::move(message->body);
  exchange = redact_exchange(*redactor, std::move(exchange));
  if (!url.empty()) {
    const std::size_t method = message->start_line.find(' ') + 1;
    message->start_line = message->start_line.substr(0, method) + exchange.raw_url + rest;
  }
  message->headers = std::move(exchange.request_headers);
  message->body = std::move(exchange.request_body.bytes);
  return at::cli::write_output(at::cli::write_http_message(*message));
}

// No start line and no header begins so: a body without headers, in which none can be masked.
bool starts_as_json(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && (text[first] == '{' || text[first] == '[');
}

std::string content_type_of(const Options& options) {
  if (!options.content_type.empty()) return options.content_type;
  const std::string_view file = options.file;
  const bool ndjson = file.ends_with(".ndjson") || file.ends_with(".jsonl");
  return ndjson ? "application/x-ndjson" : "application/json";
}

bool is_stream(const Options& options) {
  const MediaKind kind = at::redact::MediaType(content_type_of(options)).kind;
  return (kind == MediaKind::kNdjson || kind == MediaKind::kJsonSeq) && !options.message &&
         options.content_encoding.empty();
}

int redact_records(const Options& options, const at::redact::Rules& rules) {
  const auto body =
      at::redact::Redactor::compile(body_paths(rules, options.as), "redact", rules.non_json);
  const auto scrubber = at::redact::Scrubber::compile(rules.scrub, "scrub");
  if (!body) return complain(body.error().message, kBadUsage);
  if (!scrubber) return complain(scrubber.error().message, kBadUsage);
  auto input = at::cli::Input::open(options.file);
  if (!input) return complain(input.error().message, kBadInput);
  const bool json_seq = at::redact::MediaType(content_type_of(options)).kind == MediaKind::kJsonSeq;
  at::redact::RecordStream records(body->engine(), *scrubber, json_seq);
  return at::cli::redact_stream(*input, records);
}

int redact_body(const Options& options, at::redact::Rules rules, std::string text) {
  rules.request_body = body_paths(rules, options.as);
  const auto redactor = at::redact::ExchangeRedactor::compile(rules);
  if (!redactor) return complain(redactor.error().message, kBadUsage);
  at::Exchange exchange;
  exchange.request_headers = {{"Content-Type", content_type_of(options)}};
  if (!options.content_encoding.empty()) {
    exchange.request_headers.push_back({"Content-Encoding", options.content_encoding});
  }
  exchange.request_body.bytes = std::move(text);
  return at::cli::write_output(redact_exchange(*redactor, std::move(exchange)).request_body.bytes);
}

int run(const Options& options) {
  auto rules = resolve(options);
  if (!rules) return complain(rules.error().message, kBadUsage);
  if (options.explain) {
    const auto body = at::redact::Redactor::compile(body_paths(*rules, options.as), "redact");
    if (!body) return complain(body.error().message, kBadUsage);
    return at::cli::write_output(body->explain());
  }
  if (is_stream(options)) return redact_records(options, *rules);
  auto text = at::cli::read_input(options.file);
  if (!text) return complain(text.error().message, kBadInput);
  if (options.message || (!options.headers.empty() && !starts_as_json(*text))) {
    return redact_message(options, std::move(*rules), *text);
  }
  return redact_body(options, std::move(*rules), std::move(*text));
}

void add_rules(CLI::App& command, Options& options) {
  const auto repeatable = [&](const char* name, std::vector<std::string>& values,
                              const char* help) {
    command.add_option(name, values, help)->take_all()->allow_extra_args(false);
  };
  command.add_option("--config", options.config,
                     "A TOML file with the SDK's rules: redact_headers, redact_request_body, "
                     "redact_response_body, redact_query, redact_default_headers, "
                     "redact_non_json, scrub; what the flags say is added");
  repeatable("-p,--path", options.paths,
             "Mask what this JSONPath selects, as redact_request_body does; repeatable");
  repeatable("--header", options.headers,
             "Mask this header as well, as redact_headers does; repeatable; implies --message, "
             "unless the input is a JSON body");
  repeatable("--query", options.query,
             "Mask this query parameter of a message as well; repeatable");
  repeatable("--scrub", options.scrub,
             "Mask such values wherever they stand: credit_card, jwt, email, iban, ssn, bearer; "
             "repeatable");
  command
      .add_option("--non-json", options.non_json,
                  "What becomes of text that is no JSON, in which no path can select")
      ->check(CLI::IsMember({"pass", "mask"}));
  command.add_option("--as", options.as, "Whose paths of the file count (default: both)")
      ->check(CLI::IsMember({"request", "response"}));
}

void add_input(CLI::App& command, Options& options) {
  command.add_option("--content-type", options.content_type,
                     "How to read the body (default: application/json; of a file *.ndjson or "
                     "*.jsonl: application/x-ndjson)");
  command.add_option("--content-encoding", options.content_encoding, "gzip, deflate, br or zstd");
  command.add_flag("--message", options.message,
                   "The input is an HTTP message: start line, headers, an empty line, the body. "
                   "Its headers give the type; secret headers and query parameters are masked too");
  command.add_flag("--explain", options.explain,
                   "Read nothing; print how each path is answered, a line each");
  command.add_option("--file", options.file, "Read this file instead of standard input");
}

}  // namespace

void register_redact(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand(
      "redact", "Print a body as the SDK would let it leave, to try redaction rules");
  auto options = std::make_shared<Options>();  // shared: CLI11 copies its callbacks
  add_rules(*command, *options);
  add_input(*command, *options);
  command->footer(
      "A body that cannot be read is masked as a whole, and standard error says why. NDJSON and "
      "JSON text\nsequences are redacted as they come, record by record, in constant memory.\n"
      "Exit status: 0; 1 for input that cannot be read or is no HTTP message; 2 for rules that are "
      "wrong.");
  command->callback([options, &exit_status] { exit_status = run(*options); });
}
