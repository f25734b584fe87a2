#include "src/redact/engine/reference_regexp.h"

#include <re2/re2.h>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/redact/engine/reference_json.h"

namespace apitoolkit::redact::reference {
namespace {

constexpr int kDepthMax = 4000;               // of parentheses; the reference gives up beyond
constexpr std::size_t kCountMax = 1'000'000;  // of a repetition, likewise

// Members of a class, or the one character that stands for itself.
struct Range {
  char32_t first = 0;
  char32_t last = 0;
};
struct Category {
  std::string name;
  bool complement = false;
};

struct Node {
  enum class Kind { kSet, kBegin, kEnd, kSequence, kAlternatives, kRepeat };
  Kind kind = Kind::kSequence;
  bool complement = false;  // of a set
  std::vector<Range> ranges;
  std::vector<Category> categories;
  std::size_t least = 0;            // of a repetition
  std::optional<std::size_t> most;  // likewise
  std::vector<Node> parts;
};

// Asked again and again, so each set is built once, and never destroyed.
const RE2& set_of(const std::string& text) {
  static auto* const sets = new std::map<std::string, std::unique_ptr<RE2>>();
  std::unique_ptr<RE2>& set = (*sets)[text];
  if (!set) set = std::make_unique<RE2>(text);
  return *set;
}

bool is_in_category(char32_t c, const std::string& name) {
  const std::string text = utf8(c);
  const auto in = [&](const std::string& set) { return RE2::FullMatch(text, set_of(set)); };
  // RE2 knows no unassigned characters: they are what is in no other category.
  const bool assigned_not_other = in(R"([\pL\pM\pN\pP\pS\pZ])");
  if (name == "C") return !assigned_not_other;
  if (name == "Cn") return !assigned_not_other && !in(R"([\p{Cc}\p{Cf}\p{Co}])");
  return in("\\p{" + name + "}");
}

bool is_category(const std::string& name) {
  static const std::set<std::string> kNames = {
      "L",  "Ll", "Lm", "Lo", "Lt", "Lu", "M",  "Mc", "Me", "Mn", "N",  "Nd",
      "Nl", "No", "P",  "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Z",  "Zl",
      "Zp", "Zs", "S",  "Sc", "Sk", "Sm", "So", "C",  "Cc", "Cf", "Cn", "Co"};
  return kNames.count(name) > 0;
}

// The grammar of RFC 9485, section 4, a function for each rule.
class Parser {
 public:
  Parser(const std::u32string& pattern, Steps& steps) : pattern_(pattern), steps_(steps) {}

  std::optional<Node> parse() {
    Node out;
    if (!i_regexp(out, 0) || at_ != pattern_.size()) return std::nullopt;
    return out;
  }

 private:
  bool more() const { return at_ < pattern_.size(); }
  bool accept(char32_t c) {
    if (!more() || pattern_[at_] != c) return false;
    ++at_;
    return true;
  }

  // i-regexp = branch *( "|" branch )
  bool i_regexp(Node& out, int depth) {
    if (depth > kDepthMax) {
      steps_.give_up();
      return false;
    }
    out.kind = Node::Kind::kAlternatives;
    do {
      Node branch;
      while (more() && pattern_[at_] != U'|' && pattern_[at_] != U')') {
        if (!piece(branch.parts.emplace_back(), depth)) return false;
      }
      out.parts.push_back(std::move(branch));
    } while (accept(U'|'));
    return true;
  }

  // piece = atom [ quantifier ]
  bool piece(Node& out, int depth) {
    Node inner;
    if (!atom(inner, depth)) return false;
    out.kind = Node::Kind::kRepeat;
    if (accept(U'*')) {
    } else if (accept(U'+')) {
      out.least = 1;
    } else if (accept(U'?')) {
      out.most = 1;
    } else if (accept(U'{')) {
      if (!count(out.least)) return false;
      out.most = out.least;
      if (accept(U',')) {
        out.most.reset();
        std::size_t most = 0;
        if (more() && pattern_[at_] != U'}') {
          if (!count(most) || most < out.least) return false;
          out.most = most;
        }
      }
      if (!accept(U'}')) return false;
    } else {
      out = std::move(inner);
      return true;
    }
    out.parts.push_back(std::move(inner));
    return true;
  }

  bool count(std::size_t& out) {
    const std::size_t begin = at_;
    for (; more() && pattern_[at_] >= U'0' && pattern_[at_] <= U'9'; ++at_) {
      out = out * 10 + (pattern_[at_] - U'0');
      if (out > kCountMax) {
        steps_.give_up();
        return false;
      }
    }
    return at_ > begin;
  }

  // atom = NormalChar / charClass / ( "(" i-regexp ")" )
  bool atom(Node& out, int depth) {
    if (accept(U'(')) return i_regexp(out, depth + 1) && accept(U')');
    if (accept(U'[')) return class_expression(out);
    if (accept(U'^')) {
      out.kind = Node::Kind::kBegin;
      return true;
    }
    if (accept(U'$')) {
      out.kind = Node::Kind::kEnd;
      return true;
    }
    out.kind = Node::Kind::kSet;
    if (accept(U'.')) {
      out.complement = true;
      out.ranges = {{U'\n', U'\n'}, {U'\r', U'\r'}};
      return true;
    }
    if (pattern_[at_] == U'\\') return category_or_escape(out);
    const char32_t c = pattern_[at_++];
    out.ranges = {{c, c}};
    return std::u32string_view(U"()*+.?[\\]{|}").find(c) == std::u32string_view::npos;
  }

  bool category_or_escape(Node& out) {
    if (at_ + 1 < pattern_.size() && (pattern_[at_ + 1] == U'p' || pattern_[at_ + 1] == U'P')) {
      Category& category = out.categories.emplace_back();
      category.complement = pattern_[at_ + 1] == U'P';
      at_ += 2;
      if (!accept(U'{')) return false;
      while (more() && pattern_[at_] != U'}') category.name += utf8(pattern_[at_++]);
      return accept(U'}') && is_category(category.name);
    }
    char32_t c = 0;
    if (!single_escape(c)) return false;
    out.ranges.push_back({c, c});
    return true;
  }

  bool single_escape(char32_t& out) {
    if (!accept(U'\\') || !more()) return false;
    out = pattern_[at_++];
    if (std::u32string_view(U"()*+-.?[\\]^nrt{|}").find(out) == std::u32string_view::npos) {
      return false;
    }
    if (out == U'n') out = U'\n';
    if (out == U'r') out = U'\r';
    if (out == U't') out = U'\t';
    return true;
  }

  // "[" [ "^" ] ( "-" / CCE1 ) *CCE1 [ "-" ] "]", after the bracket.
  bool class_expression(Node& out) {
    out.kind = Node::Kind::kSet;
    out.complement = accept(U'^');
    if (accept(U'-')) {
      out.ranges.push_back({U'-', U'-'});
    } else if (!class_item(out)) {
      return false;
    }
    while (more() && pattern_[at_] != U']' && pattern_[at_] != U'-') {
      if (!class_item(out)) return false;
    }
    if (accept(U'-')) out.ranges.push_back({U'-', U'-'});
    return accept(U']');
  }

  bool class_item(Node& out) {
    if (at_ + 1 < pattern_.size() && pattern_[at_] == U'\\' &&
        (pattern_[at_ + 1] == U'p' || pattern_[at_ + 1] == U'P')) {
      return category_or_escape(out);
    }
    Range range;
    if (!class_character(range.first)) return false;
    range.last = range.first;
    const bool ranged =
        at_ + 1 < pattern_.size() && pattern_[at_] == U'-' && pattern_[at_ + 1] != U']';
    if (ranged && !(accept(U'-') && class_character(range.last))) return false;
    out.ranges.push_back(range);
    return range.first <= range.last;
  }

  bool class_character(char32_t& out) {
    if (!more()) return false;
    if (pattern_[at_] == U'\\') return single_escape(out);
    out = pattern_[at_++];
    return out != U'-' && out != U'[' && out != U']';
  }

  const std::u32string& pattern_;
  Steps& steps_;
  std::size_t at_ = 0;
};

class Matcher {
 public:
  using Places = std::set<std::size_t>;

  Matcher(const std::u32string& text, Steps& steps) : text_(text), steps_(steps) {}

  // Where matches that begin at `from` end.
  Places ends(const Node& node, std::size_t from) {
    if (!steps_.take()) return {};
    switch (node.kind) {
      case Node::Kind::kSet:
        if (from < text_.size() && contains(node, text_[from])) return {from + 1};
        return {};
      case Node::Kind::kBegin:
        return from == 0 ? Places{from} : Places{};
      case Node::Kind::kEnd:
        return from == text_.size() ? Places{from} : Places{};
      case Node::Kind::kAlternatives: {
        Places all;
        for (const Node& part : node.parts) all.merge(ends(part, from));
        return all;
      }
      case Node::Kind::kSequence: {
        Places here{from};
        for (const Node& part : node.parts) here = ends_from_all(part, here);
        return here;
      }
      case Node::Kind::kRepeat:
        return repeat(node, from);
    }
    return {};
  }

 private:
  Places ends_from_all(const Node& node, const Places& from) {
    Places all;
    for (const std::size_t place : from) all.merge(ends(node, place));
    return all;
  }

  Places repeat(const Node& node, std::size_t from) {
    Places here{from};
    Places all;
    for (std::size_t n = 0; !here.empty() && !steps_.exhausted(); ++n) {
      if (n >= node.least) {
        const std::size_t before = all.size();
        all.insert(here.begin(), here.end());
        if (all.size() == before) break;  // further rounds find these places again
      }
      if (node.most && n == *node.most) break;
      here = ends_from_all(node.parts.front(), here);
    }
    return all;
  }

  bool contains(const Node& set, char32_t c) {
    bool found = false;
    for (const Range& range : set.ranges) found = found || (range.first <= c && c <= range.last);
    for (const Category& category : set.categories) {
      steps_.take(20);
      found = found || is_in_category(c, category.name) != category.complement;
    }
    return found != set.complement;
  }

  const std::u32string& text_;
  Steps& steps_;
};

}  // namespace

bool matches_iregexp(std::string_view pattern, std::string_view text, bool whole, Steps& steps) {
  const auto pattern_characters = characters(pattern);
  const auto text_characters = characters(text);
  if (!pattern_characters || !text_characters) return false;
  const std::optional<Node> node = Parser(*pattern_characters, steps).parse();
  if (!node) return false;
  Matcher matcher(*text_characters, steps);
  if (whole) return matcher.ends(*node, 0).count(text_characters->size()) > 0;
  for (std::size_t from = 0; from <= text_characters->size(); ++from) {
    if (!matcher.ends(*node, from).empty()) return true;
  }
  return false;
}

}  // namespace apitoolkit::redact::reference
