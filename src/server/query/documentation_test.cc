// docs/query-language.md: its examples run, and nothing of the language is missing from it.
#include <gtest/gtest.h>

#include "src/base/file.h"
#include "src/server/query/names.h"
#include "src/server/query/run_query.h"

namespace apitoolkit::server::query {
namespace {

struct Block {
  std::string kind;  // "kql"
  std::string text;
};

std::string page() {
  const auto text = read_file(APITOOLKIT_SOURCE_DIR "/docs/query-language.md");
  EXPECT_TRUE(text);
  return text.value_or("");
}

std::vector<Block> blocks(const std::string& text) {
  std::vector<Block> out;
  constexpr std::string_view kFence = "\n```";
  for (std::size_t at = 0; (at = text.find(kFence, at)) != std::string::npos;) {
    const std::size_t line = text.find('\n', at + 1);
    const std::size_t end = text.find(kFence, line);
    if (line == std::string::npos || end == std::string::npos) break;
    const std::size_t kind = at + kFence.size();
    out.push_back({text.substr(kind, line - kind), text.substr(line + 1, end - line - 1)});
    at = end + kFence.size();
  }
  return out;
}

TEST(Documentation, ItsExamplesAnswerAsItSays) {
  const auto all = blocks(page());
  ASSERT_GE(all.size(), 10U);
  const auto shop = test_data_set("shop");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool has_answer = i + 1 < all.size() && all[i + 1].kind == "text";
    if (all[i].kind == "kql") {
      const auto answer = run_query(all[i].text, shop);
      ASSERT_TRUE(answer) << all[i].text << "\n" << answer.error();
      if (!has_answer) continue;
      EXPECT_EQ(describe(*answer), all[i + 1].text) << all[i].text;
    } else if (all[i].kind == "kql-error") {
      const auto query = parse(all[i].text);
      ASSERT_FALSE(query);
      ASSERT_TRUE(has_answer);
      EXPECT_EQ(describe(query.error(), all[i].text) + "\n" + point_at(query.error(), all[i].text),
                all[i + 1].text);
    }
  }
}

TEST(Documentation, NamesAllThereIs) {
  const std::string text = page();
  const auto expect = [&text](std::string_view name, std::string_view behind) {
    EXPECT_NE(text.find("`" + std::string(name) + std::string(behind)), std::string::npos) << name;
  };
  for (const FieldInfo& info : fields()) expect(info.name, "`");
  for (const std::string_view name : callable_names()) expect(name, "(");
  for (const std::string_view name : section_names()) expect(name, " ");
  for (const std::string_view name : operator_names()) {
    if (name[0] == '!') continue;
    EXPECT_NE(text.find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace apitoolkit::server::query
