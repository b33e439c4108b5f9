#include "adapters/hotline_12345/codec.h"

#include <gtest/gtest.h>

#include <string>

#include "adapters/text/reason.h"
#include "tests/unit/adapters/mutate.h"

namespace liandong::adapters {
namespace {

using nlohmann::json;

const char kPushCall[] =
    R"({"BJDH":"13000000000","BJDHYHM":"王某","BJDZ":"青石乡","BJNR":"路灯不亮","BJRXBDM":"1","BJSJ":"20240715083005",)"
    R"("JJDBH":"33992124071500000001","JJLX":"01","LSH":"L1","SFBM":"0","Title":"求助-市政","XZQHDM":"339921"})";
const char kVisit[] =
    R"({"DYYY":"3","JJDBH":"J1","FLOWID":"W1","HFSJ":"2024-07-16 09:00:00","DHHFHSQK":"王某表示满意","CLJGDM":1,"CLJGMC":"满意"})";
const char kOrder[] =
    R"({"order_no":"W20240715001","raise_name":"李某","content":"电线断落","raise_time":"2024-07-15 08:30:05","is_secrecy":0,)"
    R"("urgent_level":"紧急","callerPhone":"13000000000","handle_department":"供电公司","later":"kept"})";

absl::StatusOr<NativeMessage> Decode(std::string_view path, std::string_view bytes) {
  return MakeHotline12345Codec()->Decode(path, bytes, Encoding::kAuto);
}
std::string Reason(std::string_view path, std::string_view bytes) {
  return std::string(ReasonOf(Decode(path, bytes).status()));
}

TEST(Hotline12345Test, ThePathTellsTheKind) {
  EXPECT_EQ(Decode("/deal12345/pushJjd", kPushCall)->kind, "pushJjd");
  EXPECT_EQ(Decode("/gateway/deal12345/pushThxx?x=1", R"({"FLOWID":"W1"})")->kind, "pushThxx");
  EXPECT_EQ(Decode("/deal12345/pushFkd", R"({"JJDBH":"J1","CJCZQK":"已处理"})")->kind, "pushFkd");
  EXPECT_EQ(Decode("/api/confirm", R"({"JJDBH":"J1","RECEIVE":1})")->kind, "CONFIRM");
  EXPECT_EQ(Reason("/deal12345/pushJjd", R"({"order_no":"W1"})"), kReasonMissingField);
}

TEST(Hotline12345Test, TheFieldsTellTheKind) {
  EXPECT_EQ(Decode("", kPushCall)->kind, "pushJjd");
  EXPECT_EQ(Decode("", kVisit)->kind, "DYYY");
  EXPECT_EQ(Decode("", kOrder)->kind, "work_order");
  EXPECT_EQ(Decode("", R"({"FLOWID":"W1","HANDLEOPINION":"属地不符","JJDBH":"J1"})")->kind, "pushThxx");
  EXPECT_EQ(Decode("", R"({"FLOWID":"W1","CJCZQK":"已修复","JJDBH":"J1"})")->kind, "pushFkd");
  EXPECT_EQ(Decode("", R"({"JJDBH":"J1","RECEIVE":"0","RECEIVETIME":"20240715083005"})")->kind, "CONFIRM");
  EXPECT_EQ(Reason("", R"({"hello":"world"})"), kReasonUnknownKind);
}

TEST(Hotline12345Test, AWrappedConfirmIsUnwrapped) {
  auto confirm = Decode("", R"({"CONFIRM":{"JJDBH":"J1","RECEIVE":"1","RECEIVETIME":"20240715083005"}})");
  ASSERT_TRUE(confirm.ok()) << confirm.status();
  EXPECT_EQ(confirm->kind, "CONFIRM");
  EXPECT_EQ(confirm->tree["RECEIVE"], "1");
}

TEST(Hotline12345Test, CodesAreNamedAndChecked) {
  auto visit = Decode("", kVisit);
  ASSERT_TRUE(visit.ok()) << visit.status();
  EXPECT_EQ(visit->tree["_derived"],
            json::parse(R"({"reason_code":3,"reason_name":"回访","result_code":1,"result_name":"满意"})"));
  EXPECT_EQ(Decode("", R"({"DYYY":2,"JJDBH":"J1"})")->tree["_derived"]["reason_name"], "退回");
  EXPECT_EQ(Reason("", R"({"DYYY":"4","JJDBH":"J1"})"), kReasonBadValue);
  EXPECT_EQ(Reason("", R"({"DYYY":"3","JJDBH":"J1","CLJGDM":"9"})"), kReasonBadValue);
  EXPECT_EQ(Reason("", R"({"DYYY":"1"})"), kReasonMissingField);
  EXPECT_EQ(Reason("", R"({"JJDBH":"J1","RECEIVE":"2"})"), kReasonBadValue);
  EXPECT_EQ(Reason("", R"({"JJDBH":{"a":1},"RECEIVE":"1"})"), kReasonWrongType);
  EXPECT_EQ(Reason("", R"({"order_no":"W1","is_secrecy":[]})"), kReasonWrongType);
  EXPECT_EQ(Reason("", R"({"order_no":"W1","order_no":"W2"})"), kReasonDuplicateKey);
}

TEST(Hotline12345Test, UnknownFieldsStay) { EXPECT_EQ(Decode("", kOrder)->tree["later"], "kept"); }

TEST(Hotline12345Test, KeysAndPaths) {
  auto codec = MakeHotline12345Codec();
  EXPECT_EQ(codec->KeyIds(*Decode("", kVisit)),
            (std::map<std::string, std::string>{{"FLOWID", "W1"}, {"JJDBH", "J1"}}));
  EXPECT_EQ(codec->PathFor("pushJjd"), "/deal12345/pushJjd");
  EXPECT_EQ(codec->PathFor("pushThxx"), "/deal12345/pushThxx");
  EXPECT_EQ(codec->PathFor("pushFkd"), "/deal12345/pushFkd");
  EXPECT_EQ(codec->PathFor("DYYY"), "");
}

TEST(Hotline12345Test, TheDeployedReply) {
  auto codec = MakeHotline12345Codec();
  auto reply = codec->DecodeReply(R"({"code":"200","data":null,"message":"成功"})", Encoding::kAuto);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->code, "200");
  EXPECT_EQ(
      json::parse(codec->EncodeReply({ReplyKind::kAccepted, "", "", {{"JJDBH", "J1"}}}, Encoding::kUtf8, Format::kJson)
                      .value()),
      json::parse(R"({"code":"200","message":"接收成功","data":{"JJDBH":"J1"}})"));
}

TEST(Hotline12345Test, Sturdy) {
  auto codec = MakeHotline12345Codec();
  ExpectSturdy(*codec, "/deal12345/pushJjd", kPushCall, "王某");
  ExpectSturdy(*codec, "", kVisit, "王某");
  ExpectSturdy(*codec, "", kOrder, "李某");
}

}  // namespace
}  // namespace liandong::adapters
