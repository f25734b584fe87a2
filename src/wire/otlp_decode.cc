#include "src/wire/otlp_decode.h"

#include <algorithm>
#include <utility>

#include "src/base/limits.h"
#include "src/wire/otlp_exchange.h"
#include "src/wire/otlp_groups.h"
#include "src/wire/otlp_relations.h"
#include "src/wire/otlp_span.h"
#include "src/wire/otlp_value.h"

namespace apitoolkit::wire {
namespace {

// The attribute of that name among those at field `number`, where it is a text; the first of
// `names` that is there counts.
bool find_key(std::string_view message, std::uint32_t number,
              std::initializer_list<std::string_view> names, std::string_view& key) {
  std::size_t best = names.size();
  OtlpAttribute attribute;
  return for_each_message(message, number, [&](std::string_view bytes) {
    if (!read_attribute(bytes, attribute)) return false;
    const auto* const name = std::find(names.begin(), names.end(), attribute.key);
    const auto rank = static_cast<std::size_t>(name - names.begin());
    const bool is_text = attribute.value.kind == OtlpValue::Kind::kText;
    if (rank > best || rank == names.size() || !is_text || attribute.value.bytes.empty()) {
      return true;
    }
    best = rank;
    key = attribute.value.bytes;
    return true;
  });
}

// Metric{gauge=5; sum=7; histogram=9; exponential_histogram=10; summary=11}, in each of them
// data_points=1.
bool count_points(std::string_view metric, std::size_t& points) {
  ProtobufReader reader(metric);
  while (reader.next()) {
    const std::uint32_t number = reader.number();
    const bool has_points = number == 5 || number == 7 || (number >= 9 && number <= 11);
    if (!has_points || !reader.is_bytes()) continue;
    const bool whole = for_each_message(reader.bytes(), 1, [&](std::string_view) {
      ++points;
      return true;
    });
    if (!whole) return false;
  }
  return !reader.failed();
}

bool count_entries(OtlpSignal signal, std::string_view group, std::size_t& entries) {
  return for_each_entry(group, [&](std::string_view entry) {
    if (signal == OtlpSignal::kMetrics) return count_points(entry, entries);
    ++entries;
    return true;
  });
}

// One part for each key that the group's spans name, in the order of their first spans.
bool split_by_spans(std::string_view group, std::vector<OtlpPart>& parts) {
  const std::size_t first = parts.size();
  return for_each_entry(group, [&](std::string_view span) {
    std::string_view key;
    if (!find_key(span, 9, {"at-project-key"}, key)) return false;
    auto part = std::find_if(parts.begin() + static_cast<std::ptrdiff_t>(first), parts.end(),
                             [&](const OtlpPart& other) { return other.key == key; });
    // Whoever names more keys than that has none of them right: the rest is one part, without key.
    if (part == parts.end() && parts.size() - first > limits::kOtlpKeysMax) {
      part = parts.begin() + static_cast<std::ptrdiff_t>(first);
    }
    if (part == parts.end()) part = parts.insert(part, {group, key, 0, true});
    ++part->entries;
    return true;
  });
}

// Beside the texts, which are not longer than the span.
std::size_t size_of_lists(const Exchange& exchange) {
  return (exchange.request_headers.size() + exchange.response_headers.size()) * sizeof(Header) +
         (exchange.path_params.size() + exchange.query_params.size()) * sizeof(Param) +
         (exchange.tags.size() + exchange.redaction.size()) * sizeof(std::string) +
         exchange.errors.size() * sizeof(ErrorReport);
}

std::string_view key_of(const OtlpSpan& span) {
  return span[Slot::kProjectKey].bytes;
}

// Reads the spans of parts, one after the other.
class TraceReader {
 public:
  Status read(const OtlpPart& part) {
    std::string_view message;
    OtlpResourceView resource;
    if (!find_resource(part.group, message) || !read_resource(message, resource)) {
      return not_protobuf("a resource");
    }
    Status status;
    const bool whole = for_each_entry(part.group, [&](std::string_view bytes) {
      if (!span_.read(bytes)) {
        status = not_protobuf("a span");
      } else if (!part.is_key_of_span || key_of(span_) == part.key) {
        status = add(bytes.size(), resource);
      }
      return status.has_value();
    });
    if (status && !whole) status = not_protobuf("a group of spans");
    return status;
  }

  OtlpTraces finish() && {
    traces_.twin_spans = relate(relations_, traces_.exchanges);
    return std::move(traces_);
  }

 private:
  Status add(std::size_t bytes, const OtlpResourceView& resource) {
    if (!span_.is_http()) {
      ++traces_.other_spans;
      return add_relation(-1, resource);
    }
    if (!room_.take(sizeof(Exchange) + bytes)) return too_large();
    Exchange exchange = exchange_of(span_, resource);
    if (!room_.take(size_of_lists(exchange))) return too_large();
    if (exchange.method.empty()) {
      ++traces_.unusable_spans;
      return add_relation(-1, resource);
    }
    traces_.exchanges.push_back(std::move(exchange));
    return add_relation(static_cast<std::int32_t>(traces_.exchanges.size()) - 1, resource);
  }

  Status add_relation(std::int32_t exchange, const OtlpResourceView& resource) {
    if (!is_id(span_.trace_id, 16) || !is_id(span_.span_id, 8)) return {};
    if (!room_.take(sizeof(SpanRelation))) return too_large();
    relations_.push_back({span_, exchange, resource.service_name});
    return {};
  }

  OtlpSpan span_;
  Room room_;
  OtlpTraces traces_;
  std::vector<SpanRelation> relations_;
};

}  // namespace

Result<std::vector<OtlpPart>> split_request(OtlpSignal signal, std::string_view request,
                                            const OtlpKeys& keys) {
  std::vector<OtlpPart> parts;
  const bool whole = for_each_message(request, 1, [&](std::string_view group) {
    std::string_view resource;
    if (!find_resource(group, resource)) return false;
    OtlpPart part{group, keys.before_resource, 0, false};
    if (part.key.empty() && !find_key(resource, 1, {"at-project-key", "x-api-key"}, part.key)) {
      return false;
    }
    if (part.key.empty()) part.key = keys.after_resource;
    if (part.key.empty() && signal == OtlpSignal::kTraces) return split_by_spans(group, parts);
    if (!count_entries(signal, group, part.entries)) return false;
    parts.push_back(part);
    return true;
  });
  if (!whole) return not_protobuf("the request");
  return parts;
}

Result<OtlpTraces> decode_traces(std::span<const OtlpPart> parts) {
  TraceReader reader;
  for (const OtlpPart& part : parts) {
    if (auto status = reader.read(part); !status) return tl::unexpected(status.error());
  }
  return std::move(reader).finish();
}

}  // namespace apitoolkit::wire
