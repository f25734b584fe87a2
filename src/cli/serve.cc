#include "src/cli/serve.h"

#include <pthread.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/base/uuid.h"
#include "src/cli/serve_settings.h"
#include "src/server/server.h"

namespace {

namespace at = apitoolkit;
using at::cli::Given;

// What else the process needs file descriptors for.
constexpr rlim_t kDescriptorsReserved = 128;

int complain(const at::Error& error) {
  std::fprintf(stderr, "apitoolkit: %s\n", error.message.c_str());
  return 1;
}

void start_log() {
  auto log = std::make_shared<spdlog::logger>("apitoolkit",
                                              std::make_shared<spdlog::sinks::stderr_sink_mt>());
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  log->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(log));
}

// As many connections as the system gives descriptors for; the soft limit is often 1024.
int connections_max() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return at::limits::kConnectionsMax;
  const rlim_t wanted = at::limits::kConnectionsMax + kDescriptorsReserved;
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  const rlim_t room = limit.rlim_cur > 2 * kDescriptorsReserved
                          ? limit.rlim_cur - kDescriptorsReserved
                          : limit.rlim_cur / 2;
  return static_cast<int>(std::min<rlim_t>(room, at::limits::kConnectionsMax));
}

// Blocked in every thread that starts from here on; the main thread waits for them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void print_founded(const at::server::account::Founded& founded) {
  std::printf("This is the first start. What follows is shown once:\n");
  std::printf("  owner:    %s\n", std::string(at::server::account::kOwnerName).c_str());
  if (founded.password) std::printf("  password: %s\n", founded.password->c_str());
  std::printf("  project:  %s (%s)\n", founded.project_name.c_str(),
              at::base::format_uuid(founded.project).c_str());
  if (founded.key) std::printf("  API key:  %s\n", founded.key->c_str());
}

// Called before any thread is started.
const char* environment_value(const char* name) {
  return std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
}

at::Result<at::cli::ServeSettings> read_settings(const Given& flags) {
  const Given environment = at::cli::read_environment(environment_value);
  Given file;
  const auto flag = flags.find("config");
  const auto variable = environment.find("config");
  if (flag != flags.end() || variable != environment.end()) {
    auto read = at::cli::read_config_file(flag != flags.end() ? flag->second : variable->second);
    if (!read) return tl::unexpected<at::Error>(read.error());
    file = std::move(*read);
  }
  return at::cli::resolve(flags, environment, file);
}

// Connections that are open go on with what they began with.
void reload(at::server::Server& server) {
  const auto reloaded = server.reload_tls();
  reloaded
      ? spdlog::info("SIGHUP: the certificate was read again")
      : spdlog::error("SIGHUP: {}; the certificate before stays in use", reloaded.error().message);
}

std::string url_of(const at::cli::ServeSettings& settings, const std::string& host,
                   std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (settings.tls_cert.empty() ? "http://" : "https://") + (is_v6 ? "[" + host + "]" : host) +
         ":" + std::to_string(port);
}

// The addresses besides --listen, in the order in which their ports come back.
std::vector<at::net::ListenAddress> further_addresses(const at::cli::ServeSettings& settings) {
  std::vector<at::net::ListenAddress> further;
  if (const auto& grpc = settings.grpc_listen) {
    further.push_back({grpc->host, grpc->port, "--grpc-listen", true});
  }
  if (const auto& otlp = settings.otlp_listen) {
    further.push_back({otlp->host, otlp->port, "--otlp-listen"});
  }
  return further;
}

// The last line is what whoever starts this waits for.
void print_addresses(const at::cli::ServeSettings& settings,
                     const std::vector<at::net::ListenAddress>& further,
                     const at::server::Server& server) {
  const std::vector<std::uint16_t> ports = server.further_ports();
  for (std::size_t i = 0; i < further.size(); i++) {
    std::printf("%s: %s\n",
                further[i].option == "--grpc-listen" ? "OTLP over gRPC" : "OTLP over HTTP",
                url_of(settings, further[i].host, ports[i]).c_str());
  }
  std::printf("listening on %s\n", url_of(settings, settings.listen.host, server.port()).c_str());
  std::fflush(stdout);
}

int serve(const Given& flags) {
  const auto settings = read_settings(flags);
  if (!settings) return complain(settings.error());
  const auto further = further_addresses(*settings);
  std::string beyond;  // the first address that others reach
  if (!at::net::is_loopback(settings->listen.host)) beyond = settings->listen.host;
  for (const auto& address : further) {
    if (beyond.empty() && !at::net::is_loopback(address.host)) beyond = address.host;
  }
  const bool protects = !settings->tls_cert.empty() || !settings->trusted_proxies.empty();
  if (!beyond.empty() && !protects && !settings->insecure_http) {
    return complain({at::ErrorCode::kInvalidArgument,
                     "listening on " + beyond +
                         " would send keys and captured traffic unencrypted over the network: give "
                         "--tls-cert and --tls-key, name the proxy in front that speaks TLS with "
                         "--trusted-proxy, or accept it with --insecure-http"});
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the write (EFBIG)
  const sigset_t signals = block_signals();
  start_log();

  at::server::ServerOptions options;
  options.data_directory = settings->data;
  options.http.host = settings->listen.host;
  options.http.port = settings->listen.port;
  options.http.further = further;
  options.http.connections_max = connections_max();
  options.retention.days = settings->retention_days;
  options.retention.bytes = settings->retention_bytes;
  if (!settings->tls_cert.empty()) {
    options.http.tls = at::net::TlsFiles{settings->tls_cert, settings->tls_key};
  }
  options.http.trusted_proxies = settings->trusted_proxies;
  options.key_limits = {settings->key_requests_per_s, settings->key_bytes_per_s};
  options.metadata_refresh_s = settings->metadata_refresh_s;
  options.generated_password_allowed = beyond.empty();
  options.wishes = at::server::account::read_wishes(environment_value);
  const auto server = at::server::Server::start(std::move(options));
  if (!server) return complain(server.error());

  if ((*server)->founded()) print_founded(*(*server)->founded());
  print_addresses(*settings, further, **server);
  spdlog::info("apitoolkit {} serves {}", APITOOLKIT_VERSION, settings->data);

  int received = 0;
  while (sigwait(&signals, &received) == 0 && received == SIGHUP) reload(**server);
  // A second signal ends the process at once, for whoever cannot wait.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  spdlog::info("stopping: finishing what is in flight");
  (*server)->stop();
  spdlog::info("stopped");
  return 0;
}

}  // namespace

void register_serve(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("serve", "Receive, store and show exchanges");
  auto given = std::make_shared<Given>();  // shared: CLI11 copies its callbacks
  const auto option = [command, given](const std::string& flag, const std::string& name,
                                       const std::string& help) {
    command
        ->add_option_function<std::string>(
            flag, [given, name](const std::string& text) { (*given)[name] = text; }, help)
        ->type_name(name == "retention_days"    ? "DAYS"
                    : name == "retention_bytes" ? "BYTES"
                    : name.ends_with("listen")  ? "ADDRESS:PORT"
                    : name == "trusted_proxy"   ? "CIDR,…"
                    : name.ends_with("_per_s")  ? "N"
                    : name.ends_with("_s")      ? "SECONDS"
                                                : "PATH");
  };
  option("--data", "data", "The directory in which everything is kept; made if it is missing");
  option("--listen", "listen", "Where to listen [127.0.0.1:8080]; port 0 takes any free one");
  option("--grpc-listen", "grpc_listen",
         "A further address, such as 127.0.0.1:4317, where OTLP over gRPC is looked for [none]");
  option("--otlp-listen", "otlp_listen",
         "A further address, such as 127.0.0.1:4318, where OTLP over HTTP is looked for [none]");
  option("--config", "config",
         "A TOML file with these options (data = \"…\", retention_days = 14)");
  option("--retention-days", "retention_days", "Days after which exchanges are dropped [14]");
  option("--retention-bytes", "retention_bytes",
         "What exchanges may take on the disk, such as 20GB; the oldest day goes first [no limit]");
  option("--tls-cert", "tls_cert",
         "A certificate with its chain (PEM): speaks TLS; SIGHUP reads it again");
  option("--tls-key", "tls_key", "The certificate's key (PEM)");
  option("--trusted-proxy", "trusted_proxy",
         "Networks of proxies whose X-Forwarded-For and -Proto count: 10.0.0.0/8,::1");
  option("--key-requests-per-s", "key_requests_per_s",
         "What an API key may send, unless it has a limit of its own; 0: no limit [0]");
  option("--key-bytes-per-s", "key_bytes_per_s", "Likewise in bytes [0]");
  option("--metadata-refresh-s", "metadata_refresh_s",
         "How often SDKs ask for new redaction rules [60]");
  command->add_flag_callback(
      "--insecure-http", [given] { (*given)["insecure_http"] = "true"; },
      "Listen beyond loopback without TLS");
  command->footer(
      "Each option may also be given as APITOOLKIT_SERVER_<NAME>, for example\n"
      "APITOOLKIT_SERVER_RETENTION_DAYS=30. A flag counts before the environment, and the\n"
      "environment before the file.");
  command->callback([given, &exit_status] { exit_status = serve(*given); });
}
