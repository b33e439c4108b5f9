#include "tests/unit/adapters/mapping/support.h"

namespace liandong::adapters {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Reply, TheDeployed12345Interface) {
  const Mapper mapper(County("hotline-12345"));
  Rendered sent;
  sent.rule = 0;
  const auto verdict = [&](int status, std::string_view body) { return mapper.JudgeReply(sent, status, body).verdict; };
  EXPECT_EQ(verdict(200, R"({"code":"200","data":null,"message":"ok"})"), Verdict::kAccepted);
  EXPECT_EQ(verdict(200, R"({"code":200})"), Verdict::kAccepted);
  EXPECT_EQ(verdict(200, R"({"code":"500","message":"该警情已推送"})"), Verdict::kDuplicate);
  EXPECT_EQ(verdict(200, R"({"code":"400","message":"缺少字段"})"), Verdict::kRejected);
  EXPECT_EQ(verdict(200, R"({"code":"500","message":"系统忙"})"), Verdict::kTransient);
  EXPECT_EQ(verdict(500, R"({"code":"200"})"), Verdict::kTransient);
}

TEST(Reply, WhatIsNotUnderstoodIsNoSuccess) {
  const Mapper mapper(County("hotline-12345"));
  Rendered sent;
  sent.rule = 0;
  for (const char* body : {"", "OK", "<html><body>login</body></html>", "{", "[]", R"({"code":"999"})"}) {
    EXPECT_EQ(mapper.JudgeReply(sent, 200, body).verdict, Verdict::kTransient) << body;
  }
}

TEST(Reply, HttpStatusAlone) {
  v1::Profile profile = County("hotline-12345");
  profile.clear_peer_reply();
  const Mapper mapper(profile);
  const std::pair<int, Verdict> cases[] = {
      {0, Verdict::kTransient},   {200, Verdict::kAccepted},  {204, Verdict::kAccepted},  {301, Verdict::kRejected},
      {400, Verdict::kRejected},  {401, Verdict::kRejected},  {404, Verdict::kTransient}, {408, Verdict::kTransient},
      {429, Verdict::kTransient}, {500, Verdict::kTransient}, {503, Verdict::kTransient}};
  for (const auto& [status, verdict] : cases) EXPECT_EQ(mapper.JudgeReply({}, status, "").verdict, verdict) << status;
}

TEST(Reply, NumbersThatThePeerGaveAreRemembered) {
  const Mapper mapper(County("police-110"));
  Rendered sent;
  sent.rule = 0;
  EXPECT_THAT(mapper.JudgeReply(sent, 200, R"({"code":"200","data":{"JJDBH":"J5"}})").keys,
              ElementsAre(DeliveryKey{"JJDBH", "J5"}));
  EXPECT_THAT(mapper.JudgeReply(sent, 200, R"({"code":"400","data":{"JJDBH":"J5"}})").keys, IsEmpty());
  EXPECT_THAT(mapper.JudgeReply(sent, 200, "<reply><code>200</code><data><JJDBH>J6</JJDBH></data></reply>").keys,
              ElementsAre(DeliveryKey{"JJDBH", "J6"}));
}

}  // namespace
}  // namespace liandong::adapters
