// Lines of a text that comes in pieces.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace apitoolkit::cli {

class LineReader {
 public:
  // `take` is given each line without its LF; nothing in the place of one longer than `bytes_max`.
  LineReader(std::size_t bytes_max, std::function<void(std::optional<std::string>)> take)
      : bytes_max_(bytes_max), take_(std::move(take)) {}

  void feed(std::string_view piece) {
    while (!piece.empty()) {
      const std::size_t end = piece.find('\n');
      append(piece.substr(0, end));
      if (end == std::string_view::npos) return;
      end_line();
      piece.remove_prefix(end + 1);
    }
  }
  // The last line may have no end.
  void finish() {
    if (!line_.empty() || too_long_) end_line();
  }

 private:
  void append(std::string_view part) {
    too_long_ = too_long_ || line_.size() + part.size() > bytes_max_;
    too_long_ ? line_.clear() : void(line_.append(part));
  }
  void end_line() {
    const bool too_long = std::exchange(too_long_, false);
    std::string line = std::exchange(line_, {});
    too_long ? take_(std::nullopt) : take_(std::move(line));
  }

  const std::size_t bytes_max_;
  const std::function<void(std::optional<std::string>)> take_;
  std::string line_;
  bool too_long_ = false;
};

}  // namespace apitoolkit::cli
