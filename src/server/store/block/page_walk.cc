// Where in the streams the values of a row are. A stream has the values of all rows, one after the
// other, so the rows in front are passed: not value by value, but counting what their shapes hold,
// and of those only the streams that are asked about.
#include <algorithm>

#include "src/base/limits.h"
#include "src/server/store/block/page.h"

namespace apitoolkit::server::store {
namespace {

// What stands at every so many rows is kept, since rows are read backwards, too.
std::size_t stop_every(std::size_t streams) {
  constexpr std::size_t kRowsMin = 8;
  constexpr std::size_t kPlacesPerRowMax = 16;
  return std::max(kRowsMin, streams / kPlacesPerRowMax);
}

}  // namespace

tl::unexpected<Error> PageReader::values_missing() {
  return fail(ErrorCode::kCorrupt, "a stored page is damaged: values are missing");
}

PageReader::Plan PageReader::plan_of(std::vector<char> counted) const {
  if (!elements_known_) counted.assign(counted.size(), 1);
  // A list counts, too, where one of its elements has a value that does.
  const auto has_counted = [&](std::uint32_t element) {
    const std::span<const Hole> of_element = holes(element);
    return std::any_of(of_element.begin(), of_element.end(),
                       [&](const Hole& hole) { return counted[hole.stream] != 0; });
  };
  for (bool grew = true; grew;) {
    grew = false;
    for (std::uint32_t stream = 3; stream < values_.count(); ++stream) {
      if (counted[stream] != 0 || !is_list(stream)) continue;
      if (!std::any_of(elements_[stream].begin(), elements_[stream].end(), has_counted)) continue;
      counted[stream] = 1;
      grew = true;
    }
  }
  Plan plan;
  plan.ends.reserve(shapes());
  plan.is_flat.reserve(shapes());
  for (std::uint32_t number = 0; number < shapes(); ++number) {
    bool is_flat = true;
    for (const Hole& hole : holes(number)) {
      if (counted[hole.stream] == 0) continue;
      plan.holes.push_back(hole);
      is_flat = is_flat && !hole.is_list;
    }
    plan.ends.push_back(plan.holes.size());
    plan.is_flat.push_back(is_flat ? 1 : 0);
  }
  return plan;
}

bool PageReader::pass(const Plan& plan, std::uint32_t number, std::uint32_t times, int level,
                      Places& next) const {
  if (level > kShapeLevelsMax) return false;
  if (plan.is_flat[number] != 0) {
    for (const Hole& hole : plan.of(number)) {
      if (counts_[hole.stream] - next[hole.stream] < times) return false;
      next[hole.stream] += times;
    }
    return true;
  }
  for (; times > 0; --times) {
    for (const Hole& hole : plan.of(number)) {
      if (hole.is_list) {
        if (!pass_list(plan, hole.stream, level, next)) return false;
      } else if (next[hole.stream]++ == counts_[hole.stream]) {
        return false;
      }
    }
  }
  return true;
}

bool PageReader::pass_list(const Plan& plan, std::uint32_t stream, int level, Places& next) const {
  std::uint32_t& place = next[stream];
  if (place == counts_[stream]) return false;
  for (std::int64_t left = values_.number(stream, place++); left > 0;) {
    if (place == counts_[stream]) return false;
    const std::int64_t element = values_.number(stream, place++);
    if (static_cast<std::uint64_t>(element) >= shapes()) return false;
    // Neighbours are mostly alike; a flat one has no list that would move `place`.
    std::uint32_t alike = 1;
    const auto number = static_cast<std::uint32_t>(element);
    while (plan.is_flat[number] != 0 && alike < left && place < counts_[stream] &&
           values_.number(stream, place) == element) {
      ++alike;
      ++place;
    }
    if (!pass(plan, number, alike, level + 1, next)) return false;
    left -= alike;
  }
  return true;
}

bool PageReader::place(std::uint32_t number, int level) {
  if (level > kShapeLevelsMax) return false;
  for (const Hole& hole : plan_.of(number)) {
    const std::uint32_t stream = hole.stream;
    std::uint32_t& next = next_[stream];
    if (next == counts_[stream]) return false;
    places_.push_back(next);
    if (!hole.is_list) {
      ++next;
      continue;
    }
    for (std::int64_t left = values_.number(stream, next++); left > 0; --left) {
      if (next == counts_[stream]) return false;
      const auto element = static_cast<std::uint64_t>(values_.number(stream, next));
      places_.push_back(next++);
      if (element >= shapes() || !place(static_cast<std::uint32_t>(element), level + 1)) {
        return false;
      }
    }
  }
  return true;
}

bool PageReader::pass_to(std::size_t row) {
  const std::size_t streams = values_.count();
  const std::size_t every = stop_every(streams);
  const std::size_t stop = std::min(row / every, stops_.size() / streams - 1);
  if (row < passed_ || passed_ < stop * every) {
    next_.assign(stops_.begin() + static_cast<std::ptrdiff_t>(stop * streams),
                 stops_.begin() + static_cast<std::ptrdiff_t>((stop + 1) * streams));
    passed_ = stop * every;
  }
  for (; passed_ < row; ++passed_) {
    if (passed_ * streams == stops_.size() * every) {
      stops_.insert(stops_.end(), next_.begin(), next_.end());
    }
    for (std::uint32_t part = 0; part < 3; ++part) {
      if (!pass(plan_, shape_of(passed_, part), 1, 0, next_)) return false;
    }
  }
  return true;
}

Status PageReader::go_to(std::size_t row, unsigned parts) {
  if ((parts & ~planned_parts_) != 0) {
    planned_parts_ |= parts;
    plan_ = plan_of(material_of(planned_parts_).streams);
    next_.assign(values_.count(), 0);
    stops_ = next_;
    passed_ = 0;
  }
  if (pass_to(row)) return {};
  next_.assign(values_.count(), 0);
  passed_ = 0;
  return values_missing();
}

Status PageReader::place_row(std::size_t row, unsigned parts) {
  if (Status done = go_to(row, parts); !done) return done;
  places_.clear();
  passed_ = row + 1;
  for (std::uint32_t part = 0; part < 3; ++part) {
    begins_[part] = places_.size();
    if (place(shape_of(row, part), 0)) continue;
    next_.assign(values_.count(), 0);
    passed_ = 0;
    return values_missing();
  }
  return {};
}

}  // namespace apitoolkit::server::store
