// Normalized paths: RFC 9535, section 2.7.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/json/document.h"

namespace apitoolkit::jsonpath {

// Names the nodes of one document, which must outlive it. Construction is linear in the document,
// each name in the node's depth.
class PathNamer {
 public:
  explicit PathNamer(const json::Document& document);

  // $['a'][0]; for an object's member the name as the document unescapes it.
  std::string name(std::uint32_t node) const;

 private:
  const json::Document& document_;
  std::vector<std::uint32_t> parents_;
  std::vector<std::uint32_t> positions_;  // in an array
};

}  // namespace apitoolkit::jsonpath
