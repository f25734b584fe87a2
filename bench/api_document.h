// Documents of the kind that web APIs send, made up from a seed.
#pragma once

#include <cstddef>
#include <string>

namespace apitoolkit::bench {

// {"data":[…],"next":null} of about that many bytes: records with identifiers, times, names,
// nested objects, a few numbers and short lists, without blanks, as most servers write them.
std::string api_document(std::size_t bytes);

}  // namespace apitoolkit::bench
