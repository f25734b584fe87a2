// The conditions of a query that a block's header and columns can answer by themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "src/server/query/analysis.h"
#include "src/server/store/block/block_reader.h"

namespace apitoolkit::server::store {

// The column of texts that holds a field as it is; nullopt for other fields.
std::optional<TextColumn> text_column_of(query::FieldId field);

// A column of numbers that holds a field, and what its numbers are.
struct NumberField {
  NumberColumn column;
  query::ValueType type;
  std::int64_t null_below;  // smaller numbers stand for null
};
std::optional<NumberField> number_field_of(query::FieldId field);

// Immutable; threads may share it.
class BlockConditions {
 public:
  BlockConditions() = default;
  explicit BlockConditions(std::vector<query::NarrowCondition> conditions);

  // Whether select() decides the condition, rather than merely narrowing the rows.
  static bool decides(const query::NarrowCondition& condition);

  // False only where no row can fulfil them.
  bool may_hold(const BlockHeader& header) const;
  // Leaves those of the rows that may fulfil them.
  Status select(BlockReader& block, std::vector<std::uint32_t>& rows) const;

 private:
  std::vector<query::NarrowCondition> conditions_;  // that columns can answer
};

}  // namespace apitoolkit::server::store
