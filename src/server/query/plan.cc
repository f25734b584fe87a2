#include "src/server/query/plan.h"

#include <algorithm>
#include <utility>

#include "src/server/query/parse.h"
#include "src/server/query/scalar.h"
#include "src/server/query/walk.h"

namespace apitoolkit::server::query {
namespace {

template <class T>
const T* part(const Section& section) {
  return std::get_if<T>(&section.node);
}

// Whether fields of the exchange can still be named behind it.
bool keeps_exchange(const Section& section) {
  return part<Summarize>(section) == nullptr && part<Project>(section) == nullptr &&
         part<Distinct>(section) == nullptr;
}

bool only_adds_columns(const Section& section) {
  return part<Extend>(section) != nullptr || part<Project>(section) != nullptr;
}

FieldRef whole_field(FieldId id) {
  return {id, std::string(field_info(id).name), {}, {}};
}

Moment moment_of(const Query& query, const PlanOptions& options) {
  const TimeRange range = intersection(analyze(query, options.now_ns).time, options.span);
  std::int64_t span_ns = std::numeric_limits<std::int64_t>::max();
  if (range.since_ns) {
    const std::int64_t until = range.until_ns.value_or(options.now_ns);
    if (__builtin_sub_overflow(until, *range.since_ns, &span_ns)) {
      span_ns = std::numeric_limits<std::int64_t>::max();
    }
  }
  return {options.now_ns, bin_auto_ns(span_ns)};
}

}  // namespace

class PlanBuilder {
 public:
  PlanBuilder(const Query& query, const PlanOptions& options) : plan_(new Plan) {
    plan_->query_ = query;
    plan_->options_ = options;
    plan_->moment_ = moment_of(query, options);
  }

  std::shared_ptr<const Plan> build() {
    for (next_ = 0; next_ < sections().size(); ++next_) section(sections()[next_]);
    if (scanning_) collect({{}, plan_->options_.rows_max + 1});
    set_outputs();
    find_leading_summarize();
    return std::move(plan_);
  }

 private:
  const std::vector<Section>& sections() const { return plan_->query_.sections; }

  void section(const Section& section) {
    if (const auto* where = part<Where>(section)) {
      add(FilterStage{compile(where->condition, layout_, plan_->moment_)});
    } else if (const auto* extend = part<Extend>(section)) {
      add_cells(extend->columns, false);
    } else if (const auto* project = part<Project>(section)) {
      add_cells(project->columns, true);
    } else if (const auto* summarize_section = part<Summarize>(section)) {
      summarize(*summarize_section);
    } else if (const auto* distinct_section = part<Distinct>(section)) {
      distinct(*distinct_section);
    } else if (const auto* sort = part<Sort>(section)) {
      SortStage stage;
      for (const SortKey& key : sort->keys) {
        stage.keys.push_back({compile(key.field, layout_), key.descending});
      }
      stage.take = rows_needed_behind();
      collect(std::move(stage));
    } else if (const auto* take = part<Take>(section)) {
      SortStage stage{{}, take->rows};
      if (const auto needed = rows_needed_behind()) stage.take = std::min(take->rows, *needed);
      collect(std::move(stage));
    }
  }

  void add(Stage stage) { (scanning_ ? plan_->scan_ : plan_->rest_).push_back(std::move(stage)); }

  void add_cells(const std::vector<NamedValue>& columns, bool replace) {
    CellsStage stage;
    stage.replace = replace;
    for (const NamedValue& column : columns) {
      stage.values.push_back(compile(column.value, layout_, plan_->moment_));
    }
    if (replace) start_over();
    for (const NamedValue& column : columns) set_column(column.name, cells_++);
    add(std::move(stage));
  }

  // Nothing but the columns that are set from now on can be named.
  void start_over() {
    layout_ = {};
    cells_ = 0;
    exchange_ = false;
  }

  void set_column(const std::string& name, std::size_t cell) {
    for (auto& [known, known_cell] : layout_.columns) {
      if (known != name) continue;
      known_cell = cell;
      return;
    }
    layout_.columns.emplace_back(name, cell);
  }

  // How many rows matter, seen from a section that sorts or takes: what comes next may add columns,
  // and then takes some, or is the answer.
  std::optional<std::int64_t> rows_needed_behind() const {
    std::size_t i = next_ + 1;
    while (i < sections().size() && only_adds_columns(sections()[i])) ++i;
    if (i == sections().size()) return plan_->options_.rows_max + 1;
    if (const auto* take = part<Take>(sections()[i])) return take->rows;
    return std::nullopt;
  }

  // Ends the scan, if it has not ended, and takes from the exchange what is still needed.
  void collect(SortStage stage) {
    if (!scanning_) return plan_->rest_.emplace_back(std::move(stage)), void();
    scanning_ = false;
    plan_->collect_ = std::move(stage);
    if (!exchange_) return;
    Layout taken = layout_;
    const auto take_field = [&](const FieldRef& field) {
      if (!field.id || has(taken.fields, field)) return;
      plan_->taken_.values.push_back(compile(field, layout_));
      taken.fields.emplace_back(field, cells_++);
    };
    const auto take_search = [&](const FreeText& search) {
      if (has(taken.searches, search.text)) return;
      plan_->taken_.values.push_back(compile_search(search.text, layout_));
      taken.searches.emplace_back(search.text, cells_++);
    };
    bool keeps = true;
    for (std::size_t i = next_ + 1; keeps && i < sections().size(); ++i) {
      walk(sections()[i], {take_field, take_search, {}});
      keeps = keeps_exchange(sections()[i]);
    }
    if (keeps) {
      for (const FieldId id : default_fields()) take_field(whole_field(id));
    }
    layout_ = std::move(taken);
  }

  template <class Entries, class Key>
  static bool has(const Entries& entries, const Key& key) {
    return std::any_of(entries.begin(), entries.end(),
                       [&](const auto& entry) { return entry.first == key; });
  }

  void summarize(const Summarize& section) {
    SummarizeStage stage;
    std::vector<std::string> names;
    for (const NamedValue& group : section.groups) {
      stage.groups.push_back(compile(group.value, layout_, plan_->moment_));
      names.push_back(group.name);
    }
    Layout results;
    const auto add_slot = [&](const Aggregate& aggregate) {
      if (has(results.aggregates, aggregate)) return;
      results.aggregates.emplace_back(aggregate, stage.slots.size());
      stage.slots.push_back(slot(aggregate));
    };
    for (const NamedValue& column : section.aggregates) {
      walk(column.value, {{}, {}, add_slot});
      stage.columns.push_back(compile(column.value, results, plan_->moment_));
      names.push_back(column.name);
    }
    finish_summarize(std::move(stage), names);
  }

  AggregateSlot slot(const Aggregate& aggregate) const {
    AggregateSlot out{aggregate.kind, aggregate.percentile, nullptr, nullptr};
    if (!aggregate.value.empty()) {
      out.value = compile(aggregate.value[0], layout_, plan_->moment_);
    }
    if (!aggregate.condition.empty()) {
      out.condition = compile(aggregate.condition[0], layout_, plan_->moment_);
    }
    return out;
  }

  void distinct(const Distinct& section) {
    SummarizeStage stage;
    std::vector<std::string> names;
    for (const FieldRef& field : section.fields) {
      stage.groups.push_back(compile(field, layout_));
      names.push_back(to_text(field));
    }
    finish_summarize(std::move(stage), names);
  }

  void finish_summarize(SummarizeStage stage, const std::vector<std::string>& names) {
    if (scanning_) {
      plan_->collect_ = std::move(stage);
      scanning_ = false;
    } else {
      plan_->rest_.emplace_back(std::move(stage));
    }
    start_over();
    for (const std::string& name : names) set_column(name, cells_++);
  }

  void set_outputs() {
    const auto column = [this](std::string_view name) {
      return std::find_if(layout_.columns.begin(), layout_.columns.end(),
                          [name](const auto& entry) { return entry.first == name; });
    };
    if (exchange_) {
      for (const FieldId id : default_fields()) {
        const FieldRef field = whole_field(id);
        const auto hidden = std::find_if(layout_.fields.begin(), layout_.fields.end(),
                                         [&](const auto& entry) { return entry.first == field; });
        const auto own = column(field.name);
        plan_->outputs_.push_back(
            {field.name, own != layout_.columns.end() ? own->second : hidden->second});
      }
    }
    for (const auto& entry : layout_.columns) {
      const bool is_there =
          std::any_of(plan_->outputs_.begin(), plan_->outputs_.end(),
                      [&](const Plan::Output& output) { return output.name == entry.first; });
      if (!is_there) plan_->outputs_.push_back({entry.first, entry.second});
    }
  }

  void find_leading_summarize() {
    Plan::LeadingSummarize leading;
    for (const Section& section : sections()) {
      if (const auto* where = part<Where>(section)) {
        leading.conditions.push_back(&where->condition);
        continue;
      }
      leading.section = part<Summarize>(section);
      break;
    }
    if (leading.section == nullptr) return;
    for (const NamedValue& column : leading.section->aggregates) {
      walk(column.value, {{}, {}, [&](const Aggregate& aggregate) {
                            const auto same = [&](const Aggregate* a) { return *a == aggregate; };
                            auto& slots = leading.slots;
                            if (std::none_of(slots.begin(), slots.end(), same)) {
                              slots.push_back(&aggregate);
                            }
                          }});
    }
    plan_->leading_ = std::move(leading);
  }

  std::shared_ptr<Plan> plan_;
  std::size_t next_ = 0;
  Layout layout_;
  std::size_t cells_ = 0;
  bool exchange_ = true;
  bool scanning_ = true;
};

std::shared_ptr<const Plan> Plan::make(const Query& query, const PlanOptions& options) {
  return PlanBuilder(query, options).build();
}

}  // namespace apitoolkit::server::query
