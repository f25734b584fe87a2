#include "src/cli/redact_stream.h"

#include <cstdio>
#include <string>
#include <vector>

#include "src/cli/progress.h"

namespace apitoolkit::cli {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

void print_masked(const redact::RecordStream& records) {
  if (records.masked() == 0) return;
  std::string reasons;
  for (std::size_t i = 0; i < redact::kReasonCount; ++i) {
    const auto reason = static_cast<redact::Reason>(i);
    if (records.masked(reason) == 0) continue;
    reasons += (reasons.empty() ? " " : ", ") + std::string(redact::to_string(reason)) + " " +
               std::to_string(records.masked(reason));
  }
  std::fprintf(stderr, "apitoolkit: %lld of %lld records were masked whole:%s\n",
               static_cast<long long>(records.masked()), static_cast<long long>(records.records()),
               reasons.c_str());
}

}  // namespace

int redact_stream(Input& input, redact::RecordStream& records) {
  std::vector<char> piece(kPieceBytes);
  std::string out;
  {
    Progress progress("redacting", input.size_bytes());
    while (true) {
      const auto size = input.read(piece);
      if (!size) return complain(size.error().message, kBadInput);
      if (*size == 0) break;
      out.clear();
      records.feed({piece.data(), *size}, out);
      if (const int status = write_output(out); status != 0) return status;
      progress.advance(static_cast<std::int64_t>(*size));
    }
  }
  out.clear();
  records.finish(out);
  print_masked(records);
  return write_output(out);
}

}  // namespace apitoolkit::cli
