#include "src/server/store/sqlite/row_loader.h"

#include "src/server/store/sqlite/block_conditions.h"

namespace apitoolkit::server::store {

using query::FieldId;

RowLoader::RowLoader(BlockReader& block, const std::bitset<query::kFieldCount>& fields)
    : block_(block) {
  numbers_.push_back(NumberColumn::kStart);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i]) continue;
    const auto field = static_cast<FieldId>(i);
    if (const auto text = text_column_of(field)) {
      texts_.push_back(*text);
    } else if (const auto number = number_field_of(field)) {
      numbers_.push_back(number->column);
    } else {
      switch (field) {
        case FieldId::kMsgId:
          break;
        case FieldId::kReceivedAt:
          numbers_.push_back(NumberColumn::kReceived);
          break;
        case FieldId::kTimestampCorrected:
        case FieldId::kRequestType:
        case FieldId::kRequestBodyTruncated:
        case FieldId::kResponseBodyTruncated:
        case FieldId::kAborted:
          numbers_.push_back(NumberColumn::kFlags);
          break;
        case FieldId::kStatusCode:
          numbers_.push_back(NumberColumn::kStatus);
          break;
        case FieldId::kProtoMajor:
          numbers_.push_back(NumberColumn::kProtoMajor);
          break;
        case FieldId::kProtoMinor:
          numbers_.push_back(NumberColumn::kProtoMinor);
          break;
        case FieldId::kParentId:
          texts_.push_back(TextColumn::kParent);
          break;
        case FieldId::kSampleWeight:
          texts_.push_back(TextColumn::kSampleWeight);
          break;
        case FieldId::kRequestBody:
          parts_ |= kRowRequestBody;
          break;
        case FieldId::kResponseBody:
          parts_ |= kRowResponseBody;
          break;
        default:
          parts_ |= kRowFields;
      }
    }
  }
}

Status RowLoader::open() {
  opened_ = true;
  for (const NumberColumn column : numbers_) {
    const auto values = block_.numbers(column);
    if (!values) return tl::unexpected(values.error());
    number_values_.push_back(*values);
  }
  for (const TextColumn column : texts_) {
    const Result<const Texts*> values = block_.texts(column);
    if (!values) return tl::unexpected(values.error());
    text_values_.push_back(*values);
  }
  const auto ids = block_.identities();
  if (!ids) return tl::unexpected(ids.error());
  ids_ = *ids;
  record_.project = block_.header().project;
  return {};
}

Result<const Record*> RowLoader::load(std::size_t row) {
  if (!opened_) {
    if (Status done = open(); !done) return tl::unexpected(done.error());
  }
  record_.identity = ids_[row];
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    set_number(record_, numbers_[i], number_values_[i][row]);
  }
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    if (!set_text(record_, texts_[i], text_values_[i]->at(row))) {
      return fail(ErrorCode::kCorrupt, "a stored block is damaged: a text is wrong");
    }
  }
  if (parts_ == 0) return &record_;
  if ((parts_ & kRowFields) != 0) clear_lists();
  if (Status read = block_.read(row, parts_, record_); !read) return tl::unexpected(read.error());
  return &record_;
}

// What the fields do not say must not be left from the row before.
void RowLoader::clear_lists() {
  Exchange& exchange = record_.exchange;
  exchange.path_params.clear();
  exchange.query_params.clear();
  exchange.request_headers.clear();
  exchange.response_headers.clear();
  exchange.errors.clear();
  exchange.tags.clear();
  exchange.redaction.clear();
}

}  // namespace apitoolkit::server::store
