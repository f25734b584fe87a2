// The reference's own evaluation of a path: RFC 9535 read aloud, recursively, on a plain tree. Of
// src/jsonpath it uses the syntax tree only, whose parser the compliance suite holds; and the
// compiled pattern of `=~`, of which the syntax tree keeps nothing else.
#pragma once

#include <vector>

#include "src/jsonpath/ast.h"
#include "src/redact/engine/reference_json.h"
#include "src/redact/engine/reference_steps.h"

namespace apitoolkit::redact::reference {

enum class Reading {
  kRfc,  // the RFC's nodelist, in its order and with its duplicates
  // What redaction masks, in no order: wider than the RFC as docs/redaction.md has it. A filter
  // that reads a name which its object has twice is true; comparing two containers reads their
  // names, but one may stop where they differ. So there are two answers, nearly always the same:
  kRedactLeast,  // what differs for certain is different, whatever names it has twice
  kRedactMost,   // all names are read
};

std::vector<const Value*> select(const jsonpath::Ast& ast, const Value& root, Reading reading,
                                 Steps& steps);

}  // namespace apitoolkit::redact::reference
