// A body of any kind with a secret in it, under a name that a path selects, and noise around it.
#pragma once

#include <string>
#include <string_view>

#include "src/redact/engine/random_case.h"

namespace apitoolkit::fuzz {

struct PlantedBody {
  std::string path;  // selects the secret, however the rest of the body reads
  std::string content_type;
  std::string content_encoding;
  std::string body;
  bool truncated = false;
  std::string secret;  // letters and digits, so that no escape or coding changes it
  bool unique = true;  // the noise holds no part of it; else nothing can be said

  // What must not survive of it, wherever it was cut.
  std::string_view first_part() const { return std::string_view(secret).substr(0, 8); }
  std::string_view last_part() const { return std::string_view(secret).substr(secret.size() - 8); }
};

// JSON, NDJSON, a JSON text sequence, a form, or multipart; perhaps in a content coding, perhaps
// cut anywhere.
PlantedBody plant(redact::Random& random);

}  // namespace apitoolkit::fuzz
