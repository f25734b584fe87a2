#include "src/server/store/sqlite/required_texts.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "src/server/query/text_search.h"
#include "src/server/store/sqlite/block_conditions.h"

namespace apitoolkit::server::store {
namespace {

using query::FieldId;

constexpr std::size_t kRequiredMax = 8;  // more do not narrow by much

std::optional<unsigned> part_of(FieldId field) {
  switch (field) {
    case FieldId::kRequestBody:
      return kRowRequestBody;
    case FieldId::kResponseBody:
      return kRowResponseBody;
    case FieldId::kRequestHeaders:
    case FieldId::kResponseHeaders:
    case FieldId::kQueryParams:
    case FieldId::kPathParams:
    case FieldId::kErrors:
    case FieldId::kTags:
    case FieldId::kRedaction:
      return kRowFields;
    default:
      return std::nullopt;
  }
}

}  // namespace

RequiredTexts::RequiredTexts(const std::vector<std::vector<query::RequiredText>>& required) {
  for (const auto& given : required) {
    Alternatives alternatives;
    bool is_known = true;
    for (const query::RequiredText& text : given) {
      Alternative alternative{{text.text, 0, text.in_json_text, text.plain_number, text.member},
                              {}};
      for (int i = 0; i < query::kFieldCount; ++i) {
        if (!text.places.test(static_cast<std::size_t>(i))) continue;
        const auto field = static_cast<FieldId>(i);
        const auto part = part_of(field);
        const auto column = text_column_of(field);
        if (part) alternative.text.parts |= *part;
        if (column) alternative.columns.push_back(*column);
        is_known = is_known && (part || column);
      }
      alternatives.push_back(std::move(alternative));
    }
    if (is_known && required_.size() < kRequiredMax) required_.push_back(std::move(alternatives));
  }
}

Status RequiredTexts::mark_by_columns(BlockReader& block, const Alternatives& alternatives,
                                      const std::vector<std::uint32_t>& rows,
                                      std::vector<char>& found) const {
  for (const Alternative& alternative : alternatives) {
    const query::SearchText text(alternative.text.text);
    for (const TextColumn column : alternative.columns) {
      const Result<const Texts*> texts = block.texts(column);
      if (!texts) return tl::unexpected(texts.error());
      std::vector<char> has(texts.value()->distinct());
      for (std::uint32_t code = 0; code < has.size(); ++code) {
        has[code] = text.is_in((*texts)->value(code)) ? 1 : 0;
      }
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (has[(*texts)->codes()[rows[i]]] != 0) found[i] = 1;
      }
    }
  }
  return {};
}

Status RequiredTexts::find_in_page(BlockReader& block, std::uint64_t number,
                                   const Alternatives& alternatives, std::vector<char>& found) {
  const Result<PageReader*> page = block.page(static_cast<std::size_t>(number));
  if (!page) return tl::unexpected(page.error());
  found.assign((*page)->rows(), 0);
  for (const Alternative& alternative : alternatives) {
    if (alternative.text.parts == 0) continue;
    if (Status done = (*page)->find(alternative.text, found); !done) return done;
  }
  return {};
}

Status RequiredTexts::select(BlockReader& block, std::vector<std::uint32_t>& rows) const {
  for (const Alternatives& alternatives : required_) {
    if (rows.empty()) return {};
    std::vector<char> found(rows.size(), 0);
    Status marked = mark_by_columns(block, alternatives, rows, found);
    if (!marked) return marked;
    const auto locations = block.numbers(NumberColumn::kLocation);
    if (!locations) return tl::unexpected(locations.error());
    const auto place_of = [&](std::size_t i) {
      return static_cast<std::uint64_t>((*locations)[rows[i]]);
    };
    // What is found in the pages of those rows; of a page that cannot be read, everything.
    std::map<std::uint64_t, std::vector<char>> pages;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto [entry, is_new] = pages.try_emplace(place_of(i) / kPageRowsMax);
      std::vector<char>& in_page = entry->second;
      if (is_new) {
        Status done = find_in_page(block, entry->first, alternatives, in_page);
        if (!done && done.error().code != ErrorCode::kCorrupt) return done;
        if (!done) in_page.assign(kPageRowsMax, 1);
      }
      const std::size_t row = place_of(i) % kPageRowsMax;
      if (row >= in_page.size() || in_page[row] != 0) found[i] = 1;
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (found[i] != 0) rows[kept++] = rows[i];
    }
    rows.resize(kept);
  }
  return {};
}

}  // namespace apitoolkit::server::store
