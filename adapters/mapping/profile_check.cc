#include "adapters/mapping/profile_check.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/limits.h"
#include "adapters/mapping/mapping_check.h"
#include "adapters/mapping/table.h"
#include "adapters/mapping/template.h"
#include "adapters/mapping/text_file.h"
#include "adapters/text/encoding.h"
#include "liandong/v1/report.pb.h"

namespace liandong::adapters {
namespace {

// Formats and their kinds of messages, as their codecs have them.
const std::map<std::string, std::vector<std::string>>& Codecs() {
  static const auto& codecs = *new std::map<std::string, std::vector<std::string>>{
      {"police_110", {"JJDB", "PJDB", "FKDB", "TD"}},
      {"hotline_12345", {"pushJjd", "pushThxx", "pushFkd", "CONFIRM", "DYYY", "work_order"}},
      {"fire_119_incident", {"incident", "vehicle_state"}},
      {"medical_120", {"EVENT_INFO", "vehicle_state"}},
      {"gb26875",
       {"system_state", "component_state", "component_analog", "operation", "software_version", "system_config",
        "component_config", "system_time", "device_state", "device_operation", "device_version", "device_config",
        "device_time", "heartbeat", "user_defined"}},
  };
  return codecs;
}

class ProfileCheck {
 public:
  ProfileCheck(const std::string& name, const v1::Profile& profile,
               google::protobuf::TextFormat::ParseInfoTree* positions)
      : profile_(profile), root_(v1::Profile::descriptor(), positions), check_(name, profile) {}

  std::vector<std::string> Run() {
    Head();
    Tables();
    PurposeRule();
    for (int i = 0; i < profile_.inbound_size(); ++i) Inbound(profile_.inbound(i), root_.Child("inbound", i));
    for (int i = 0; i < profile_.outbound_size(); ++i) Outbound(profile_.outbound(i), root_.Child("outbound", i));
    for (int i = 0; i < profile_.peer_reply_size(); ++i) {
      const Place place = root_.Child("peer_reply", i);
      if (profile_.peer_reply(i).verdict() == v1::PeerReply::VERDICT_UNSPECIFIED) {
        check_.Error(place, "缺 verdict", "verdict is missing");
      }
      check_.Whens(profile_.peer_reply(i).when(), place, "when", /*inbound=*/true);
    }
    Auth(profile_.auth_in(), root_.Child("auth_in"));
    Auth(profile_.auth_out(), root_.Child("auth_out"));
    Reachable();
    return check_.TakeErrors();
  }

 private:
  void Head() {
    if (profile_.id().empty()) check_.Error(root_, "缺 id", "id is missing");
    if (profile_.party().empty())
      check_.Error(root_, "缺 party(证书中的单位编号)", "party is missing: the id in the certificate");
    if (!Codecs().contains(profile_.codec())) {
      std::vector<std::string> known;
      for (const auto& [name, kinds] : Codecs()) known.push_back(name);
      check_.Error(root_.Child("codec"), absl::StrCat("codec 应为 ", absl::StrJoin(known, "、"), " 之一"),
                   absl::StrCat("codec must be one of ", absl::StrJoin(known, ", ")));
    }
    if (!profile_.encoding().empty() && !EncodingFromName(profile_.encoding())) {
      check_.Error(root_.Child("encoding"), "encoding 应为 utf-8、gb18030、gbk 或 auto",
                   "encoding must be utf-8, gb18030, gbk or auto");
    }
    if (!profile_.has_utc_offset_minutes()) {
      check_.Error(root_, "缺 utc_offset_minutes(中国为 480)", "utc_offset_minutes is missing; China has 480");
    } else if (profile_.utc_offset_minutes() < -720 || profile_.utc_offset_minutes() > 840) {
      check_.Error(root_.Child("utc_offset_minutes"), "应在 -720 到 840 之间", "must be within -720 and 840");
    }
    for (int i = 0; i < profile_.listen_path_size(); ++i) {
      check_.NativePath(profile_.listen_path(i), root_.Child("listen_path", i));
    }
  }

  void Tables() {
    std::set<std::string> names;
    for (int i = 0; i < profile_.table_size(); ++i) {
      const v1::ValueTable& table = profile_.table(i);
      const Place place = root_.Child("table", i);
      if (table.name().empty() || absl::StartsWith(table.name(), "@")) {
        check_.Error(place, "取值表要有名称,且不以 @ 开头", "a table needs a name that does not begin with @");
      }
      if (!names.insert(table.name()).second) {
        check_.Error(place, absl::StrCat("取值表 ", table.name(), " 重复"),
                     absl::StrCat("second table ", table.name()));
      }
      std::set<std::string> natives;
      for (int r = 0; r < table.row_size(); ++r) {
        if (table.row(r).native_size() == 0) check_.Error(place.Child("row", r), "缺 native", "native is missing");
        for (const std::string& native : table.row(r).native()) {
          if (native.empty() || !natives.insert(native).second) {
            check_.Error(place.Child("row", r), absl::StrCat("native \"", native, "\" 为空或重复"),
                         absl::StrCat("native \"", native, "\" is empty or stands twice"));
          }
        }
      }
    }
  }

  void PurposeRule() {
    const v1::PurposeRule& rule = profile_.purpose();
    const Place place = root_.Child("purpose");
    if (rule.link() == v1::PURPOSE_UNSPECIFIED) {
      check_.Error(place, "缺 purpose.link:ACTUAL、EXERCISE 或 TEST",
                   "purpose.link is missing: ACTUAL, EXERCISE or TEST");
    }
    const bool needs_table = rule.from_size() > 0 || !rule.to().empty();
    if (needs_table && rule.table().empty()) check_.Error(place, "缺 table", "table is missing");
    if (!rule.table().empty()) {
      const auto* field = v1::OpenPart::descriptor()->FindFieldByName("purpose");
      if (const v1::ValueTable* table = check_.Table(rule.table(), place.Child("table"))) {
        check_.TableFits(*table, field, place.Child("table"));
      }
    }
    for (int i = 0; i < rule.from_size(); ++i) check_.NativePath(rule.from(i), place.Child("from", i));
    if (!rule.to().empty()) check_.NativePath(rule.to(), place.Child("to"));
    for (int i = 0; i < rule.prefix_size(); ++i) {
      const v1::Purpose purpose = rule.prefix(i).purpose();
      if ((purpose != v1::EXERCISE && purpose != v1::TEST) || rule.prefix(i).text().empty()) {
        check_.Error(place.Child("prefix", i), "prefix 要有 purpose(EXERCISE 或 TEST)和 text",
                     "a prefix needs a purpose (EXERCISE or TEST) and a text");
      }
    }
  }

  void Kind(const std::string& kind, const Place& place) {
    const auto codec = Codecs().find(profile_.codec());
    if (codec == Codecs().end()) return;
    if (std::find(codec->second.begin(), codec->second.end(), kind) != codec->second.end()) return;
    const std::string near = Nearest(kind, codec->second);
    check_.Error(place,
                 absl::StrCat(profile_.codec(), " 没有报文种类 \"", kind, "\"",
                              near.empty() ? "" : absl::StrCat(",是否为 \"", near, "\"")),
                 absl::StrCat("unknown kind \"", kind, "\"; ",
                              near.empty() ? absl::StrCat("known are ", absl::StrJoin(codec->second, ", "))
                                           : absl::StrCat("did you mean \"", near, "\"?")));
  }

  void Alone(const v1::Mapping& mapping, const Place& place, bool revision = false) {
    check_.Mapping(mapping, place, {.inbound = true, .revision = revision});
    if (!mapping.to().empty()) check_.Error(place.Child("to"), "这里不用写 to", "takes no `to`");
  }

  void Report(const v1::ReportRule& rule, const Place& place) {
    if (rule.has_external_id() == rule.has_external_id_from_spool()) {
      check_.Error(place, "external_id 与 external_id_from_spool 二选一",
                   "exactly one of external_id and external_id_from_spool");
    }
    if (rule.has_external_id()) Alone(rule.external_id(), place.Child("external_id"));
    if (!rule.external_id_from_spool().same_as().empty()) {
      const Place spool = place.Child("external_id_from_spool");
      absl::StatusOr<std::vector<TemplateValue>> values = TemplateValues(rule.external_id_from_spool().same_as());
      if (!values.ok()) check_.Error(spool.Child("same_as"), "模板写法不对", "the template cannot be read");
      if (values.ok()) {
        for (const TemplateValue& value : *values) check_.NativePath(value.path, spool.Child("same_as"));
      }
      if (rule.external_id_from_spool().within_s() == 0) check_.Error(spool, "缺 within_s", "within_s is missing");
    }
    if (rule.has_revision()) Alone(rule.revision(), place.Child("revision"), /*revision=*/true);
    check_.Fields(rule.field(), place,
                  {.inbound = true,
                   .root = v1::Report::descriptor(),
                   .not_to = {"external_id", "revision", "open.purpose", "open.references", "open.secret",
                              "open.danger_to_life", "sealed.point", "actor.party", "actor.way"}});
    const auto details = std::count_if(rule.field().begin(), rule.field().end(), [](const v1::Mapping& field) {
      return absl::StartsWith(field.to(), "sealed.details[");
    });
    if (details > kReportDetailsMax) {
      check_.Error(place, absl::StrCat("sealed.details 最多 ", kReportDetailsMax, " 项,这里有 ", details, " 项"),
                   absl::StrCat("at most ", kReportDetailsMax, " sealed.details, here are ", details));
    }
    for (int i = 0; i < rule.point_size(); ++i) {
      check_.NativePath(rule.point(i).x(), place.Child("point", i));
      check_.NativePath(rule.point(i).y(), place.Child("point", i));
    }
    for (int i = 0; i < rule.reference_size(); ++i) {
      const Place reference = place.Child("reference", i);
      if (rule.reference(i).from_size() == 0) check_.Error(reference, "缺 from", "from is missing");
      for (const std::string& path : rule.reference(i).from()) check_.NativePath(path, reference);
      check_.Whens(rule.reference(i).when(), reference, "when", /*inbound=*/true);
    }
    for (int i = 0; i < rule.danger_size(); ++i) {
      const Place danger = place.Child("danger", i);
      if (rule.danger(i).answer() == v1::ANSWER_UNKNOWN) check_.Error(danger, "缺 answer", "answer is missing");
      check_.Whens(rule.danger(i).when(), danger, "when", /*inbound=*/true);
    }
    check_.Whens(rule.secret(), place, "secret", /*inbound=*/true);
  }

  // `asked`: the key must have been remembered by somebody.
  void Key(const v1::DeliveryKeyRule& rule, const Place& place, bool asked) {
    if (rule.name().empty() || rule.from_size() == 0) check_.Error(place, "缺 name 或 from", "name or from is missing");
    for (int i = 0; i < rule.from_size(); ++i) check_.NativePath(rule.from(i), place.Child("from", i));
    if (!asked || rule.name() == "delivery_id" || rule.name().empty()) return;
    for (const v1::OutboundRule& outbound : profile_.outbound()) {
      for (const v1::KeyRule& key : outbound.remember()) {
        if (key.name() == rule.name()) return;
      }
    }
    for (const v1::InboundRule& inbound : profile_.inbound()) {
      for (const v1::AliasRule& alias : inbound.alias()) {
        if (alias.also().name() == rule.name()) return;
      }
    }
    check_.Error(place, absl::StrCat("没有一条 outbound 规则 remember 编号 ", rule.name()),
                 absl::StrCat("no outbound rule remembers the key ", rule.name()));
  }

  void Ack(const v1::AckRule& rule, const Place& place) {
    if (rule.key_size() == 0) check_.Error(place, "缺 key", "key is missing");
    if (rule.step_size() == 0) check_.Error(place, "缺 step", "step is missing");
    for (int i = 0; i < rule.key_size(); ++i) Key(rule.key(i), place.Child("key", i), /*asked=*/true);
    const MappingCheck::Target target = {.inbound = true,
                                         .root = v1::Acknowledgment::descriptor(),
                                         .not_to = {"delivery_id", "state", "at_ms", "actor.party", "actor.way"}};
    check_.Fields(rule.field(), place, target);
    for (int i = 0; i < rule.step_size(); ++i) {
      const v1::AckStep& step = rule.step(i);
      const Place at = place.Child("step", i);
      const bool fixed = step.state() != v1::ACK_STATE_UNSPECIFIED;
      if (fixed == !step.state_from().empty()) {
        check_.Error(at, "state 与 state_from 二选一", "exactly one of state and state_from");
      }
      if (!step.state_from().empty()) {
        check_.NativePath(step.state_from(), at.Child("state_from"));
        if (const v1::ValueTable* table = check_.Table(step.table(), at.Child("table"))) {
          check_.TableFits(*table, v1::Acknowledgment::descriptor()->FindFieldByName("state"), at.Child("table"));
        }
      } else if (step.at_size() == 0 && step.when_size() == 0) {
        check_.Error(at, "固定的 state 要有 at 或 when", "a fixed state needs at or when");
      }
      for (int a = 0; a < step.at_size(); ++a) check_.NativePath(step.at(a), at.Child("at", a));
      check_.Whens(step.when(), at, "when", /*inbound=*/true);
      check_.Fields(step.field(), at, target);
    }
  }

  void Inbound(const v1::InboundRule& rule, const Place& place) {
    if (rule.kind_size() == 0) check_.Error(place, "缺 kind", "kind is missing");
    for (int i = 0; i < rule.kind_size(); ++i) Kind(rule.kind(i), place.Child("kind", i));
    check_.Whens(rule.when(), place, "when", /*inbound=*/true);
    const bool acts =
        rule.has_report() || rule.ack_size() + rule.alias_size() + rule.transfer_size() + rule.close_size() > 0;
    if (acts == !rule.ignore().empty()) {
      check_.Error(place, "规则要么写 ignore 的原因,要么写 report、ack、alias、transfer、close",
                   "either ignore with its reason, or report, ack, alias, transfer, close");
    }
    if (rule.has_report()) Report(rule.report(), place.Child("report"));
    for (int i = 0; i < rule.ack_size(); ++i) Ack(rule.ack(i), place.Child("ack", i));
    for (int i = 0; i < rule.alias_size(); ++i) {
      Key(rule.alias(i).known(), place.Child("alias", i).Child("known"), /*asked=*/true);
      Key(rule.alias(i).also(), place.Child("alias", i).Child("also"), /*asked=*/false);
    }
    for (int i = 0; i < rule.transfer_size(); ++i) {
      const Place at = place.Child("transfer", i);
      check_.Whens(rule.transfer(i).when(), at, "when", /*inbound=*/true);
      Alone(rule.transfer(i).external_id(), at.Child("external_id"));
      Alone(rule.transfer(i).to_party(), at.Child("to_party"));
      if (rule.transfer(i).has_reason()) Alone(rule.transfer(i).reason(), at.Child("reason"));
      if (rule.transfer(i).has_person()) Alone(rule.transfer(i).person(), at.Child("person"));
    }
    for (int i = 0; i < rule.close_size(); ++i) {
      const Place at = place.Child("close", i);
      check_.Whens(rule.close(i).when(), at, "when", /*inbound=*/true);
      Alone(rule.close(i).external_id(), at.Child("external_id"));
      Alone(rule.close(i).reason(), at.Child("reason"));
    }
  }

  void Outbound(const v1::OutboundRule& rule, const Place& place) {
    if (rule.delivery_size() == 0) check_.Error(place, "缺 delivery", "delivery is missing");
    for (int i = 0; i < rule.delivery_size(); ++i) {
      if (rule.delivery(i) == v1::DELIVERY_KIND_UNSPECIFIED) {
        check_.Error(place.Child("delivery", i), "delivery 不能为 0", "delivery must be named");
      }
    }
    check_.Whens(rule.when(), place, "when", /*inbound=*/false);
    if (rule.skip().empty() == rule.kind().empty()) {
      check_.Error(place, "kind 与 skip(不发送的原因)二选一", "exactly one of kind and skip (with its reason)");
    }
    if (!rule.kind().empty()) Kind(rule.kind(), place.Child("kind"));
    if (!rule.path().empty()) check_.NativePath(rule.path(), place.Child("path"));
    check_.Fields(rule.field(), place, {.inbound = false});
    for (int i = 0; i < rule.purpose_prefix_at_size(); ++i) {
      check_.NativePath(rule.purpose_prefix_at(i), place.Child("purpose_prefix_at", i));
    }
    if (rule.purpose_prefix_at_size() > 0 && profile_.purpose().prefix_size() == 0) {
      check_.Error(place, "purpose_prefix_at 需要 purpose.prefix", "purpose_prefix_at needs purpose.prefix");
    }
    for (int i = 0; i < rule.remember_size(); ++i) {
      const v1::KeyRule& key = rule.remember(i);
      const int sources = (key.from().empty() ? 0 : 1) + (key.native().empty() ? 0 : 1) + (key.reply().empty() ? 0 : 1);
      if (key.name().empty() || sources != 1) {
        check_.Error(place.Child("remember", i), "remember 要有 name 和 from、native、reply 之一",
                     "remember needs a name and one of from, native and reply");
      }
    }
  }

  void Auth(const v1::LinkAuth& auth, const Place& place) {
    const bool token = !auth.token_header().empty();
    const bool hmac = !auth.hmac_header().empty();
    if (!token && !hmac && auth.secret_file().empty()) return;
    if (token == hmac)
      check_.Error(place, "token_header 与 hmac_header 二选一", "exactly one of token_header and hmac_header");
    if (auth.secret_file().empty()) check_.Error(place, "缺 secret_file", "secret_file is missing");
    if (hmac && !absl::StrContains(auth.hmac_signed(), "{body}")) {
      check_.Error(place, "hmac_signed 必须包含 {body}", "hmac_signed must contain {body}");
    }
    if (absl::StrContains(auth.hmac_signed(), "{timestamp}") && auth.timestamp_header().empty()) {
      check_.Error(place, "签名含 {timestamp},缺 timestamp_header", "signs {timestamp} but has no timestamp_header");
    }
    if (absl::StrContains(auth.hmac_signed(), "{nonce}") && auth.nonce_header().empty()) {
      check_.Error(place, "签名含 {nonce},缺 nonce_header", "signs {nonce} but has no nonce_header");
    }
  }

  // A rule behind one of the same kind without conditions is a slip.
  void Reachable() {
    std::set<std::string> taken;
    for (int i = 0; i < profile_.inbound_size(); ++i) {
      for (const std::string& kind : profile_.inbound(i).kind()) {
        if (taken.contains(kind)) Unreachable(root_.Child("inbound", i), kind);
        if (profile_.inbound(i).when_size() == 0) taken.insert(kind);
      }
    }
    std::set<int> sent;
    for (int i = 0; i < profile_.outbound_size(); ++i) {
      for (const int kind : profile_.outbound(i).delivery()) {
        if (sent.contains(kind)) {
          Unreachable(root_.Child("outbound", i), v1::DeliveryKind_Name(static_cast<v1::DeliveryKind>(kind)));
        }
        if (profile_.outbound(i).when_size() == 0) sent.insert(kind);
      }
    }
  }

  void Unreachable(const Place& place, const std::string& kind) {
    check_.Error(place, absl::StrCat("对 ", kind, " 用不到这条规则:前面有一条无条件的"),
                 absl::StrCat("never reached for ", kind, ": a rule without conditions stands before it"));
  }

  const v1::Profile& profile_;
  Place root_;
  MappingCheck check_;
};

}  // namespace

std::vector<std::string> CheckProfile(const std::string& name, const v1::Profile& profile,
                                      google::protobuf::TextFormat::ParseInfoTree* positions) {
  return ProfileCheck(name, profile, positions).Run();
}

}  // namespace liandong::adapters
