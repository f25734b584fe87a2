#include "src/cli/import.h"

#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/base/limits.h"
#include "src/cli/har_reader.h"
#include "src/cli/import_sender.h"
#include "src/cli/input.h"
#include "src/cli/line_reader.h"
#include "src/cli/progress.h"
#include "src/cli/server_client.h"
#include "src/cli/terminal_text.h"
#include "src/server/ingest/message_logs.h"
#include "src/wire/message.h"

namespace {

namespace at = apitoolkit;
using at::cli::kBadInput;

constexpr int kInterrupted = 130;  // as a shell says it
constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
constexpr std::size_t kBeginBytes = 256;
constexpr std::size_t kHarBytesMax = std::size_t{1} << 30;

struct Options {
  at::cli::ServerAddress server;
  std::string file;
  std::string format = "auto";
  int patience_s = 60;
};

// What became of a file's exchanges.
class Import {
 public:
  explicit Import(at::cli::ImportSender& sender) : sender_(sender) {}

  // False where nothing more can be sent.
  bool add(const char* place, std::size_t number, const at::Result<std::string>& message) {
    if (!message) {
      ++rejected_;
      std::fprintf(stderr, "apitoolkit: %s %zu was left out: %s\n", place, number,
                   at::cli::shown(message.error().message).c_str());
      return true;
    }
    sent_ = sender_.add(*message);
    return sent_.has_value();
  }

  int finish(bool interrupted) {
    if (sent_) sent_ = sender_.flush();
    std::fprintf(stderr, "apitoolkit: %lld exchanges were taken, %lld left out\n",
                 static_cast<long long>(sender_.acknowledged()), static_cast<long long>(rejected_));
    if (interrupted) return kInterrupted;
    if (!sent_) {
      return at::cli::complain(at::cli::shown(sent_.error().message) +
                                   "; import the file again, what is stored already is not doubled",
                               kBadInput);
    }
    return rejected_ == 0 ? 0 : kBadInput;
  }

 private:
  at::cli::ImportSender& sender_;
  at::Status sent_;
  std::int64_t rejected_ = 0;
};

// Lines of logs stand beside every exchange of their trace, and are to be stored once.
class SentLogs {
 public:
  // Whether these were sent, of what is remembered; from then on they were.
  bool were_sent(std::string_view trace_id, std::string_view logs) {
    if (newest_.size() >= kRememberedMax) before_ = std::exchange(newest_, {});
    const std::size_t hash =
        std::hash<std::string_view>()(logs) ^ std::hash<std::string_view>()(trace_id) << 1U;
    return before_.contains(hash) || !newest_.insert(hash).second;
  }

 private:
  // The exchanges of a trace are near each other.
  static constexpr std::size_t kRememberedMax = 100'000;
  std::unordered_set<std::size_t> newest_;
  std::unordered_set<std::size_t> before_;
};

// The line itself, if any door would take it.
at::Result<std::string> checked(std::optional<std::string> line, SentLogs& sent) {
  if (!line) return at::fail(at::ErrorCode::kCorrupt, "longer than a message may be");
  const auto decoded = at::wire::decode_message(*line);
  if (!decoded) return tl::unexpected(decoded.error());
  const std::string_view logs = at::server::ingest::logs_text(*line);
  if (!logs.empty() && sent.were_sent(decoded->trace_id, logs)) {
    return at::server::ingest::without_logs(*line);
  }
  return std::move(*line);
}

at::Result<std::string> encoded(const at::Result<at::Exchange>& exchange) {
  if (!exchange) return tl::unexpected(exchange.error());
  std::string message = at::wire::encode_message(*exchange);
  if (static_cast<std::int64_t>(message.size()) > at::limits::kMessageBytesMax) {
    return at::fail(at::ErrorCode::kCorrupt, "longer than a message may be");
  }
  return message;
}

// Whether a text that begins so is an archive: '{"log":', with blanks.
bool begins_as_har(std::string_view text) {
  const auto skip = [&text](std::string_view expected) {
    const std::size_t first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    text.remove_prefix(first);
    const bool found = text.starts_with(expected);
    if (found) text.remove_prefix(expected.size());
    return found;
  };
  skip("\xEF\xBB\xBF");
  return skip("{") && skip("\"log\"") && skip(":");
}

// Enough to tell what it is; a pipe may give it in small pieces.
at::Result<std::string> read_begin(at::cli::Input& input) {
  std::string begin;
  std::vector<char> buffer(kPieceBytes);
  while (begin.size() < kBeginBytes) {
    const auto size = input.read(buffer);
    if (!size) return tl::unexpected(size.error());
    if (*size == 0) break;
    begin.append(buffer.data(), *size);
  }
  return begin;
}

at::Status import_lines(at::cli::Input& input, const std::string& begin, Import& import) {
  at::cli::Progress progress("importing", input.size_bytes());
  std::size_t number = 0;
  bool going = true;
  SentLogs sent;
  at::cli::LineReader lines(
      static_cast<std::size_t>(at::limits::kMessageBytesMax), [&](std::optional<std::string> line) {
        ++number;
        const bool blank = line && line->find_first_not_of(" \t\r") == std::string::npos;
        if (going && !blank) {
          going = import.add("line", number, checked(std::move(line), sent));
        }
      });
  lines.feed(begin);
  std::vector<char> buffer(kPieceBytes);
  while (going) {
    const auto size = input.read(buffer);
    if (!size) return tl::unexpected(size.error());
    if (*size == 0) break;
    lines.feed({buffer.data(), *size});
    progress.advance(static_cast<std::int64_t>(*size));
  }
  if (going) lines.finish();
  return {};
}

at::Status import_har(at::cli::Input& input, std::string text, Import& import) {
  std::vector<char> buffer(kPieceBytes);
  while (true) {
    const auto size = input.read(buffer);
    if (!size) return tl::unexpected(size.error());
    if (*size == 0) break;
    if (text.size() + *size > kHarBytesMax) {
      return at::fail(at::ErrorCode::kResourceExhausted,
                      "a HAR of more than 1 GiB; NDJSON may be of any length");
    }
    text.append(buffer.data(), *size);
  }
  std::optional<at::cli::Progress> progress;
  return at::cli::read_har(
      text, [&](std::size_t index, std::size_t count, const at::Result<at::Exchange>& exchange) {
        if (!progress) {
          progress.emplace("importing", static_cast<std::int64_t>(count),
                           at::cli::ProgressUnit::kExchanges);
        }
        progress->advance(1);
        return import.add("entry", index, encoded(exchange));
      });
}

int run(Options options) {
  while (options.server.url.ends_with('/')) options.server.url.pop_back();
  auto input = at::cli::Input::open(options.file);
  if (!input) return at::cli::complain(input.error().message, kBadInput);
  const auto& interrupted = at::cli::watch_interrupt();
  const auto door =
      at::cli::make_pubsub_door({options.server.url, options.server.key}, at::base::system_clock());
  const auto http = at::net::make_curl_client();
  if (auto opened = door->open(*http); !opened) {
    return at::cli::complain(at::cli::shown(opened.error().message), kBadInput);
  }
  at::cli::ImportSender sender(*door, *http, interrupted, std::chrono::seconds(options.patience_s));
  Import import(sender);
  const auto first = read_begin(*input);
  if (!first) return at::cli::complain(first.error().message, kBadInput);
  std::string begin = *first;
  const bool is_har = options.format == "har" || (options.format == "auto" && begins_as_har(begin));
  const at::Status read =
      is_har ? import_har(*input, std::move(begin), import) : import_lines(*input, begin, import);
  const int status = import.finish(interrupted);
  if (!read) return at::cli::complain(read.error().message, kBadInput);
  return status;
}

}  // namespace

void register_import(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("import", "Send exchanges of a file to a server");
  auto options = std::make_shared<Options>();  // shared: CLI11 copies its callbacks
  command->add_option("FILE", options->file, "NDJSON or HAR; standard input without it, or for -");
  at::cli::add_server_options(*command, options->server, "ingest");
  command->add_option("--format", options->format, "ndjson, har, or auto (default: auto)")
      ->check(CLI::IsMember({"auto", "ndjson", "har"}));
  command
      ->add_option("--patience", options->patience_s,
                   "Seconds without an acknowledgement after which to give up (default: 60)")
      ->check(CLI::PositiveNumber);
  command->footer(
      "Lines of NDJSON are messages, as `apitoolkit export` and SDKs write them; a HAR may be a "
      "browser's. They go\nthrough the server's ordinary door: its redaction rules hold, what is "
      "stored already is not doubled, and what\nis counted as taken is on its disk. A busy server "
      "is asked again. What cannot be read is left out, and standard\nerror says which, and why.\n"
      "Exit status: 0; 1 where something was left out or the server does not take it; 130 after "
      "Ctrl-C. The same\nfile may be imported again.");
  command->callback([options, &exit_status] { exit_status = run(*options); });
}
