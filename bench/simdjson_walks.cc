#include "bench/simdjson_walks.h"

#include <simdjson.h>

namespace apitoolkit::bench {
namespace {

using simdjson::ondemand::json_type;

// Recursion is how On-Demand is meant to be used; the documents are ours.
std::uint64_t walk(simdjson::ondemand::value value) {
  std::uint64_t sum = 0;
  switch (value.type().value_unsafe()) {
    case json_type::array: {
      simdjson::ondemand::array array;
      if (value.get_array().get(array) != simdjson::SUCCESS) return 0;
      for (auto element : array) sum += walk(element.value_unsafe());
      break;
    }
    case json_type::object: {
      simdjson::ondemand::object object;
      if (value.get_object().get(object) != simdjson::SUCCESS) return 0;
      for (auto member : object) {
        auto field = member.value_unsafe();
        sum += static_cast<unsigned char>(field.key().raw()[0]);
        sum += walk(field.value());
      }
      break;
    }
    default:
      sum += static_cast<unsigned char>(value.raw_json_token()[0]);
  }
  return sum;
}

}  // namespace

struct SimdjsonWalks::State {
  simdjson::padded_string text;
  simdjson::dom::parser dom;
  simdjson::ondemand::parser on_demand;
};

SimdjsonWalks::SimdjsonWalks(std::string_view text)
    : state_(new State{simdjson::padded_string(text), {}, {}}) {}

SimdjsonWalks::~SimdjsonWalks() = default;

bool SimdjsonWalks::parse_dom() {
  return state_->dom.parse(state_->text).error() == simdjson::SUCCESS;
}

std::uint64_t SimdjsonWalks::walk_on_demand() {
  simdjson::ondemand::document document;
  if (state_->on_demand.iterate(state_->text).get(document) != simdjson::SUCCESS) return 0;
  simdjson::ondemand::value root;
  if (document.get_value().get(root) != simdjson::SUCCESS) return 0;
  return walk(root);
}

std::string SimdjsonWalks::implementation() {
  return simdjson::get_active_implementation()->name();
}

}  // namespace apitoolkit::bench
