// The record codecs: whatever comes is refused with a reason, or can be written and read again as the same.
#include <memory>

#include "adapters/fire_119/incident_json.h"
#include "adapters/hotline_12345/codec.h"
#include "adapters/medical_120/codec.h"
#include "adapters/police_110/codec.h"
#include "adapters/text/json.h"
#include "adapters/text/reason.h"
#include "tests/fuzz/target.h"

namespace liandong::adapters {
namespace {

using fuzz::Expect;

// First byte: the path and the encoding; then the message.
void Read(const Codec& codec, const std::vector<std::string>& paths, std::string_view bytes) {
  if (bytes.empty()) return;
  const unsigned choice = static_cast<unsigned char>(bytes[0]);
  bytes.remove_prefix(1);
  const std::string& path = paths[choice / 4 % paths.size()];
  const Encoding encoding = static_cast<Encoding>(choice % 4);
  if (const auto reply = codec.DecodeReply(bytes, encoding); !reply.ok())
    Expect(!ReasonOf(reply.status()).empty(), "a reason");
  const absl::StatusOr<NativeMessage> message = codec.Decode(path, bytes, encoding);
  if (!message.ok()) {
    Expect(!ReasonOf(message.status()).empty(), "a refusal has a reason: " + message.status().ToString());
    return;
  }
  Expect(message->tree.is_object(), "a message is an object");
  Reply reply;
  reply.echo = codec.KeyIds(*message);
  for (Format format : {Format::kJson, Format::kXml}) (void)codec.EncodeReply(reply, Encoding::kUtf8, format);
  // Some texts XML cannot say; JSON can say whatever was read.
  (void)codec.Encode(*message, Encoding::kUtf8, Format::kXml);
  const absl::StatusOr<std::string> written = codec.Encode(*message, Encoding::kUtf8, Format::kJson);
  Expect(written.ok(), "what was read can be written: " + written.status().ToString());
  const absl::StatusOr<NativeMessage> again = codec.Decode(path, *written, Encoding::kUtf8);
  Expect(again.ok(), "what was written can be read: " + again.status().ToString() + *written);
  Expect(again->kind == message->kind, "as the same kind");
  const absl::StatusOr<std::string> twice = codec.Encode(*again, Encoding::kUtf8, Format::kJson);
  Expect(twice.ok() && *twice == *written, "and written again as the same");
}

}  // namespace

FUZZ_SEEDS(police_110) {
  return {
      R"({"header":{"type":"JJDB"},"body":{"JJDBH":"J1","XZQHDM":"339921","JQLBDM":"060100","JQDJDM":"1","BJSJ":"20260713021400","GXSJ":"20260713021530","BJNR":"x","BKRYQKSM":"2人","SFBM":"0","BJRXZB":119.9,"BJRYZB":28.4}})",
      R"({"body":{"PJDBH":"P1","JJDBH":"LD1","PDQSSJ":"20260713021700","TDSJ":"20260713021800","CXYY":"x"}})",
      R"({"FKDBH":"F1","JJDBH":"LD1","FKSJ":"20260713021700","SSRS":1,"YJDWDM":"33992150001","CJCZQK":"x"})",
      R"(<JJDB><header><type>接警单</type></header><body><JJDBH>J1</JJDBH><BJSJ>20260713021400</BJSJ></body></JJDB>)"};
}
FUZZ_TARGET(police_110) {
  static const auto& codec = *MakePolice110Codec().release();
  Read(codec, {"", "/110/jjd", "/110/fkd"}, bytes);
}

FUZZ_SEEDS(hotline_12345) {
  return {
      R"(0{"order_no":"G1","raise_category":"路灯","raise_time":"2026-07-13 02:15:30","is_secrecy":0,"content":"x"})",
      R"({"DYYY":"1","JJDBH":"LD1","HFSJ":"20260713021700","CLJGDM":"1"})",
      R"({"JJDBH":"LD1","RECEIVE":"1","RECEIVETIME":"20260713021700"})",
      R"({"FLOWID":"W1","HANDLEOPINION":"属地不符"})",
      R"(<pushFkd><FLOWID>W1</FLOWID><CJCZQK>已处置</CJCZQK></pushFkd>)"};
}
FUZZ_TARGET(hotline_12345) {
  static const auto& codec = *MakeHotline12345Codec().release();
  Read(codec, {"", "/deal12345/pushJjd", "/deal12345/pushThxx", "/deal12345/pushFkd", "/deal12345/DYYY"}, bytes);
}

FUZZ_SEEDS(fire_119_json) {
  return {
      R"({"warningCode":"F1","warningType":"10000","warningLevel":"1","trappedPerson":"1","warningDate":"2026-07-13 02:15:30","longitude":119.9,"latitude":28.4})",
      R"({"warningCode":"LD1","vehicleCode":"V","vehicleState":"22","stateTime":"20260713021700"})",
      R"(<incident><warningCode>F1</warningCode><warningInfo>起火</warningInfo></incident>)"};
}
FUZZ_TARGET(fire_119_json) {
  static const auto& codec = *MakeFire119IncidentCodec().release();
  Read(codec, {"", "/119/incident", "/119/vehicle_state"}, bytes);
}

FUZZ_SEEDS(medical_120) {
  return {
      R"({"SJH":"E1","SJLX":"救治","SGDJ":"1","SGLX":"1","XZBM":"339921","SCLDSJ":"20260713021400","HCYY":"x","FLAG":"LD2"})",
      R"({"SJH":"LD1","CLBH":"V","CLZT":"3","ZTSJ":"20260713021700"})",
      R"(<EVENT_INFO><SJH>E1</SJH><HCYY>胸痛</HCYY></EVENT_INFO>)"};
}
FUZZ_TARGET(medical_120) {
  static const auto& codec = *MakeMedical120Codec().release();
  Read(codec, {"", "/120/EVENT_INFO", "/120/vehicle_state"}, bytes);
}

}  // namespace liandong::adapters
