// The canonical text of a query: lower-case words, one blank between tokens, only the brackets that
// are needed, texts in double quotes, lists in square brackets.
#include <charconv>
#include <cmath>

#include "src/json/writer.h"
#include "src/server/query/lexer.h"
#include "src/server/query/names.h"
#include "src/server/query/parse.h"

namespace apitoolkit::server::query {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

void quote(std::string_view text, std::string& out) {
  json::append_string(text, out);
}

std::string real_text(double value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  std::string out(buffer, error == std::errc() ? end : buffer);
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

class Printer {
 public:
  std::string take() { return std::move(out_); }

  void query(const Query& query) {
    for (const Section& part : query.sections) {
      if (&part != &query.sections[0]) put(" | ");
      section(part);
    }
  }

  void section(const Section& section) {
    std::visit(Overloaded{
                   [this](const Where& s) {
                     put("where ");
                     condition(s.condition);
                   },
                   [this](const Summarize& s) {
                     put("summarize ");
                     columns(s.aggregates);
                     if (s.groups.empty()) return;
                     put(" by ");
                     columns(s.groups);
                   },
                   [this](const Sort& s) {
                     put("sort by ");
                     each(s.keys, [this](const SortKey& key) {
                       field(key.field);
                       if (key.descending) put(" desc");
                     });
                   },
                   [this](const Take& s) { put("take " + std::to_string(s.rows)); },
                   [this](const Extend& s) {
                     put("extend ");
                     columns(s.columns);
                   },
                   [this](const Project& s) {
                     put("project ");
                     columns(s.columns);
                   },
                   [this](const Distinct& s) {
                     put("distinct ");
                     each(s.fields, [this](const FieldRef& f) { field(f); });
                   },
               },
               section.node);
  }

  void condition(const Expr& expr) {
    std::visit(Overloaded{
                   [this](const Comparison& c) {
                     value(c.left);
                     put(" ").put(name_of(c.op)).put(" ");
                     value(c.right);
                   },
                   [this](const Membership& m) {
                     value(m.left);
                     put(m.negated ? " !in " : " in ");
                     list(m.values);
                   },
                   [this](const TextMatch& m) {
                     value(m.left);
                     put(m.negated ? " !" : " ").put(name_of(m.op)).put(" ");
                     const bool several = m.op == TextOp::kHasAny || m.op == TextOp::kHasAll;
                     several ? list(m.values) : value(m.values[0]);
                   },
                   [this](const RegexMatch& m) {
                     value(m.left);
                     put(" matches ");
                     regex(m.pattern, m.flags);
                   },
                   [this](const Test& t) {
                     put(name_of(t.kind)).put("(");
                     value(t.value);
                     put(")");
                   },
                   [this](const FreeText& t) { quote(t.text, out_); },
                   [this](const And& a) { joined(a.operands, " and "); },
                   [this](const Or& o) { joined(o.operands, " or "); },
                   [this](const Not& n) {
                     put("not ");
                     // Brackets also where none are needed, but for what `not` binds to by itself.
                     const bool plain = std::holds_alternative<Not>(n.operand[0].node) ||
                                        std::holds_alternative<Test>(n.operand[0].node) ||
                                        std::holds_alternative<FreeText>(n.operand[0].node);
                     plain ? condition(n.operand[0]) : bracketed(n.operand[0]);
                   },
               },
               expr.node);
  }

  void value(const ValueExpr& expr) {
    std::visit(Overloaded{
                   [this](const Literal& l) { literal(l.value); },
                   [this](const FieldRef& f) { field(f); },
                   [this](const ListExpr& l) { list(l.values); },
                   [this](const Call& c) { call(c); },
                   [this](const Arithmetic& a) {
                     operand(a.operands[0], a.op, false);
                     put(" ").put(std::string_view(&a.op, 1)).put(" ");
                     operand(a.operands[1], a.op, true);
                   },
                   [this](const Aggregate& a) { aggregate(a); },
               },
               expr.node);
  }

  void field(const FieldRef& field) {
    put(field.name);
    for (const Step& step : field.steps) {
      switch (step.kind) {
        case Step::Kind::kEach:
          put("[*]");
          break;
        case Step::Kind::kIndex:
          put("[" + std::to_string(step.index) + "]");
          break;
        case Step::Kind::kName:
          if (is_plain_name(step.name)) {
            put(".").put(step.name);
          } else {
            put("[");
            quote(step.name, out_);
            put("]");
          }
      }
    }
  }

 private:
  Printer& put(std::string_view text) {
    out_.append(text);
    return *this;
  }

  template <class Items, class Print>
  void each(const Items& items, Print print) {
    bool first = true;
    for (const auto& item : items) {
      if (!first) put(", ");
      first = false;
      print(item);
    }
  }

  void columns(const std::vector<NamedValue>& columns) {
    each(columns, [this](const NamedValue& column) {
      if (column.explicit_name) put(column.name).put(" = ");
      value(column.value);
    });
  }

  void list(const std::vector<ValueExpr>& values) {
    put("[");
    each(values, [this](const ValueExpr& element) { value(element); });
    put("]");
  }

  void joined(const std::vector<Expr>& operands, std::string_view word) {
    for (const Expr& operand : operands) {
      if (&operand != operands.data()) put(word);
      const bool is_or = std::holds_alternative<Or>(operand.node);
      const bool is_and = std::holds_alternative<And>(operand.node);
      const bool binds = is_or || (is_and && word != " or ");
      binds ? bracketed(operand) : condition(operand);
    }
  }

  void bracketed(const Expr& expr) {
    put("(");
    condition(expr);
    put(")");
  }

  void operand(const ValueExpr& expr, char op, bool right) {
    const auto* const inner = std::get_if<Arithmetic>(&expr.node);
    const auto level = [](char c) { return c == '+' || c == '-' ? 1 : 2; };
    const bool brackets = inner != nullptr && (level(inner->op) < level(op) ||
                                               (right && level(inner->op) == level(op)));
    if (brackets) put("(");
    value(expr);
    if (brackets) put(")");
  }

  void literal(const Value& value) {
    if (value.is_text()) return quote(value.as_text(), out_);
    if (value.type() == ValueType::kDouble) {
      put(real_text(value.as_double()));
      return;
    }
    put(value.is_null() ? "null" : query::to_text(value));
  }

  void regex(std::string_view pattern, std::string_view flags) {
    put("/");
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] == '\\' && i + 1 < pattern.size()) {
        put(pattern.substr(i, 2));
        ++i;
      } else if (pattern[i] == '/') {
        put("\\/");
      } else {
        put(pattern.substr(i, 1));
      }
    }
    put("/").put(flags);
  }

  void call(const Call& call) {
    put(function_info(call.function).name).put("(");
    for (std::size_t i = 0; i < call.values.size(); ++i) {
      if (i > 0) put(", ");
      if (i < call.conditions.size()) {
        condition(call.conditions[i]);
        put(", ");
      }
      value(call.values[i]);
    }
    put(")");
  }

  void aggregate(const Aggregate& aggregate) {
    const std::string_view name = name_of(aggregate);
    put(name).put("(");
    if (!aggregate.condition.empty()) condition(aggregate.condition[0]);
    if (!aggregate.value.empty()) value(aggregate.value[0]);
    if (name == "percentile") put(", " + real_text(aggregate.percentile));
    put(")");
  }

  std::string out_;
};

template <class Print, class Part>
std::string printed(Print print, const Part& part) {
  Printer printer;
  (printer.*print)(part);
  return printer.take();
}

}  // namespace

std::string to_text(const Query& query) {
  return printed(&Printer::query, query);
}
std::string to_text(const Expr& condition) {
  return printed(&Printer::condition, condition);
}
std::string to_text(const ValueExpr& value) {
  return printed(&Printer::value, value);
}
std::string to_text(const FieldRef& field) {
  return printed(&Printer::field, field);
}

}  // namespace apitoolkit::server::query
