// JSON Web Tokens, RFC 7519.
//
//   jwt = header "." payload "." [signature]                       ; signed, or with "alg":"none"
//       / header "." [key] "." [iv] "." ciphertext "." [tag]       ; encrypted: the header has
//       "enc"
//
// Each part is base64url. The header decodes to a JSON object with "alg". It may begin anywhere in
// a run of base64url characters ("session-eyJ…", "v1_eyJ…"), since a prefix hides no token.
#include "src/redact/scrub_detectors.h"
#include "src/redact/scrub_jose_header.h"

namespace apitoolkit::redact {
namespace {

std::size_t run_end(std::string_view text, std::size_t i) {
  while (i < text.size() && is_base64url(text[i])) ++i;
  return i;
}

constexpr std::size_t kNone = std::string_view::npos;

// Past the dot at `i` and the part after it; kNone if there is no dot.
std::size_t skip_part(std::string_view text, std::size_t i) {
  return i < text.size() && text[i] == '.' ? run_end(text, i + 1) : kNone;
}

// Where the token ends whose header ends at `header_end`; kNone if what follows is none.
std::size_t token_end(std::string_view text, std::size_t header_end, bool encrypted) {
  const std::size_t second = skip_part(text, header_end);
  if (second == kNone) return second;
  const std::size_t third = skip_part(text, second);
  if (third == kNone) return third;
  if (encrypted) {
    const std::size_t fourth = skip_part(text, third);
    if (fourth != kNone && fourth > third + 1) {
      const std::size_t fifth = skip_part(text, fourth);
      if (fifth != kNone) return fifth;
    }
  }
  return second > header_end + 1 ? third : kNone;
}

// Whether the base64 may be that of "{" and a quote or a blank: what a header can begin with.
bool can_begin_header(std::string_view text, std::size_t at) {
  return text.size() - at >= 2 && text[at] == 'e' && (text[at + 1] == 'y' || text[at + 1] == 'w');
}

}  // namespace

std::optional<Span> match_jwt(std::string_view text, std::size_t at, JwtRun& run) {
  if (at < run.done || !can_begin_header(text, at)) return std::nullopt;
  if (at >= run.end) {
    run.end = run_end(text, at);
    // With "enc" or without, a token has two more parts; if they are missing none begins here.
    if (token_end(text, run.end, true) == kNone) run.done = run.end;
    if (at < run.done) return std::nullopt;
  }
  const JoseHeader header = read_jose_header(text.substr(at, run.end - at));
  if (!header.found) return std::nullopt;
  const std::size_t end = token_end(text, run.end, header.encrypted);
  if (end == kNone) return std::nullopt;
  run.done = end;
  return Span{at, end};
}

}  // namespace apitoolkit::redact
