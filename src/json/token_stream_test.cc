#include "src/json/token_stream.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "src/json/document.h"

namespace apitoolkit::json {
namespace {

using Fault = TokenStream::Fault;

std::vector<SimdLevel> levels() {
  std::vector<SimdLevel> found;
  for (const SimdLevel level : {SimdLevel::kPortable, SimdLevel::kAvx2, SimdLevel::kAvx512}) {
    if (simd_level_supported(level)) found.push_back(level);
  }
  return found;
}

// The text in memory of exactly its size, so that a sanitizer sees a read beyond it.
class Exact {
 public:
  explicit Exact(std::string_view text) : bytes_(new char[text.size()]), size_(text.size()) {
    text.copy(bytes_.get(), text.size());
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

std::string bytes_of(const TokenStream& stream) {
  std::string bytes(reinterpret_cast<const char*>(stream.bytes()), stream.size());
  for (char& byte : bytes) {
    if (byte == kEscapedString) byte = 'E';
  }
  return bytes;
}

TEST(TokenStream, GivesEachTokensFirstByteAndPosition) {
  const Exact text(R"({ "a": [1, "x\n"], "b":true})");
  for (const SimdLevel level : levels()) {
    TokenStream stream;
    ASSERT_EQ(stream.read(text.view(), level), Fault::kNone);
    EXPECT_EQ(bytes_of(stream), R"({":[1,E],":t})");
    const std::vector<std::uint32_t> positions(stream.positions(),
                                               stream.positions() + stream.size() + 1);
    EXPECT_EQ(positions,
              (std::vector<std::uint32_t>{0, 2, 5, 7, 8, 9, 11, 16, 17, 19, 22, 23, 27, 28}));
    EXPECT_EQ(stream.groups()[0].names, 0b0'0010'0000'0010u);
  }
}

TEST(TokenStream, ReadsWhatBeginsAfterManyBlanks) {
  for (const std::size_t blanks : {1u, 63u, 64u, 16383u, 16384u, 16385u, 40'000u}) {
    const Exact text(std::string(blanks, ' ') + R"({"a":[1]})" + std::string(blanks, '\n'));
    const Exact only(std::string(blanks, ' '));
    for (const SimdLevel level : levels()) {
      TokenStream stream;
      ASSERT_EQ(stream.read(text.view(), level), Fault::kNone) << blanks;
      EXPECT_EQ(bytes_of(stream), R"({":[1]})");
      EXPECT_EQ(stream.positions()[0], blanks);
      EXPECT_EQ(stream.read(only.view(), level), Fault::kSyntax) << blanks;
    }
  }
}

TEST(TokenStream, LinksEachContainerToItsEnd) {
  const Exact text(R"([{"a":[]},[[],2],{}])");
  for (const SimdLevel level : levels()) {
    TokenStream stream;
    ASSERT_EQ(stream.read(text.view(), level), Fault::kNone);
    ASSERT_EQ(stream.container_count(), 6u);
    // [ { "a" : [ ] } , [ [ ] , 2 ] , { } ]
    // 0 1  2  3 4 5 6 7 8 9 10 …
    const std::uint32_t closes[] = {17, 6, 5, 13, 10, 16};
    const std::uint32_t afters[] = {6, 3, 3, 5, 5, 6};
    for (int k = 0; k < 6; ++k) {
      EXPECT_EQ(stream.containers()[k].close, closes[k]) << k;
      EXPECT_EQ(stream.containers()[k].after, afters[k]) << k;
    }
  }
}

struct Verdict {
  const char* text;
  Fault fault;
};

TEST(TokenStream, AcceptsExactlyTheGrammar) {
  const std::vector<Verdict> cases = {
      {"null", Fault::kNone},
      {" [1,2.5,-0,0e1,1E+400,12345678901234567890123] ", Fault::kNone},
      {"\xef\xbb\xbf{}", Fault::kNone},
      {R"("\u00e9\ud800\\\"\/\b\f\n\r\t")", Fault::kNone},
      {"\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", Fault::kNone},
      {"", Fault::kSyntax},
      {" ", Fault::kSyntax},
      {"\xef\xbb\xbf", Fault::kSyntax},
      {"{}{}", Fault::kSyntax},
      {"1 2", Fault::kSyntax},
      {"[1]2", Fault::kSyntax},
      {"2[1]", Fault::kSyntax},
      {"\"a\"[]", Fault::kSyntax},
      {"1,2", Fault::kSyntax},
      {"[1,]", Fault::kSyntax},
      {"[,1]", Fault::kSyntax},
      {"[1,,2]", Fault::kSyntax},
      {"{,}", Fault::kSyntax},
      {R"({"a":1,})", Fault::kSyntax},
      {R"({"a"})", Fault::kSyntax},
      {R"({"a":})", Fault::kSyntax},
      {R"({"a"::1})", Fault::kSyntax},
      {R"({"a":1 "b":2})", Fault::kSyntax},
      {R"({"a":"b":1})", Fault::kSyntax},
      {R"({"a":1,"b"})", Fault::kSyntax},
      {R"({"a":1,2})", Fault::kSyntax},
      {R"({"a":1,[]})", Fault::kSyntax},
      {R"({1:2})", Fault::kSyntax},
      {R"(["a":1])", Fault::kSyntax},
      {R"([1,"a":1])", Fault::kSyntax},
      {"[}", Fault::kSyntax},
      {"{]", Fault::kSyntax},
      {"[", Fault::kSyntax},
      {"]", Fault::kSyntax},
      {"[[]", Fault::kSyntax},
      {"[]]", Fault::kSyntax},
      {"\"abc", Fault::kSyntax},
      {"\"abc\\\"", Fault::kSyntax},
      {"[\"a\"b]", Fault::kSyntax},
      {"[1\"a\"]", Fault::kSyntax},
      {"[\"a\"\"b\"]", Fault::kSyntax},
      {"[\\\"a\"]", Fault::kSyntax},
      {R"(["\x"])", Fault::kSyntax},
      {R"(["\u12g4"])", Fault::kSyntax},
      {R"(["\u123"])", Fault::kSyntax},
      {"[\"\t\"]", Fault::kSyntax},
      {"[\x01]", Fault::kSyntax},
      {"[1\x0c]", Fault::kSyntax},
      {"[1\x1a"
       "2]",
       Fault::kSyntax},
      {"[nul]", Fault::kSyntax},
      {"[nulll]", Fault::kSyntax},
      {"[True]", Fault::kSyntax},
      {"[-true]", Fault::kSyntax},
      {"[NaN]", Fault::kSyntax},
      {"[01]", Fault::kSyntax},
      {"[-01]", Fault::kSyntax},
      {"[00.1]", Fault::kSyntax},
      {"[-]", Fault::kSyntax},
      {"[+1]", Fault::kSyntax},
      {"[1.]", Fault::kSyntax},
      {"[.1]", Fault::kSyntax},
      {"[1.2.3]", Fault::kSyntax},
      {"[1e]", Fault::kSyntax},
      {"[1e+]", Fault::kSyntax},
      {"[1e5.5]", Fault::kSyntax},
      {"[0x10]", Fault::kSyntax},
      {"[1a]", Fault::kSyntax},
      {"[12345678901234567890x]", Fault::kSyntax},
      {"\"\xff\"", Fault::kUtf8},
      {"\"\xc0\xaf\"", Fault::kUtf8},
      {"\"\xed\xa0\x80\"", Fault::kUtf8},
      {"\"\xf4\x90\x80\x80\"", Fault::kUtf8},
      {"\"\xe0\x9f\x80\"", Fault::kUtf8},
      {"\"\xf0\x8f\x80\x80\"", Fault::kUtf8},
      {"\"\x80\"", Fault::kUtf8},
      {"\"\xc3", Fault::kUtf8},
      {"\"\xe2\x82\"", Fault::kUtf8},
  };
  TokenStream stream;
  for (const SimdLevel level : levels()) {
    for (const Verdict& verdict : cases) {
      // Moved over the borders of blocks by leading blanks, which change nothing.
      for (const std::size_t blanks : {0, 1, 7, 55, 58, 59, 60, 61, 62, 63, 64, 120}) {
        const std::string_view text = verdict.text;
        const bool marked = text.substr(0, 1) == "\xef";
        if (marked && blanks != 0) continue;
        const Exact exact(std::string(blanks, ' ') + verdict.text);
        EXPECT_EQ(stream.read(exact.view(), level), verdict.fault)
            << to_string(level) << " " << blanks << " " << verdict.text;
      }
    }
    EXPECT_EQ(stream.read(std::string_view("[1\0]", 4), level), Fault::kSyntax);
    EXPECT_EQ(stream.read(std::string_view("\"\0\"", 3), level), Fault::kSyntax);
  }
}

TEST(TokenStream, BoundsTheDepth) {
  TokenStream stream;
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  for (const SimdLevel level : levels()) {
    EXPECT_EQ(stream.read(nested(1024), level), Fault::kNone);
    EXPECT_EQ(stream.read(nested(1025), level), Fault::kTooDeep);
    EXPECT_EQ(stream.read(std::string(1 << 20, '['), level), Fault::kTooDeep);
  }
}

// Texts that are JSON for the most part, with every kind of damage.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::string text() {
    std::string out;
    value(out, 0);
    const std::uint32_t damages = below(3);
    for (std::uint32_t i = 0; i < damages && !out.empty(); ++i) damage(out);
    return out;
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return random_() % bound; }

  void blanks(std::string& out) {
    if (below(6) == 0) out.append(below(4) == 0 ? below(70) : below(3), " \n\t\r"[below(4)]);
  }

  void string(std::string& out) {
    static const char* const kPieces[] = {"a",
                                          "password",
                                          "\\\"",
                                          "\\\\",
                                          "\\u0061",
                                          "\xc3\xa9",
                                          "{",
                                          "}",
                                          "[",
                                          ",",
                                          ":",
                                          "\xe2\x82\xac",
                                          "\xf0\x9f\x98\x80",
                                          "\\n",
                                          "\\ud83d\\ude00",
                                          "    "};
    out += '"';
    for (std::uint32_t n = below(below(5) == 0 ? 40 : 4); n > 0; --n) out += kPieces[below(16)];
    out += '"';
  }

  void value(std::string& out, int depth) {
    static const char* const kScalars[] = {"true",      "false",   "null",    "0",
                                           "-1",        "12.5",    "1e9",     "123456789012345",
                                           "-0.001E-7", "1234567", "12345678"};
    blanks(out);
    const std::uint32_t kind = below(depth > 6 ? 2 : 5);
    if (kind == 0) {
      string(out);
    } else if (kind == 1) {
      out += kScalars[below(11)];
    } else {
      const bool object = kind == 2;
      out += object ? '{' : '[';
      blanks(out);
      for (std::uint32_t i = 0, n = below(6); i < n; ++i) {
        if (i > 0) out += ',';
        if (object) {
          blanks(out);
          string(out);
          blanks(out);
          out += ':';
        }
        value(out, depth + 1);
      }
      out += object ? '}' : ']';
    }
    blanks(out);
  }

  void damage(std::string& out) {
    static const char kBytes[] =
        "{}[]:,\"\\ \n0179-+.eEtrufalsn\x01\x0c\x1a\x7f\x80\xa0\xc3\xe2\xf0\xff";
    const std::size_t at = below(static_cast<std::uint32_t>(out.size()));
    switch (below(3)) {
      case 0:
        out[at] = kBytes[below(sizeof kBytes - 1)];
        break;
      case 1:
        out.insert(at, 1, kBytes[below(sizeof kBytes - 1)]);
        break;
      default:
        out.erase(at, 1 + below(3));
        break;
    }
  }

  std::mt19937 random_;
};

// The document's nodes as the tokens and links that they ought to have.
void expect_same_structure(const Document& document, const TokenStream& stream,
                           const std::string& text) {
  std::string expected;
  std::uint32_t ordinal = 0;
  for (const Node& node : document.nodes()) {
    expected += node.escaped ? 'E' : text[node.begin];
    if (node.type != Type::kArray && node.type != Type::kObject) continue;
    ASSERT_LT(ordinal, stream.container_count());
    const Container& container = stream.containers()[ordinal];
    EXPECT_EQ(stream.positions()[container.close] + 1, node.end) << text;
    std::uint32_t inner = 0;
    for (std::uint32_t i = static_cast<std::uint32_t>(&node - document.nodes().data());
         i < node.next; ++i) {
      const Type type = document[i].type;
      inner += type == Type::kArray || type == Type::kObject ? 1 : 0;
    }
    EXPECT_EQ(container.after, ordinal + inner) << text;
    ++ordinal;
  }
  EXPECT_EQ(ordinal, stream.container_count());
  std::string values = bytes_of(stream);
  std::erase_if(values, [](char c) { return c == '}' || c == ']' || c == ',' || c == ':'; });
  EXPECT_EQ(values, expected) << text;
}

TEST(TokenStream, AgreesWithThePlainParserOnRandomTextsAtEveryLevel) {
  Generator generator(20240229);
  TokenStream stream;
  Document document;
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = generator.text();
    const Exact exact(text);
    const bool valid = document.reparse(exact.view()).has_value();
    accepted += valid ? 1 : 0;
    for (const SimdLevel level : levels()) {
      const Fault fault = stream.read(exact.view(), level);
      ASSERT_EQ(fault == Fault::kNone, valid) << to_string(level) << ": " << text;
      ASSERT_EQ(fault == Fault::kUtf8, !is_valid_utf8(text)) << to_string(level) << ": " << text;
      if (valid) expect_same_structure(document, stream, text);
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(accepted, 5'000);
}

// Numbers are checked four at a time, sixteen bytes of each.
TEST(TokenStream, JudgesNumbersOfEveryLengthInEveryCompany) {
  TokenStream stream;
  Document document;
  for (std::size_t length = 1; length <= 34; ++length) {
    for (const char* prefix : {"", "-", "0", "-0", "0."}) {
      for (const char* suffix : {"", ".", ".5", ".5.", "e", "E5", ".25e-7", "x", "-", "-1", "\""}) {
        const std::string number = prefix + std::string(length, '7') + suffix;
        for (const char* company :
             {"[#]", "[1,#,2.5 ,#]", "[#,1234567890123456,-3,0 ,#\n]", "[1,2,3,4,5,#,{\"a\":#}]"}) {
          std::string text = company;
          for (std::size_t at = 0; (at = text.find('#', at)) != std::string::npos;) {
            text.replace(at, 1, number);
          }
          const Exact exact(text);
          const bool valid = document.reparse(exact.view()).has_value();
          for (const SimdLevel level : levels()) {
            ASSERT_EQ(stream.read(exact.view(), level) == Fault::kNone, valid)
                << to_string(level) << ": " << text;
          }
        }
      }
    }
  }
}

TEST(TokenStream, ReadsTextsOfSeveralChunks) {
  std::string text = "[";
  for (int i = 0; i < 20'000; ++i)
    text += R"({"id": 12, "n\u0061me": "a b", "tags":[1, 2.5, []]},)";
  text += "0]";
  const Document document = Document::parse(text).value();
  TokenStream stream;
  for (const SimdLevel level : levels()) {
    ASSERT_EQ(stream.read(text, level), Fault::kNone);
    expect_same_structure(document, stream, text);
    EXPECT_EQ(stream.read(std::string_view(text).substr(0, text.size() - 1), level),
              Fault::kSyntax);
  }
}

}  // namespace
}  // namespace apitoolkit::json
