#include "src/wire/pubsub.h"

#include <gtest/gtest.h>

#include "src/base/limits.h"

namespace apitoolkit::wire {
namespace {

std::string request_of(int messages) {
  std::string body = R"({"messages":[)";
  for (int i = 0; i < messages; ++i) body += i == 0 ? R"({"data":"e30="})" : R"(,{"data":"e30="})";
  return body + "]}";
}

TEST(PublishRequest, TakesAThousandMessagesAndNotOneMore) {
  const auto full = decode_publish_request(request_of(limits::kPublishMessagesMax));
  ASSERT_TRUE(full);
  EXPECT_EQ(full->size(), 1000U);
  EXPECT_EQ(full->back().data, "{}");
  const auto over = decode_publish_request(request_of(limits::kPublishMessagesMax + 1));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().message, "Too many messages to publish");
}

TEST(PublishRequest, RefusesTooManyAttributes) {
  std::string body = R"({"messages":[{"attributes":{)";
  for (int i = 0; i <= limits::kPublishAttributesMax; ++i) {
    body += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + R"(":"v")";
  }
  EXPECT_FALSE(decode_publish_request(body + "}}]}"));
}

TEST(PublishAnswer, IsRetriedOnlyWhereThatMayHelp) {
  for (const int status : {408, 429, 499, 500, 502, 503, 504}) {
    EXPECT_TRUE(is_retryable(status, "")) << status;
  }
  for (const int status : {200, 302, 400, 401, 403, 404, 409, 413, 501}) {
    EXPECT_FALSE(is_retryable(status, "")) << status;
  }
  EXPECT_TRUE(is_retryable(409, R"({"error":{"code":409,"status":"ABORTED"}})"));
  EXPECT_FALSE(is_retryable(409, R"({"error":{"code":409,"status":"ALREADY_EXISTS"}})"));
}

TEST(PublishAnswer, ThatIsNotOneIsNotTakenForOne) {
  for (const char* body :
       {"", "<html>", "[]", "{}", R"({"messageIds":"1"})", R"({"messageIds":[1]})"}) {
    EXPECT_FALSE(decode_publish_response(body)) << body;
  }
}

TEST(GoogleError, IsEmptyWhereTheAnswerIsSomethingElse) {
  for (const char* body :
       {"", "<html>", "[]", "{}", R"({"error":"x"})", R"({"error":{"message":1}})"}) {
    EXPECT_EQ(decode_google_error(body).message, "") << body;
    EXPECT_EQ(decode_google_error(body).status, "") << body;
  }
}

}  // namespace
}  // namespace apitoolkit::wire
