#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/redact/scrub_rows.h"

namespace apitoolkit::redact {
namespace {

TEST(EmailDetector, FindsAddresses) {
  const std::string local64(64, 'a');
  const std::string label63(63, 'b');
  expect_rows(Detector::kEmail, {
                                    "«bob@example.com»",
                                    "«Bob.Smith@Example.COM»",
                                    "«bob+tag@example.co.uk»",
                                    "«bob_smith-jones@mail-1.example.org»",
                                    "«o'neill@example.com»",
                                    "«maria.o'brien@example.com»",
                                    "«_bob@example.com»",
                                    "«a@b.cc»",
                                    "«1@2.com»",
                                    "«123456@example.com»",
                                    "«" + local64 + "@example.com»",
                                    "«bob@" + label63 + ".com»",
                                    "«bob@xn--bcher-kva.example»",
                                    "«bob@example.xn--p1ai»",
                                    "«bob@münchen.de»",
                                    "«bob@example.museum»",
                                });
}

TEST(EmailDetector, FindsAddressesBesideOtherText) {
  const std::string label(60, 'b');
  expect_rows(Detector::kEmail, {
                                    "mail «bob@example.com».",
                                    "mail «bob@example.com»...",
                                    "mailto:«bob@example.com»?subject=x",
                                    "email=«bob@example.com»&x=1",
                                    "/users/«bob@example.com»/cards",
                                    "«bob@example.com»,«ann@example.com»",
                                    "«bob@example.com»;«ann@example.com»",
                                    "«bob@example.com»:secret",
                                    "--to=«bob@example.com»",
                                    "...«bob@example.com»",
                                    ".«bob@example.com»",
                                    "-«bob@example.com»",
                                    std::string(100, '-') + "«bob@example.com»",
                                    "a..«bob@example.com»",
                                    "b'«bob@example.com»'",
                                    "{'«bob@example.com»': 1}",
                                    "'«bob@example.com»'",
                                    "bob@«ann@example.com»",
                                    "@«bob@example.com»",
                                    "«bob@example.com»-",
                                    "«bob@example.com»-please",
                                    "«bob@example.com»_x",
                                    "«bob@example.com»@x",
                                    "«bob@example.com»/path.html",
                                    "«bob@example.com»..uk",
                                    "«bob@example.com».",
                                    "«bob@example.com».-",
                                    "«bob@example.com».1",
                                    "«bob@example.com»\u3002",
                                    "git clone «git@github.com»:org/repo",
                                    "é«ric@example.com»",
                                    "<«bob@example.com»>",
                                    "a=b=«bob@example.com»",
                                    "«bob@" + dotted({label, label, label, label}) + "»." + label,
                                });
}

TEST(EmailDetector, PassesOverNearMisses) {
  expect_rows(Detector::kEmail, {
                                    "@",
                                    "@@",
                                    "bob@",
                                    "@example.com",
                                    "bob @example.com",
                                    "bob@ example.com",
                                    "bob@localhost",
                                    "bob@example",
                                    "bob@example.",
                                    "bob@.com",
                                    "bob@-example.com",
                                    "bob@example-.com",
                                    "bob@example..com",
                                    "bob@example.c",
                                    "bob@example.c1",
                                    "bob@example.com1",
                                    "bob@example.123",
                                    "bob@127.0.0.1",
                                    "bob@[127.0.0.1]",
                                    "bob.@example.com",
                                    "lodash@4.17.21",
                                    "jquery@3.6.0.min.js",
                                    "logo@2x.png",
                                    "logo@2x.PNG",
                                    "@decorator.call",
                                    "medium.com/@bob.smith",
                                    "\"bob smith\"@example.com",
                                    "bob(at)example.com",
                                    "bob at example dot com",
                                    std::string(65, 'a') + "@example.com",
                                    "bob@" + std::string(64, 'b') + ".com",
                                    "]@example.com",
                                    "bob@xn--",
                                    "bob@example.xn--",
                                    "user:@example.com",
                                });
}

}  // namespace
}  // namespace apitoolkit::redact
