// Writes a form's fields twice: flat, which is what leaves, and nested by the brackets and dots of
// their names, which only the paths see. What they select there is carried over to the flat text,
// value by value.
#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <numeric>

#include "src/base/limits.h"
#include "src/json/writer.h"
#include "src/redact/form.h"
#include "src/redact/thread_scratch.h"

namespace apitoolkit::redact {
namespace {

// Where a field's value stands in a text.
struct Place {
  std::size_t field = 0;
  std::size_t begin = 0;
};

// Positions of the fields of one name.
struct Group {
  std::string_view name;
  std::vector<std::size_t> fields;
};

// In order of first appearance. Sorted and not hashed: the names are an attacker's to choose, and
// the standard library's hash has no secret.
std::vector<Group> group_by_name(const std::vector<Field>& fields) {
  std::vector<std::size_t> order(fields.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return fields[a].name < fields[b].name; });
  std::vector<Group> groups;
  for (const std::size_t i : order) {
    if (groups.empty() || groups.back().name != fields[i].name) {
      groups.push_back({fields[i].name, {}});
    }
    groups.back().fields.push_back(i);
  }
  std::sort(groups.begin(), groups.end(),
            [](const Group& a, const Group& b) { return a.fields.front() < b.fields.front(); });
  return groups;
}

// `begins`: where each field's value begins, by the field's position.
std::string write_flat(const std::vector<Field>& fields, std::vector<std::size_t>& begins) {
  std::string out = "{";
  for (const Group& group : group_by_name(fields)) {
    if (out.size() > 1) out += ',';
    json::append_string(group.name, out);
    out += ':';
    const bool many = group.fields.size() > 1;
    if (many) out += '[';
    for (const std::size_t i : group.fields) {
      if (i != group.fields.front()) out += ',';
      begins[i] = out.size();
      out += fields[i].json;
    }
    if (many) out += ']';
  }
  out += '}';
  return out;
}

// "a[b][0].c" is a, b, 0, c. False if it has too many levels.
bool split_name(std::string_view name, std::vector<std::string_view>& levels) {
  std::size_t begin = 0;
  while (begin <= name.size()) {
    const std::size_t end = std::min(name.find_first_of("[].", begin), name.size());
    const bool closing = end < name.size() && name[end] == ']';
    // "a[b].c": nothing stands between "]" and "." or "[".
    const bool between = end == begin && begin > 0 && name[begin - 1] == ']';
    if (!between) levels.push_back(name.substr(begin, end - begin));
    if (closing && end + 1 == name.size()) break;
    begin = end + 1;
  }
  return levels.size() <= static_cast<std::size_t>(limits::kFormNameLevelsMax);
}

// Shorter names first, so that indices come in order.
struct ByLength {
  bool operator()(std::string_view a, std::string_view b) const {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }
};

// A name's level in the nested reading: values of its own, and further levels.
struct Level {
  std::vector<std::size_t> fields;
  std::map<std::string_view, std::unique_ptr<Level>, ByLength> levels;
};

bool is_index(std::string_view name) {
  if (name == "0") return true;
  return !name.empty() && name.size() <= 9 && name.front() != '0' &&
         name.find_first_not_of("0123456789") == std::string_view::npos;
}

// "a[]" and "a[0]" make a list.
bool is_list(const Level& level) {
  return std::all_of(level.levels.begin(), level.levels.end(), [](const auto& entry) {
    return entry.first.empty() || is_index(entry.first);
  });
}

class NestedWriter {
 public:
  NestedWriter(const std::vector<Field>& fields, std::vector<Place>& places)
      : fields_(fields), places_(places) {}

  // False if the names contradict each other, or leave too many positions of lists empty.
  bool write(const Level& root, std::string& out) {
    write_object(root);
    out = std::move(out_);
    return sound_;
  }

 private:
  void separate() {
    if (!out_.empty() && std::string_view("{[:,").find(out_.back()) == std::string_view::npos) {
      out_ += ',';
    }
  }

  void write_values(const Level& level) {
    for (const std::size_t i : level.fields) {
      separate();
      places_.push_back({i, out_.size()});
      out_ += fields_[i].json;
    }
  }

  // The level's own values: itself if it is one, a list if they are several.
  void write_own(const Level& level) {
    if (level.fields.size() > 1) out_ += '[';
    write_values(level);
    if (level.fields.size() > 1) out_ += ']';
  }

  // Recursion is bounded by kFormNameLevelsMax.
  void write_levels(const Level& level) {
    if (is_list(level)) {
      write_list(level);
    } else {
      write_object(level);
    }
  }

  // A name with values of its own and further levels comes twice; the paths then see both.
  void write_object(const Level& level) {
    out_ += '{';
    for (const auto& [name, inner] : level.levels) {
      if (!inner->fields.empty()) {
        write_name(name);
        write_own(*inner);
      }
      if (!inner->levels.empty()) {
        write_name(name);
        write_levels(*inner);
      }
    }
    out_ += '}';
  }

  void write_name(std::string_view name) {
    separate();
    json::append_string(name, out_);
    out_ += ':';
  }

  // Each index at its place; what has none, "a[]", after them.
  void write_list(const Level& level) {
    out_ += '[';
    int at = 0;
    for (const auto& [name, inner] : level.levels) {
      if (name.empty()) continue;
      int index = 0;
      std::from_chars(name.data(), name.data() + name.size(), index);
      for (; at < index && gaps_ < limits::kFormListGapsMax; ++at, ++gaps_) {
        separate();
        out_ += "null";
      }
      if (at < index || (!inner->fields.empty() && !inner->levels.empty())) {
        sound_ = false;
        break;
      }
      separate();
      if (inner->levels.empty()) {
        write_own(*inner);
      } else {
        write_levels(*inner);
      }
      ++at;
    }
    if (const auto rest = level.levels.find(std::string_view()); rest != level.levels.end()) {
      write_values(*rest->second);
      if (!rest->second->levels.empty()) {
        separate();
        write_levels(*rest->second);
      }
    }
    out_ += ']';
  }

  const std::vector<Field>& fields_;
  std::vector<Place>& places_;
  std::string out_;
  int gaps_ = 0;
  bool sound_ = true;
};

// False if no nested reading can be given. `places` go up.
bool write_nested(const std::vector<Field>& fields, std::vector<Place>& places, std::string& out) {
  Level root;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::vector<std::string_view> names;
    if (!split_name(fields[i].name, names)) return false;
    Level* level = &root;
    for (const std::string_view name : names) {
      std::unique_ptr<Level>& next = level->levels[name];
      if (!next) next = std::make_unique<Level>();
      level = next.get();
    }
    level->fields.push_back(i);
  }
  return NestedWriter(fields, places).write(root, out);
}

// What `selected` covers of the nested text, in the flat one. Both lists go up, so one walk does.
void carry_over(const std::vector<Span>& selected, const std::vector<Place>& places,
                const std::vector<Field>& fields, const std::vector<std::size_t>& begins,
                std::vector<Span>& spans) {
  std::size_t next = 0;
  for (const Place& place : places) {
    const std::size_t end = place.begin + fields[place.field].json.size();
    const std::size_t flat = begins[place.field];
    while (next < selected.size() && selected[next].end <= place.begin) ++next;
    for (std::size_t i = next; i < selected.size() && selected[i].begin < end; ++i) {
      const std::size_t from = std::max(selected[i].begin, place.begin);
      const std::size_t to = std::min(selected[i].end, end);
      spans.push_back({flat + (from - place.begin), flat + (to - place.begin)});
    }
  }
}

}  // namespace

Reason form_to_json(const std::vector<Field>& fields, const Engine& engine, std::string& out) {
  std::vector<std::size_t> begins(fields.size());
  const std::string flat = write_flat(fields, begins);
  if (engine.empty()) {
    out = flat;
    return Reason::kNone;
  }
  std::vector<Place> places;
  std::string nested;
  if (!write_nested(fields, places, nested)) return Reason::kInvalidForm;
  const ThreadScratch scratch;
  Reason reason = engine.select(flat, *scratch);
  if (reason != Reason::kNone) return reason;
  std::vector<Span> spans = scratch->spans;
  reason = engine.select(nested, *scratch);
  if (reason != Reason::kNone) return reason;
  carry_over(scratch->spans, places, fields, begins, spans);
  keep_outermost(spans);
  std::optional<std::string> spliced = splice(flat, spans);
  if (!spliced) return Reason::kOutputSize;
  out = std::move(*spliced);
  return Reason::kNone;
}

}  // namespace apitoolkit::redact
