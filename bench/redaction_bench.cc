// How fast redaction is, against memcpy and simdjson in the same run, on the same bytes.
//
//   redaction_bench [--out build/bench/redaction.json] [--quick]
//
// Contenders take turns, round by round, so that whatever else the machine does hits all of them; a
// round counts the best of a few batches, and a result is the median of its rounds. Every contender
// is warm and writes its output. The text is checked completely, always.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "bench/api_document.h"
#include "bench/simdjson_walks.h"
#include "src/json/writer.h"
#include "src/jsonpath/query.h"
#include "src/redact/engine/engine.h"

namespace apitoolkit::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct RuleSet {
  std::string name;
  std::vector<std::string> paths;
};

struct Document {
  std::string name;
  std::string text;
  std::vector<RuleSet> rules;
};

struct Contender {
  std::string name;   // memcpy, simdjson_dom, simdjson_ondemand, or the rule set's
  std::string level;  // of rule sets
  std::function<void()> run;
  std::vector<double> rounds_ns;

  double ns() {
    std::sort(rounds_ns.begin(), rounds_ns.end());
    return rounds_ns[rounds_ns.size() / 2];
  }
};

// Paths that select something come first; the others are of the kind that a rule set has in store
// for other bodies.
std::vector<RuleSet> rule_sets(std::vector<std::string> paths,
                               const std::vector<std::string>& names, const std::string& filter,
                               const std::string& everything) {
  while (paths.size() < 50) {
    const std::string n = std::to_string(paths.size());
    paths.push_back(paths.size() % 2 == 0 ? "$.account.secret_" + n
                                          : "$.items[*].owner.field_" + n);
  }
  const auto first = [&](std::size_t count) {
    return std::vector<std::string>(paths.begin(), paths.begin() + static_cast<long>(count));
  };
  std::vector<std::string> descendants;
  for (const std::string& name : names) descendants.push_back("$.." + name);
  return {{"one_path", first(1)},
          {"five_paths", first(5)},
          {"sixteen_paths", first(16)},
          {"fifty_paths", first(50)},
          {"descendant", {descendants.front()}},
          {"eight_descendants", descendants},
          {"filter", {filter}},
          {"no_match", {"$.nothing.of.this"}},
          {"everything", {everything}}};
}

// The first five select something in every record, and so does the sixth in most. The ten after
// them are what the rules of a whole application look like to one of its bodies: names that are not
// in the objects they ask for, and paths of other bodies.
std::vector<RuleSet> api_rules() {
  return rule_sets(
      {"$.data[*].user.password", "$.data[*].user.email", "$.data[*].payment.card.number",
       "$.data[*].payment.card.cvv", "$.data[*].user.address.zip", "$.data[*].tags[0]",
       "$.data[*].token", "$.data[*].user.ssn", "$.data[*].user.phone", "$.data[*].payment.iban",
       "$.data[*].payment.account.number", "$.meta.key", "$.next.token", "$.session.id",
       "$.user.password", "$.card.number"},
      {"password", "email", "number", "cvv", "zip", "token", "secret", "ssn"},
      "$.data[?@.status=='active'].user.email", "$.data[*].*");
}

std::vector<RuleSet> twitter_rules() {
  return rule_sets(
      {"$.statuses[*].user.screen_name", "$.statuses[*].user.location", "$.statuses[*].text",
       "$.statuses[*].user.url", "$.statuses[*].id_str", "$.statuses[*].user.name",
       "$.statuses[*].entities.user_mentions[*].name", "$.statuses[*].source",
       "$.statuses[*].retweeted_status.user.screen_name", "$.search_metadata.query"},
      {"screen_name", "location", "id_str", "url", "token", "secret", "email", "phone"},
      "$.statuses[?@.lang=='ja'].user.screen_name", "$.statuses[*].*");
}

std::vector<RuleSet> citm_rules() {
  return rule_sets(
      {"$.events.*.name", "$.performances[*].name", "$.performances[*].prices[*].amount",
       "$.areaNames.*", "$.performances[*].venueCode"},
      {"name", "amount", "logo", "venueCode", "token", "secret", "email", "phone"},
      "$.performances[?@.venueCode=='PLEYEL_PLEYEL'].id", "$.performances[*].*");
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<Document> documents(bool quick) {
  std::vector<Document> found = {{"api_200b", api_document(200), api_rules()},
                                 {"api_1kb", api_document(1'000), api_rules()},
                                 {"api_10kb", api_document(10'000), api_rules()},
                                 {"api_1mb", api_document(1'000'000), api_rules()}};
  if (!quick) found.push_back({"api_64mb", api_document(64'000'000), api_rules()});
  const char* shared = std::getenv("APITOOLKIT_SHARED");
  const std::filesystem::path folder =
      std::filesystem::path(shared ? shared : "../shared") / "data/json";
  for (const auto& [name, rules] :
       {std::pair{"twitter", twitter_rules()}, {"citm_catalog", citm_rules()}}) {
    std::string text = read_file(folder / (std::string(name) + ".json"));
    if (text.empty()) {
      std::printf("%s.json is not in %s: left out\n", name, folder.c_str());
    } else {
      found.push_back({name, std::move(text), rules});
    }
  }
  return found;
}

std::vector<json::SimdLevel> levels() {
  std::vector<json::SimdLevel> found;
  for (const json::SimdLevel level :
       {json::SimdLevel::kAvx512, json::SimdLevel::kAvx2, json::SimdLevel::kPortable}) {
    if (json::simd_level_supported(level)) found.push_back(level);
  }
  return found;
}

// What a document is measured with. Contenders point into it.
struct Arena {
  explicit Arena(const Document& document)
      : copy(document.text.size(), '\0'), simdjson(document.text) {}

  std::string copy;
  SimdjsonWalks simdjson;
  std::vector<std::unique_ptr<redact::Engine>> engines;
  std::map<json::SimdLevel, redact::Scratch> scratches;
  std::string out;
  std::uint64_t sink = 0;
};

std::vector<Contender> contenders(const Document& document, Arena& arena) {
  std::vector<Contender> found;
  const std::string& text = document.text;
  found.push_back(
      {"memcpy", "", [&] { std::memcpy(arena.copy.data(), text.data(), text.size()); }, {}});
  found.push_back(
      {"simdjson_dom", "", [&] { arena.sink += arena.simdjson.parse_dom() ? 1 : 0; }, {}});
  found.push_back(
      {"simdjson_ondemand", "", [&] { arena.sink += arena.simdjson.walk_on_demand(); }, {}});
  for (const RuleSet& rules : document.rules) {
    std::vector<jsonpath::Query> queries;
    for (const std::string& path : rules.paths) {
      auto query = jsonpath::Query::parse(path);
      if (!query) {
        std::fprintf(stderr, "%s\n", query.error().describe(path).c_str());
        std::exit(1);
      }
      queries.push_back(std::move(*query));
    }
    arena.engines.push_back(std::make_unique<redact::Engine>(queries));
    const redact::Engine* engine = arena.engines.back().get();
    for (const json::SimdLevel level : levels()) {
      redact::Scratch& scratch = arena.scratches[level];
      scratch.level = level;
      if (engine->redact(text, scratch, arena.out) != redact::Reason::kNone) {
        std::fprintf(stderr, "%s cannot be redacted\n", document.name.c_str());
        std::exit(1);
      }
      found.push_back({rules.name,
                       std::string(to_string(level)),
                       [&arena, &text, &scratch, engine] {
                         arena.sink +=
                             static_cast<std::uint64_t>(engine->redact(text, scratch, arena.out));
                       },
                       {}});
    }
  }
  return found;
}

double batch_ns(const Contender& contender, int calls) {
  const auto start = Clock::now();
  for (int i = 0; i < calls; ++i) contender.run();
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / calls;
}

void measure(std::vector<Contender>& all, std::size_t bytes) {
  const int calls = static_cast<int>(std::clamp<std::size_t>(100'000 / bytes, 1, 200));
  const int rounds = bytes > 10'000'000 ? 3 : 15;
  const int batches = bytes > 10'000'000 ? 1 : 8;
  for (int round = -1; round < rounds; ++round) {  // the first one only warms
    for (Contender& contender : all) {
      double best = batch_ns(contender, calls);
      for (int i = 1; i < batches; ++i) best = std::min(best, batch_ns(contender, calls));
      if (round >= 0) contender.rounds_ns.push_back(best);
    }
  }
}

using Times = std::map<std::string, double>;  // "document/contender/level" to nanoseconds

void write_summary(json::Writer& w, const Times& times) {
  const std::string best(to_string(levels().front()));
  const auto ns = [&](const std::string& name) {
    const auto at = times.find(name);
    return at == times.end() ? 0.0 : at->second;
  };
  const auto rule = [&](const char* name) {
    return ns("api_1mb/" + std::string(name) + "/" + best);
  };
  const auto put = [&](const char* name, double value) {
    std::printf("%-24s %8.2f\n", name, value);
    w.key(name).value(value);
  };
  const double dom = ns("api_1mb/simdjson_dom/");
  w.key("summary").begin_object();
  put("one_path_vs_dom", dom / rule("one_path"));
  put("one_path_vs_ondemand", ns("api_1mb/simdjson_ondemand/") / rule("one_path"));
  put("sixteen_paths_vs_dom", dom / rule("sixteen_paths"));
  put("descendant_vs_dom", dom / rule("descendant"));
  put("filter_vs_dom", dom / rule("filter"));
  if (json::simd_level_supported(json::SimdLevel::kAvx512)) {
    put("avx2_vs_avx512", rule("one_path") / ns("api_1mb/one_path/avx2"));
  } else {
    w.key("avx2_vs_avx512").null();  // there is nothing to compare with
  }
  put("ns_1k_five_paths", ns("api_1kb/five_paths/" + best));
  put("one_path_gb_per_s", 1e6 / rule("one_path"));
  w.end_object();
}

int run(const std::string& out_path, bool quick) {
  json::Writer w;
  Times times;
  w.begin_object();
  w.key("simdjson").value(SimdjsonWalks::implementation());
  w.key("level").value(to_string(json::simd_level()));
  w.key("results").begin_array();
  for (const Document& document : documents(quick)) {
    Arena arena(document);
    std::vector<Contender> all = contenders(document, arena);
    measure(all, document.text.size());
    std::printf("\n%s, %zu bytes\n%-20s %-10s %12s %10s\n", document.name.c_str(),
                document.text.size(), "", "", "ns", "GB/s");
    for (Contender& contender : all) {
      const double ns = contender.ns();
      const double gb_per_s = static_cast<double>(document.text.size()) / ns;
      std::printf("%-20s %-10s %12.0f %10.2f\n", contender.name.c_str(), contender.level.c_str(),
                  ns, gb_per_s);
      times[document.name + "/" + contender.name + "/" + contender.level] = ns;
      w.begin_object()
          .key("document")
          .value(document.name)
          .key("bytes")
          .value(document.text.size());
      w.key("what").value(contender.name).key("level").value(contender.level);
      w.key("ns").value(ns).key("gb_per_s").value(gb_per_s).end_object();
    }
    if (arena.sink == 0) return 1;  // nothing was measured
  }
  w.end_array();
  std::printf("\n");
  write_summary(w, times);
  w.end_object();
  const std::filesystem::path path(out_path);
  std::error_code ignored;  // the stream below tells whether it worked
  std::filesystem::create_directories(path.parent_path(), ignored);
  std::ofstream file(path);
  file << w.str() << '\n';
  if (file.good()) return 0;
  std::fprintf(stderr, "cannot write %s\n", out_path.c_str());
  return 1;
}

}  // namespace
}  // namespace apitoolkit::bench

int main(int argc, char** argv) {
  std::string out = "build/bench/redaction.json";
  bool quick = false;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--quick") {
      quick = true;
    } else if (argument == "--out" && i + 1 < argc) {
      out = argv[++i];
    } else {
      std::fprintf(stderr, "usage: redaction_bench [--quick] [--out FILE]\n");
      return 2;
    }
  }
  return apitoolkit::bench::run(out, quick);
}
