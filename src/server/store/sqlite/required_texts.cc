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
                                      std::vector<char>& marks) {
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
        if (has[(*texts)->codes()[rows[i]]] != 0) marks[i] = 1;
      }
    }
  }
  return {};
}

bool RequiredTexts::are_numbers(const Alternatives& alternatives) {
  return std::all_of(alternatives.begin(), alternatives.end(), [](const Alternative& one) {
    return one.columns.empty() && one.text.plain_number;
  });
}

Result<bool> RequiredTexts::may_be_in_page(BlockReader& block, std::size_t page) const {
  for (const Alternatives& alternatives : required_) {
    bool may_be = !are_numbers(alternatives);
    for (std::size_t i = 0; i < alternatives.size() && !may_be; ++i) {
      const Result<bool> may = block.page_may_hold_number(page, alternatives[i].text.number());
      if (!may && may.error().code != ErrorCode::kCorrupt) return tl::unexpected(may.error());
      may_be = !may || *may;
    }
    if (!may_be) return false;
  }
  return true;
}

Result<bool> RequiredTexts::may_be_in(BlockReader& block) const {
  if (std::none_of(required_.begin(), required_.end(), are_numbers)) return true;
  for (std::size_t page = 0; page < block.header().page_rows.size(); ++page) {
    Result<bool> may = may_be_in_page(block, page);
    if (!may || *may) return may;
  }
  return false;
}

// A text that is nowhere in the page is looked for before rows are looked at.
Status RequiredTexts::select_in_page(PageReader& page,
                                     std::span<const std::vector<char>> by_columns,
                                     std::vector<char>& marked) const {
  std::vector<std::vector<PageHits>> hits_of_all;
  for (std::size_t i = 0; i < required_.size(); ++i) {
    std::vector<PageHits>& any_of = hits_of_all.emplace_back();
    for (const Alternative& alternative : required_[i]) {
      if (alternative.text.parts == 0) continue;
      Result<PageHits> hits = page.find(alternative.text);
      if (!hits) return tl::unexpected(hits.error());
      if (!hits->none()) any_of.push_back(std::move(*hits));
    }
    if (!any_of.empty()) continue;
    for (std::size_t row = 0; row < marked.size(); ++row) marked[row] &= by_columns[i][row];
    if (std::find(marked.begin(), marked.end(), 1) == marked.end()) return {};
  }
  std::vector<char> unsure;
  for (std::size_t i = 0; i < required_.size(); ++i) {
    if (hits_of_all[i].empty()) continue;
    unsure = marked;
    for (std::size_t row = 0; row < unsure.size(); ++row) {
      if (by_columns[i][row] != 0) unsure[row] = 0;
    }
    if (Status done = page.keep(hits_of_all[i], unsure); !done) return done;
    for (std::size_t row = 0; row < marked.size(); ++row) {
      if (by_columns[i][row] == 0) marked[row] = unsure[row];
    }
  }
  return {};
}

Status RequiredTexts::select(BlockReader& block, std::vector<std::uint32_t>& rows) const {
  if (required_.empty() || rows.empty()) return {};
  std::vector<std::vector<char>> by_columns(required_.size(), std::vector<char>(rows.size()));
  for (std::size_t i = 0; i < required_.size(); ++i) {
    if (Status done = mark_by_columns(block, required_[i], rows, by_columns[i]); !done) return done;
  }
  const auto locations = block.numbers(NumberColumn::kLocation);
  if (!locations) return tl::unexpected(locations.error());
  // The rows of each page: which of `rows` they are.
  std::map<std::uint64_t, std::vector<std::size_t>> pages;
  const auto place_of = [&](std::size_t i) {
    return static_cast<std::uint64_t>((*locations)[rows[i]]);
  };
  for (std::size_t i = 0; i < rows.size(); ++i) pages[place_of(i) / kPageRowsMax].push_back(i);
  std::vector<char> found(rows.size(), 1);
  std::vector<char> marked;
  std::vector<std::vector<char>> of_page(required_.size());
  for (const auto& [number, members] : pages) {
    const Result<bool> may_be = may_be_in_page(block, static_cast<std::size_t>(number));
    if (!may_be) return tl::unexpected(may_be.error());
    if (!*may_be) {
      for (const std::size_t i : members) found[i] = 0;
      continue;
    }
    const Result<PageReader*> page = block.page(static_cast<std::size_t>(number));
    if (!page && page.error().code != ErrorCode::kCorrupt) return tl::unexpected(page.error());
    if (!page) continue;
    marked.assign((*page)->rows(), 0);
    for (std::vector<char>& marks : of_page) marks.assign((*page)->rows(), 0);
    for (const std::size_t i : members) {
      const std::size_t row = place_of(i) % kPageRowsMax;
      if (row >= marked.size()) continue;
      marked[row] = 1;
      for (std::size_t k = 0; k < of_page.size(); ++k) of_page[k][row] = by_columns[k][i];
    }
    Status done = select_in_page(**page, of_page, marked);
    if (!done && done.error().code != ErrorCode::kCorrupt) return done;
    if (!done) continue;
    for (const std::size_t i : members) {
      const std::size_t row = place_of(i) % kPageRowsMax;
      if (row < marked.size()) found[i] = marked[row];
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (found[i] != 0) rows[kept++] = rows[i];
  }
  rows.resize(kept);
  return {};
}

}  // namespace apitoolkit::server::store
