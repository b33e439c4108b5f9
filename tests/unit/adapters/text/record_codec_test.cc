#include "adapters/text/record_codec.h"

#include <gtest/gtest.h>

#include <string>

#include "adapters/limits.h"
#include "adapters/text/json.h"
#include "adapters/text/reason.h"

namespace liandong::adapters {
namespace {

using nlohmann::json;

RecordCodec Sample() {
  KindRule a;
  a.kind = "alpha";
  a.paths = {"/in/alpha"};
  a.wrappers = {"ALPHA"};
  a.signatures = {{"id", "a"}};
  a.fields = {{"id", FieldType::kId, true}, {"a", FieldType::kCode, false, {"1", "2"}},
              {"at", FieldType::kTime},     {"flag", FieldType::kFlag},
              {"count", FieldType::kCount}, {"x", FieldType::kNumber},
              {"list", FieldType::kList},   {"part", FieldType::kObject},
              {"text", FieldType::kText}};
  a.keys = {"id", "other"};
  a.codes = {{"a", "a", {{"1", "一"}, {"2", "二"}}, true}};
  a.send_path = "/out/alpha";
  KindRule b;
  b.kind = "beta";
  b.signatures = {{"b"}};
  b.one_of = {"id", "other"};
  return RecordCodec("sample", {a, b}, ReplyRule());
}

std::string Reason(std::string_view bytes, std::string_view path = "") {
  return std::string(ReasonOf(Sample().Decode(path, bytes, Encoding::kAuto).status()));
}

TEST(RecordCodecTest, KnowsTheKindByPathWrapperOrFields) {
  RecordCodec codec = Sample();
  EXPECT_EQ(codec.Decode("/x/ALPHA?token=1", R"({"id":"7"})", Encoding::kAuto)->kind, "alpha");
  EXPECT_EQ(codec.Decode("", R"({"ALPHA":{"id":"7"}})", Encoding::kAuto)->tree, json::parse(R"({"id":"7"})"));
  EXPECT_EQ(codec.Decode("", "<ALPHA><id>7</id></ALPHA>", Encoding::kAuto)->tree, json::parse(R"({"id":"7"})"));
  EXPECT_EQ(codec.Decode("", "<m><ALPHA><id>7</id></ALPHA></m>", Encoding::kAuto)->kind, "alpha");
  EXPECT_EQ(codec.Decode("", R"({"id":7,"a":"2"})", Encoding::kAuto)->kind, "alpha");
  EXPECT_EQ(codec.Decode("f.json", R"({"b":1,"other":3})", Encoding::kAuto)->kind, "beta");
  EXPECT_EQ(Reason(R"({"id":"7"})"), kReasonUnknownKind);
  EXPECT_EQ(Reason(R"({"id":"7","a":null})"), kReasonUnknownKind);
  EXPECT_EQ(Reason("[]"), kReasonWrongType);
  EXPECT_EQ(Reason("7"), kReasonWrongType);
  EXPECT_EQ(Reason("<a>text</a>"), kReasonWrongType);
}

TEST(RecordCodecTest, ChecksKnownFields) {
  EXPECT_EQ(Reason(R"({"a":1})", "alpha"), kReasonMissingField);
  EXPECT_EQ(Reason(R"({"id":"NULL"})", "alpha"), kReasonMissingField);
  EXPECT_EQ(Reason(R"({"b":1})"), kReasonMissingField);
  for (const char* bad :
       {R"("id":{})", R"("id":[1])", R"("id":true)", R"("id":1.5)", R"("at":{})", R"("flag":1.5)", R"("count":-1)",
        R"("count":"two")", R"("count":1.5)", R"("count":99999999999)", R"("x":"here")", R"("x":true)", R"("part":"p")",
        R"("part":[1])", R"("text":true)", R"("text":{})"}) {
    std::string text = std::string(bad).substr(0, 4) == "\"id\"" ? std::string("{") + bad + "}"
                                                                 : std::string("{\"id\":1,") + bad + "}";
    EXPECT_EQ(Reason(text, "alpha"), kReasonWrongType) << text;
  }
  EXPECT_EQ(Reason(R"({"id":1,"a":3})", "alpha"), kReasonBadValue);
  auto long_text = [](const char* name, size_t size) {
    return std::string("{\"id\":1,\"") + name + "\":\"" + std::string(size, 'x') + "\"}";
  };
  EXPECT_EQ(Reason(long_text("text", kFieldTextBytesMax), "alpha"), "");
  EXPECT_EQ(Reason(long_text("text", kFieldTextBytesMax + 1), "alpha"), kReasonTooLong);
  EXPECT_EQ(Reason(long_text("at", kFieldTimeBytesMax + 1), "alpha"), kReasonTooLong);
  EXPECT_EQ(Reason(long_text("flag", kFieldFlagBytesMax + 1), "alpha"), kReasonTooLong);
  std::string items = "1";
  for (size_t i = 0; i < kFieldListItemsMax; ++i) items += ",1";
  EXPECT_EQ(Reason("{\"id\":1,\"list\":[" + items + "]}", "alpha"), kReasonTooLong);
}

TEST(RecordCodecTest, KeepsUnknownFieldsAndMakesLists) {
  auto message = Sample().Decode("alpha", R"({"id":1,"list":{"v":1},"new":{"deep":[1,null]},"flag":"是","x":" 1.5 "})",
                                 Encoding::kAuto);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->tree["new"], json::parse(R"({"deep":[1,null]})"));
  EXPECT_EQ(message->tree["list"], json::parse(R"([{"v":1}])"));
}

TEST(RecordCodecTest, DerivedNamesComeFromUsAlone) {
  auto message = Sample().Decode("alpha", R"({"id":1,"a":"02","_derived":{"a_name":"forged","z":1}})", Encoding::kAuto);
  EXPECT_FALSE(message.ok());  // "02" is not among the allowed texts
  message = Sample().Decode("alpha", R"({"id":1,"a":"2","_derived":{"a_name":"forged","z":1}})", Encoding::kAuto);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->tree["_derived"], json::parse(R"({"a_code":2,"a_name":"二"})"));
  message = Sample().Decode("", R"({"ALPHA":{"id":1,"_derived":{"z":1}}})", Encoding::kAuto);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_FALSE(message->tree.contains("_derived"));
  EXPECT_EQ(Sample()
                .Encode({"alpha", json::parse(R"({"id":1,"a":"2","z":null,"_derived":{"q":1}})")}, Encoding::kUtf8,
                        Format::kJson)
                .value(),
            R"({"a":"2","id":1})");
}

TEST(RecordCodecTest, EncodesInEveryEncodingAndFormat) {
  RecordCodec codec = Sample();
  NativeMessage message{"alpha", json::parse(R"({"id":"7","text":"解放路灯不亮","list":["1","2"]})")};
  for (Encoding encoding : {Encoding::kUtf8, Encoding::kGb18030, Encoding::kGbk}) {
    for (Format format : {Format::kJson, Format::kXml}) {
      auto bytes = codec.Encode(message, encoding, format);
      ASSERT_TRUE(bytes.ok()) << bytes.status();
      auto back = codec.Decode("alpha", *bytes, encoding);
      ASSERT_TRUE(back.ok()) << back.status();
      EXPECT_EQ(back->tree, message.tree);
      EXPECT_EQ(codec.Decode("alpha", *bytes, Encoding::kAuto)->tree, message.tree);
    }
  }
  EXPECT_FALSE(codec.Encode({"alpha", json::object()}, Encoding::kUtf8, Format::kJson).ok());
  EXPECT_FALSE(codec.Encode({"gamma", json::object()}, Encoding::kUtf8, Format::kJson).ok());
  EXPECT_FALSE(codec.Encode({"alpha", json::array()}, Encoding::kUtf8, Format::kJson).ok());
}

TEST(RecordCodecTest, WrongEncodingIsAnError) {
  std::string gbk = "{\"id\":1,\"text\":\"\xBD\xE2\xB7\xC5\"}";
  EXPECT_EQ(ReasonOf(Sample().Decode("alpha", gbk, Encoding::kUtf8).status()), kReasonBadEncoding);
  EXPECT_EQ(Sample().Decode("alpha", gbk, Encoding::kAuto)->tree["text"], "解放");
  EXPECT_EQ(Reason("{\"id\":1,\"text\":\"\xFF\xFF\"}", "alpha"), kReasonBadEncoding);
  EXPECT_EQ(Reason(std::string(kNativeMessageBytesMax + 1, ' '), "alpha"), kReasonTooLarge);
}

TEST(RecordCodecTest, Replies) {
  RecordCodec codec = Sample();
  Reply reply;
  reply.echo = {{"id", "7"}};
  json accepted = json::parse(codec.EncodeReply(reply, Encoding::kUtf8, Format::kJson).value());
  EXPECT_EQ(accepted, json::parse(R"({"code":"200","message":"接收成功","data":{"id":"7"}})"));
  reply.kind = ReplyKind::kDuplicate;
  EXPECT_EQ(json::parse(codec.EncodeReply(reply, Encoding::kUtf8, Format::kJson).value())["code"], "200");
  reply.kind = ReplyKind::kBad;
  EXPECT_EQ(json::parse(codec.EncodeReply(reply, Encoding::kUtf8, Format::kJson).value())["code"], "400");
  reply.kind = ReplyKind::kBusy;
  reply.retry_after_s = 30;
  json busy = json::parse(codec.EncodeReply(reply, Encoding::kUtf8, Format::kJson).value());
  EXPECT_EQ(busy["code"], "503");
  EXPECT_EQ(busy["data"]["retryAfter"], 30);
  reply.code = "E7";
  reply.message = "稍后";
  auto read = codec.DecodeReply(codec.EncodeReply(reply, Encoding::kGbk, Format::kXml).value(), Encoding::kGbk);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->code, "E7");
  EXPECT_EQ(read->message, "稍后");
  EXPECT_EQ(codec.DecodeReply(R"({"code":200,"message":null,"data":[]})", Encoding::kAuto)->code, "200");
  EXPECT_EQ(codec.DecodeReply("{}", Encoding::kAuto)->code, "");
  EXPECT_FALSE(codec.DecodeReply("<html>oops", Encoding::kAuto).ok());
}

TEST(RecordCodecTest, KeysAndPaths) {
  RecordCodec codec = Sample();
  EXPECT_EQ(codec.KeyIds({"alpha", json::parse(R"({"id":7,"other":"null"})")}),
            (std::map<std::string, std::string>{{"id", "7"}}));
  EXPECT_TRUE(codec.KeyIds({"gamma", json::object()}).empty());
  EXPECT_EQ(codec.PathFor("alpha"), "/out/alpha");
  EXPECT_EQ(codec.PathFor("beta"), "");
}

}  // namespace
}  // namespace liandong::adapters
