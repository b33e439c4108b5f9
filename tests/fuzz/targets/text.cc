// adapters/text: JSON, XML, encodings and times as the hotlines write them.
#include "adapters/limits.h"
#include "adapters/text/encoding.h"
#include "adapters/text/json.h"
#include "adapters/text/reason.h"
#include "adapters/text/time.h"
#include "adapters/text/xml.h"
#include "tests/fuzz/target.h"

namespace liandong::adapters {
namespace {

using fuzz::Expect;

constexpr Encoding kEncodings[] = {Encoding::kUtf8, Encoding::kGb18030, Encoding::kGbk, Encoding::kAuto};

int Depth(const nlohmann::json& tree) {
  if (!tree.is_structured()) return 0;
  int deepest = 0;
  for (const nlohmann::json& child : tree) deepest = std::max(deepest, Depth(child));
  return deepest + 1;
}

void ExpectReason(const absl::Status& status) {
  Expect(status.code() == absl::StatusCode::kInvalidArgument && !ReasonOf(status).empty(),
         "a refusal is an InvalidArgument with a reason: " + status.ToString());
  Expect(!FirstInvalidUtf8(std::string(status.message())), "a refusal's text is UTF-8");
}

}  // namespace

FUZZ_SEEDS(json) {
  return {R"({"header":{"type":"JJDB"},"body":{"JJDBH":"J1","BKRYQKSM":2,"BJRXZB":119.9,"x":[1,-2,true,null,"甲\n"]}})",
          R"([9007199254740993, 1e300, -0.0, 18446744073709551616, 1.5E-7, ""])",
          R"("\u0041\ud83d\ude00\u00e9")",
          std::string(40, '[') + std::string(40, ']'),
          "\xEF\xBB\xBF{\"a\":1}",
          R"({"a":1,"a":2})"};
}
FUZZ_TARGET(json) {
  absl::StatusOr<nlohmann::json> tree = ParseJson(bytes);
  if (!tree.ok()) {
    ExpectReason(tree.status());
    return;
  }
  Expect(Depth(*tree) <= kTreeDepthMax, "the depth is bounded");
  // Whoever reads it otherwise reads the same; ours refuses more.
  Expect(nlohmann::json::accept(bytes), "what is taken is JSON");
  const absl::StatusOr<std::string> written = DumpJson(*tree);
  Expect(written.ok(), "what was read can be written");
  const absl::StatusOr<nlohmann::json> again = ParseJson(*written);
  Expect(again.ok() && *again == *tree, "what was written reads the same");
}

FUZZ_SEEDS(xml) {
  return {
      R"(<?xml version="1.0" encoding="UTF-8"?><EVENT_INFO a="1"><SJH>E1</SJH><u>1</u><u>2</u>文字&amp;&#x4e2d;</EVENT_INFO>)",
      "<a><b x='1' y=\"&lt;\"/><![CDATA[<&]]><!-- no --><?pi x?></a>",
      "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
      "<a>\r\n<b>&#13;&#9;</b></a>",
      "<a:b.c-d><\xE4\xB8\xAD/></a:b.c-d>",
      "<a><a><a><a/></a></a></a>"};
}
FUZZ_TARGET(xml) {
  (void)DeclaredXmlEncoding(bytes);
  absl::StatusOr<nlohmann::json> tree = ParseXml(bytes);
  if (!tree.ok()) {
    ExpectReason(tree.status());
    return;
  }
  Expect(bytes.find("<!DOCTYPE") == std::string_view::npos || bytes.find("<!--") != std::string_view::npos ||
             bytes.find("<![CDATA[") != std::string_view::npos || bytes.find("<?") != std::string_view::npos,
         "no declarations");
  Expect(Depth(*tree) <= 2 * kTreeDepthMax + 1, "the depth is bounded");
  const std::string root = tree->begin().key();
  const absl::StatusOr<std::string> written = WriteXml(*tree->begin(), root);
  Expect(written.ok(), "what was read can be written: " + written.status().ToString());
  const absl::StatusOr<nlohmann::json> again = ParseXml(*written);
  Expect(again.ok(), "what was written can be read: " + again.status().ToString());
  Expect(*again == *tree, "what was written reads the same: " + *written);
}

FUZZ_SEEDS(encoding) {
  return {"\1有人受伤被困",
          "\2\xD3\xD0\xC8\xCB\xCA\xDC\xC9\xCB",
          "\3\x81\x30\x81\x30\xD3\xD0\xFF",
          "\1\x84\x31\x95\x33\xD3\xD0",
          std::string("\0\xEF\xBB\xBF\xF0\x9F\x94\xA5", 8),
          "\1\xC0\x80\xED\xA0\x80"};
}
FUZZ_TARGET(encoding) {
  if (bytes.empty()) return;
  const Encoding encoding = kEncodings[static_cast<unsigned char>(bytes[0]) % 4];
  bytes.remove_prefix(1);
  const LossyText lossy = ToUtf8Lossy(bytes, encoding);
  Expect(!FirstInvalidUtf8(lossy.utf8), "a lossy text is UTF-8");
  Expect(lossy.utf8.size() <= 3 * bytes.size() + 3, "a lossy text is bounded");
  const absl::StatusOr<std::string> utf8 = ToUtf8(bytes, encoding);
  if (!utf8.ok()) {
    ExpectReason(utf8.status());
    return;
  }
  Expect(!FirstInvalidUtf8(*utf8), "a text is UTF-8");
  Expect(utf8->size() <= 3 * bytes.size(), "a text is bounded");
  for (Encoding to : kEncodings) {
    const absl::StatusOr<std::string> written = FromUtf8(*utf8, to);
    if (!written.ok()) {
      Expect(to == Encoding::kGbk || to == Encoding::kGb18030, "UTF-8 takes every text");
      continue;
    }
    // A mark at the front is dropped each time, and kAuto takes for UTF-8 whatever is.
    const bool marked = utf8->rfind("\xEF\xBB\xBF", 0) == 0;
    const absl::StatusOr<std::string> again = ToUtf8(*written, to);
    Expect(again.ok() && (marked || *again == *utf8), "what was written reads the same");
  }
}

FUZZ_SEEDS(time) {
  return {"20260713021530",
          "2026-07-13 02:15:30",
          "2026-07-13T02:15:30.123456789+08:00",
          "2026-02-30 00:00:00Z",
          "2199-12-31T23:59:59-12:00",
          "1970-01-01 00:00:00+1400",
          "2026-07-13T02:15:30.5-0330"};
}
FUZZ_TARGET(time) {
  (void)ParseZoneOffset(bytes);
  const absl::StatusOr<int64_t> ms = ParseTimeMs(bytes, kChinaOffsetMinutes);
  if (!ms.ok()) {
    ExpectReason(ms.status());
    return;
  }
  // One that lies in another year of ours than where it was written is still a time.
  for (TimeFormat format : {TimeFormat::kCompact, TimeFormat::kSpaced, TimeFormat::kIso8601}) {
    const absl::StatusOr<int64_t> again =
        ParseTimeMs(FormatTimeMs(*ms, format, kChinaOffsetMinutes), kChinaOffsetMinutes);
    if (!again.ok()) continue;
    const int64_t lost = *ms - *again;
    Expect(format == TimeFormat::kIso8601 ? lost == 0 : lost >= 0 && lost < 1000, "what was written reads the same");
  }
}

}  // namespace liandong::adapters
