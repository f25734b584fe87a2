#include "src/wire/otlp_relations.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::wire {
namespace {

constexpr std::int32_t kNone = -1;

std::uint64_t word_of(std::string_view bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), sizeof word);
  return word;
}

// Of a span's ids, which have their sizes. Others may have the same, and somebody may make many
// such: ids are compared after it, of a few.
std::uint64_t hash_of(std::string_view trace_id, std::string_view span_id) {
  return word_of(trace_id.substr(8)) * 0x9E37'79B9'7F4A'7C15 ^ word_of(span_id);
}

class Relations {
 public:
  Relations(const std::vector<SpanRelation>& spans, std::vector<Exchange>& exchanges)
      : spans_(spans), exchanges_(exchanges), twin_of_(exchanges.size(), kNone) {
    by_id_.reserve(spans.size());
    for (std::uint32_t i = 0; i < spans.size(); ++i) {
      by_id_.push_back({hash_of(spans[i].trace_id, spans[i].span_id), i});
      if (is_sdk_served(spans[i]) && !spans[i].parent_span_id.empty()) {
        by_parent_.push_back({hash_of(spans[i].trace_id, spans[i].parent_span_id), i});
      }
    }
    std::sort(by_id_.begin(), by_id_.end());
    std::sort(by_parent_.begin(), by_parent_.end());
  }

  void find_twins() {
    for (const SpanRelation& span : spans_) {
      if (is_sdk_served(span)) {
        const SpanRelation* const server = ancestor(span, &Relations::is_auto_server);
        if (server != nullptr) twin_of_[index_of(*server)] = span.exchange;
      }
    }
    for (const SpanRelation& span : spans_) {
      if (!is_auto_server(span) || twin_of_[index_of(span)] != kNone) continue;
      const SpanRelation* twin = ancestor(span, &Relations::is_sdk_served);
      if (twin == nullptr) twin = sibling(span);
      if (twin != nullptr) twin_of_[index_of(span)] = twin->exchange;
    }
  }

  void name_parents() {
    for (const SpanRelation& span : spans_) {
      if (!is_orphan_call(span)) continue;
      const SpanRelation* served = &span;
      for (int steps = 0; steps < limits::kOtlpAncestorsMax && served != nullptr; ++steps) {
        served = parent(*served);
        if (served != nullptr && is_served(*served)) break;
      }
      if (served == nullptr || !is_served(*served)) continue;
      const std::int32_t twin = twin_of_[index_of(*served)];
      exchanges_[index_of(span)].parent_id =
          exchanges_[twin == kNone ? index_of(*served) : static_cast<std::size_t>(twin)].id;
    }
  }

  std::size_t remove_twins() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < exchanges_.size(); ++i) {
      if (twin_of_[i] != kNone) continue;
      if (kept != i) exchanges_[kept] = std::move(exchanges_[i]);
      ++kept;
    }
    const std::size_t removed = exchanges_.size() - kept;
    exchanges_.resize(kept);
    return removed;
  }

 private:
  struct Entry {
    std::uint64_t hash;
    std::uint32_t index;
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.hash != b.hash ? a.hash < b.hash : a.index < b.index;
    }
  };

  static std::size_t index_of(const SpanRelation& span) {
    return static_cast<std::size_t>(span.exchange);
  }
  bool is_orphan_call(const SpanRelation& span) const {
    if (span.exchange == kNone) return false;
    const Exchange& exchange = exchanges_[index_of(span)];
    return exchange.direction == Direction::kOutgoing && !exchange.parent_id;
  }
  bool is_served(const SpanRelation& span) const {
    return span.exchange != kNone && exchanges_[index_of(span)].direction == Direction::kIncoming;
  }
  bool is_sdk_served(const SpanRelation& span) const { return span.is_of_sdk && is_served(span); }
  bool is_auto_server(const SpanRelation& span) const {
    return span.kind == OtlpSpan::kServer && !span.is_of_sdk && is_served(span);
  }

  const SpanRelation* parent(const SpanRelation& span) const {
    if (span.parent_span_id.empty()) return nullptr;
    const std::uint64_t hash = hash_of(span.trace_id, span.parent_span_id);
    int steps = 0;
    for (auto entry = std::lower_bound(by_id_.begin(), by_id_.end(), Entry{hash, 0});
         entry != by_id_.end() && entry->hash == hash && steps < limits::kOtlpAncestorsMax;
         ++entry, ++steps) {
      const SpanRelation& other = spans_[entry->index];
      if (other.trace_id == span.trace_id && other.span_id == span.parent_span_id) {
        return other.service == span.service ? &other : nullptr;
      }
    }
    return nullptr;
  }

  // The nearest ancestor of that kind within the process: not beyond a call.
  const SpanRelation* ancestor(const SpanRelation& span,
                               bool (Relations::*is_wanted)(const SpanRelation&) const) const {
    const SpanRelation* at = parent(span);
    for (int steps = 0; steps < limits::kOtlpAncestorsMax && at != nullptr; ++steps) {
      if ((this->*is_wanted)(*at)) return at;
      if (at->kind == OtlpSpan::kClient || at->kind == OtlpSpan::kProducer) return nullptr;
      at = parent(*at);
    }
    return nullptr;
  }

  static std::string_view path_of(const Exchange& exchange) {
    const std::string_view url = exchange.raw_url;
    return url.substr(0, url.find('?'));
  }

  const SpanRelation* sibling(const SpanRelation& server) const {
    if (server.parent_span_id.empty()) return nullptr;
    const Exchange& told = exchanges_[index_of(server)];
    const std::uint64_t hash = hash_of(server.trace_id, server.parent_span_id);
    int steps = 0;
    for (auto entry = std::lower_bound(by_parent_.begin(), by_parent_.end(), Entry{hash, 0});
         entry != by_parent_.end() && entry->hash == hash && steps < limits::kOtlpAncestorsMax;
         ++entry, ++steps) {
      const SpanRelation& other = spans_[entry->index];
      const Exchange& exchange = exchanges_[index_of(other)];
      if (other.trace_id == server.trace_id && other.parent_span_id == server.parent_span_id &&
          other.service == server.service && exchange.method == told.method &&
          path_of(exchange) == path_of(told)) {
        return &other;
      }
    }
    return nullptr;
  }

  const std::vector<SpanRelation>& spans_;
  std::vector<Exchange>& exchanges_;
  std::vector<std::int32_t> twin_of_;  // of each exchange: the SDK's that stays in its place
  std::vector<Entry> by_id_;
  std::vector<Entry> by_parent_;  // the SDK's served ones
};

}  // namespace

SpanRelation::SpanRelation(const OtlpSpan& span, std::int32_t exchange_index,
                           const std::string& its_service)
    : trace_id(span.trace_id),
      span_id(span.span_id),
      parent_span_id(is_id(span.parent_span_id, 8) ? span.parent_span_id : std::string_view()),
      exchange(exchange_index),
      service(static_cast<std::uint32_t>(std::hash<std::string>()(its_service))),
      kind(span.kind),
      is_of_sdk(span.is_of_sdk()) {}

std::size_t relate(const std::vector<SpanRelation>& spans, std::vector<Exchange>& exchanges) {
  bool has_sdk = false;
  bool has_server = false;
  bool has_orphan = false;
  for (const SpanRelation& span : spans) {
    if (span.exchange < 0) continue;
    const Exchange& exchange = exchanges[static_cast<std::size_t>(span.exchange)];
    const bool is_served = exchange.direction == Direction::kIncoming;
    has_sdk = has_sdk || (span.is_of_sdk && is_served);
    has_server = has_server || (!span.is_of_sdk && span.kind == OtlpSpan::kServer);
    has_orphan = has_orphan || (!is_served && !exchange.parent_id);
  }
  if (!(has_sdk && has_server) && !has_orphan) return 0;  // as nearly always: nothing to relate
  Relations relations(spans, exchanges);
  relations.find_twins();
  relations.name_parents();
  return relations.remove_twins();
}

}  // namespace apitoolkit::wire
