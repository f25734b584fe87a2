#include "src/jsonpath/normalized_path.h"

namespace apitoolkit::jsonpath {
namespace {

using json::Type;

void append_name(std::string_view name, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += "['";
  for (const char c : name) {
    switch (c) {
      case '\b':
        out += "\\b";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\'':
      case '\\':
        out += '\\';
        out += c;
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kHex[static_cast<unsigned char>(c) >> 4];
          out += kHex[static_cast<unsigned char>(c) & 15];
        } else {
          out += c;
        }
    }
  }
  out += "']";
}

}  // namespace

PathNamer::PathNamer(const json::Document& document) : document_(document) {
  const auto size = static_cast<std::uint32_t>(document.nodes().size());
  parents_.resize(size);
  positions_.resize(size);
  for (std::uint32_t node = 0; node < size; ++node) {
    const json::Node& container = document[node];
    const bool object = container.type == Type::kObject;
    if (!object && container.type != Type::kArray) continue;
    std::uint32_t child = node + 1;
    for (std::uint32_t i = 0; i < container.count; ++i) {
      if (object) ++child;  // past the name
      parents_[child] = node;
      positions_[child] = i;
      child = document[child].next;
    }
  }
}

std::string PathNamer::name(std::uint32_t node) const {
  std::vector<std::uint32_t> steps;
  for (; node != document_.root(); node = parents_[node]) steps.push_back(node);
  std::string out = "$";
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if (document_[parents_[*step]].type == Type::kObject) {
      append_name(document_.text(*step - 1), out);  // a member's name stands before its value
    } else {
      out += '[' + std::to_string(positions_[*step]) + ']';
    }
  }
  return out;
}

}  // namespace apitoolkit::jsonpath
