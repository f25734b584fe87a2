// For tests: the program itself, as a child process.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace apitoolkit::cli {

class Program {
 public:
  // Starts APITOOLKIT_BINARY with those arguments; `environment` is added to this process's own.
  explicit Program(const std::vector<std::string>& arguments,
                   const std::map<std::string, std::string>& environment = {},
                   const std::string& input = "") {
    std::array<int, 2> out{}, err{}, in{};
    if (pipe(out.data()) != 0 || pipe(err.data()) != 0 || pipe(in.data()) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      dup2(err[1], STDERR_FILENO);
      for (const int end : {in[0], in[1], out[0], out[1], err[0], err[1]}) ::close(end);
      for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
      std::vector<char*> argv{const_cast<char*>(APITOOLKIT_BINARY)};
      for (const std::string& one : arguments) argv.push_back(const_cast<char*>(one.c_str()));
      argv.push_back(nullptr);
      execv(APITOOLKIT_BINARY, argv.data());
      _exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    ::close(err[1]);
    if (::write(in[1], input.data(), input.size()) < 0) std::abort();
    ::close(in[1]);
    out_ = out[0];
    err_ = err[0];
  }
  ~Program() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      wait();
    }
    ::close(out_);
    ::close(err_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Reads standard output until it holds `text`, or ends.
  bool wait_for(const std::string& text) {
    while (stdout_text.find(text) == std::string::npos) {
      if (!read_piece(out_, stdout_text)) return false;
    }
    return true;
  }

  // The port of the ready line; 0 if the program ended without one.
  std::uint16_t port() {
    const std::string ready = "listening on http://127.0.0.1:";
    if (!wait_for(ready)) return 0;
    while (stdout_text.find('\n', stdout_text.find(ready)) == std::string::npos) {
      if (!read_piece(out_, stdout_text)) return 0;
    }
    return static_cast<std::uint16_t>(
        std::atoi(stdout_text.c_str() + stdout_text.find(ready) + ready.size()));
  }

  void send_signal(int number) const { ::kill(pid_, number); }

  // The exit status, or 128 and the number of the signal that ended it; all output is read.
  int wait() {
    while (read_piece(out_, stdout_text)) {
    }
    while (read_piece(err_, stderr_text)) {
    }
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::string stdout_text;
  std::string stderr_text;

 private:
  static bool read_piece(int file, std::string& text) {
    std::array<char, 4096> piece;
    const ssize_t got = ::read(file, piece.data(), piece.size());
    if (got <= 0) return false;
    text.append(piece.data(), static_cast<std::size_t>(got));
    return true;
  }

  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
};

}  // namespace apitoolkit::cli
