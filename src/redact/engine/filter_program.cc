#include "src/redact/engine/filter_program.h"

#include <array>

#include "src/json/number.h"

namespace apitoolkit::redact {
namespace {

using jsonpath::Comparison;
using jsonpath::Expression;
using Kind = Expression::Kind;

constexpr std::size_t kAtomsMax = 64;  // their values are the bits of one word
constexpr std::size_t kOperandsMax = 128;

// What a comparison says when its sides are swapped.
Comparison mirrored(Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess:
      return Comparison::kGreater;
    case Comparison::kLessOrEqual:
      return Comparison::kGreaterOrEqual;
    case Comparison::kGreater:
      return Comparison::kLess;
    case Comparison::kGreaterOrEqual:
      return Comparison::kLessOrEqual;
    default:
      return comparison;
  }
}

bool holds(Comparison comparison, int order) {
  switch (comparison) {
    case Comparison::kEqual:
      return order == 0;
    case Comparison::kNotEqual:
      return order != 0;
    case Comparison::kLess:
      return order < 0;
    case Comparison::kLessOrEqual:
      return order <= 0;
    case Comparison::kGreater:
      return order > 0;
    case Comparison::kGreaterOrEqual:
      return order >= 0;
  }
  return false;
}

json::Type type_of(std::uint8_t byte) {
  switch (byte) {
    case '{':
      return json::Type::kObject;
    case '[':
      return json::Type::kArray;
    case '"':
    case json::kEscapedString:
      return json::Type::kString;
    case 't':
      return json::Type::kTrue;
    case 'f':
      return json::Type::kFalse;
    case 'n':
      return json::Type::kNull;
    default:
      return json::Type::kNumber;
  }
}

std::string_view without_quotes(std::string_view literal) {
  return literal.substr(1, literal.size() - 2);
}

int sign(int order) {
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

// Valid until the next call in this thread, whose memory it uses.
std::string_view unescaped(std::string_view literal) {
  thread_local std::string value;
  json::unescape_into(literal, value);
  return value;
}

}  // namespace

std::optional<FilterProgram> FilterProgram::compile(const Expression& filter, std::string& why) {
  FilterProgram program;
  if (!program.add(filter, why)) return std::nullopt;
  bool reads_itself = false;
  for (const Atom& atom : program.atoms_) reads_itself = reads_itself || atom.steps.empty();
  if (!reads_itself) {
    std::uint64_t atoms = 0;
    for (std::size_t i = 0; i < program.atoms_.size(); ++i) {
      const Atom& atom = program.atoms_[i];
      const bool value = !atom.exists && !atom.pattern && atom.comparison == Comparison::kNotEqual;
      if (value) atoms |= std::uint64_t{1} << i;
    }
    program.of_scalars_ = program.combine(atoms);
  }
  return program;
}

// Recurses along the nesting of the filter, which the parser bounds.
bool FilterProgram::add(const Expression& expression, std::string& why) {
  switch (expression.kind) {
    case Kind::kOr:
    case Kind::kAnd: {
      for (const Expression& operand : expression.operands) {
        if (!add(operand, why)) return false;
      }
      code_.push_back({expression.kind == Kind::kOr ? Op::kOr : Op::kAnd,
                       static_cast<std::uint32_t>(expression.operands.size())});
      if (code_.size() <= kOperandsMax) return true;
      why = "its filter is very long";
      return false;
    }
    case Kind::kNot:
      if (!add(expression.operands.front(), why)) return false;
      code_.push_back({Op::kNot, 1});
      return true;
    case Kind::kExists: {
      Atom atom;
      atom.exists = true;
      return add_atom(expression.path, std::move(atom), why);
    }
    case Kind::kCompare:
      return add_comparison(expression, why);
    case Kind::kRegex:
    case Kind::kCall: {
      if (!expression.pattern || expression.operands.front().kind != Kind::kQuery) {
        why = "its filter calls a function";
        return false;
      }
      Atom atom;
      atom.pattern = expression.pattern;
      return add_atom(expression.operands.front().path, std::move(atom), why);
    }
    case Kind::kLiteral:
    case Kind::kQuery:
      break;
  }
  why = "its filter has a value where a test is due";
  return false;
}

bool FilterProgram::add_comparison(const Expression& expression, std::string& why) {
  const Expression* query = &expression.operands[0];
  const Expression* literal = &expression.operands[1];
  Atom atom;
  atom.comparison = expression.comparison;
  if (query->kind == Kind::kLiteral) {
    std::swap(query, literal);
    atom.comparison = mirrored(atom.comparison);
  }
  if (query->kind != Kind::kQuery || literal->kind != Kind::kLiteral) {
    why = "its filter compares something other than a path with a literal";
    return false;
  }
  atom.literal = literal->literal;
  atom.text = literal->text;
  return add_atom(query->path, std::move(atom), why);
}

bool FilterProgram::add_atom(const jsonpath::Path& path, Atom atom, std::string& why) {
  if (path.absolute || !path.singular()) {
    why = path.absolute ? "its filter reads from the root" : "its filter has a path with branches";
    return false;
  }
  for (const jsonpath::Segment& segment : path.segments) {
    if (segment.numbered) {
      why = "its filter has a number after a dot";
      return false;
    }
    const jsonpath::Selector& selector = segment.selectors.front();
    Step step;
    step.is_name = selector.kind == jsonpath::Selector::Kind::kName;
    step.name = selector.name;
    step.index = selector.index;
    if (!step.is_name && step.index < 0) {
      why = "its filter counts from the end of a list";
      return false;
    }
    atom.steps.push_back(std::move(step));
  }
  if (atoms_.size() == kAtomsMax) {
    why = "its filter is very long";
    return false;
  }
  code_.push_back({Op::kAtom, static_cast<std::uint32_t>(atoms_.size())});
  atoms_.push_back(std::move(atom));
  return true;
}

bool FilterProgram::matches(const TokenCursor& tokens, TokenNode value,
                            std::int64_t& operations) const {
  std::uint64_t atoms = 0;
  bool repeated = false;
  for (std::size_t i = 0; i < atoms_.size(); ++i) {
    const auto node = locate(atoms_[i], tokens, value, repeated, operations);
    if (test(atoms_[i], tokens, node ? &*node : nullptr, operations))
      atoms |= std::uint64_t{1} << i;
  }
  return repeated || combine(atoms);
}

bool FilterProgram::combine(std::uint64_t atoms) const {
  std::array<bool, kOperandsMax> stack{};
  std::size_t depth = 0;
  for (const Instruction& instruction : code_) {
    if (instruction.op == Op::kAtom) {
      stack[depth++] = ((atoms >> instruction.operand) & 1) != 0;
    } else if (instruction.op == Op::kNot) {
      stack[depth - 1] = !stack[depth - 1];
    } else {
      const bool is_or = instruction.op == Op::kOr;
      bool found = false;  // the operand that decides: true of "or", false of "and"
      for (std::uint32_t i = 0; i < instruction.operand; ++i) {
        found |= stack[--depth] == is_or;
      }
      stack[depth++] = found == is_or;
    }
  }
  return stack[0];
}

// The value that the atom speaks of: of members with one name the last, as most readers have it.
std::optional<TokenNode> FilterProgram::locate(const Atom& atom, const TokenCursor& tokens,
                                               TokenNode node, bool& repeated,
                                               std::int64_t& operations) {
  for (const Step& step : atom.steps) {
    if (!(step.is_name ? tokens.is_object(node.token) : tokens.is_array(node.token))) {
      return std::nullopt;
    }
    const std::uint32_t end = tokens.container(node.ordinal).close;
    TokenNode child{node.token + 1, node.ordinal + 1};
    std::uint32_t found = 0;
    std::int64_t seen = 0;
    while (child.token < end) {
      bool is_it = seen == step.index;
      if (step.is_name) {
        is_it = tokens.is_name(child.token, step.name);
        child.token += 2;
      }
      if (is_it) {
        node = child;
        ++found;
        if (!step.is_name) break;
      }
      ++seen;
      child = tokens.after(child);
      ++child.token;  // the comma, or the end
    }
    operations -= seen + 1;
    if (found == 0) return std::nullopt;
    repeated = repeated || found > 1;
  }
  return node;
}

bool FilterProgram::test(const Atom& atom, const TokenCursor& tokens, const TokenNode* node,
                         std::int64_t& operations) {
  if (atom.exists) return node != nullptr;
  const bool other = !atom.pattern && atom.comparison == Comparison::kNotEqual;
  if (node == nullptr) return other;
  const json::Type type = type_of(tokens.byte(node->token));
  if (type != (atom.pattern ? json::Type::kString : atom.literal)) return other;
  if (type >= json::Type::kArray) return other;
  if (type == json::Type::kNumber) {
    const std::string_view raw = tokens.raw(node->token);
    return holds(atom.comparison, raw == atom.text ? 0 : json::compare_numbers(raw, atom.text));
  }
  if (type != json::Type::kString) {  // null, true and false equal themselves and have no order
    return holds(atom.comparison, 0);
  }
  const std::string_view raw = tokens.raw(node->token);
  const bool escaped = tokens.byte(node->token) == json::kEscapedString;
  if (atom.pattern) {
    operations -= atom.pattern->match_cost(raw);
    return atom.pattern->matches(escaped ? unescaped(raw) : without_quotes(raw));
  }
  if (!escaped) {
    // UTF-8's bytes are in the order of the code points.
    return holds(atom.comparison, sign(without_quotes(raw).compare(atom.text)));
  }
  if (atom.comparison == Comparison::kEqual || atom.comparison == Comparison::kNotEqual) {
    return json::literal_equals(raw, atom.text) == (atom.comparison == Comparison::kEqual);
  }
  return holds(atom.comparison, sign(unescaped(raw).compare(atom.text)));
}

}  // namespace apitoolkit::redact
