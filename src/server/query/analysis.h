// What a store can know of a query before it reads anything: which fields it needs, and conditions
// that every row fulfils which gets past the leading `where` sections. Everything here is implied
// by the query and may be weaker than it: rows and blocks that cannot fulfil it are skipped, and
// the others are still to be asked.
#pragma once

#include <bitset>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "src/server/query/ast.h"

namespace apitoolkit::server::query {

// start_ns >= since, start_ns < until; a missing end is open.
struct TimeRange {
  std::optional<std::int64_t> since_ns;
  std::optional<std::int64_t> until_ns;
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};
TimeRange intersection(const TimeRange& a, const TimeRange& b);

// A condition on one narrow field by itself, without a path: the field compares with one of
// `values` as `op` says. Values are constants; kNotEqual never comes. A null among the values of
// kEqual means that the field may be missing; a field that is missing fulfils nothing else.
struct NarrowCondition {
  FieldId field = FieldId::kTimestamp;
  CompareOp op = CompareOp::kEqual;
  std::vector<Value> values;  // one, but for kEqual
  friend bool operator==(const NarrowCondition&, const NarrowCondition&) = default;
};

// A text that must be somewhere in what was stored, in any case of its ASCII letters.
struct RequiredText {
  // Where: in one of these fields' texts (headers: in a value; params: in a value; errors: in any
  // text of one; a free text's headers: in a name or a value). Bodies: in their bytes.
  std::bitset<kFieldCount> places;
  std::string text;  // ASCII letters folded to lower case; not empty
  // Whether there is no letter or digit in front of it and behind it, so that its first and its
  // last word are whole words. Words are runs of ASCII letters, digits, and bytes from 0x80.
  bool whole_first_word = false;
  bool whole_last_word = false;
  // `text` is one word of ASCII letters and digits, of what a text in JSON stands for. A body (or
  // parameter) in which such characters are written as escapes (\u0030 to \u007a) must not be
  // skipped.
  bool in_json_text = false;
  // `text` is the digits in front of the point of a number in a body. A body with a number that has
  // an exponent or more than 15 digits must not be skipped.
  bool plain_number = false;
  // Of a number: the member that it is, or whose list it is in; empty where that is not known.
  std::string member;
  friend bool operator==(const RequiredText&, const RequiredText&) = default;
};

struct Analysis {
  std::bitset<kFieldCount> fields;        // that are needed for the whole query
  std::bitset<kFieldCount> where_fields;  // for the `where` sections that it begins with
  TimeRange time;
  std::vector<NarrowCondition> narrow;              // all of them hold
  std::vector<std::vector<RequiredText>> required;  // of each at least one holds
};

Analysis analyze(const Query& query, std::int64_t now_ns);

// The fields that free text searches.
std::bitset<kFieldCount> searched_fields();

}  // namespace apitoolkit::server::query
