// What `liandong-adapter check` shows.
#include <google/protobuf/descriptor.h>

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/mapping/inbound.h"
#include "adapters/mapping/mapper.h"
#include "adapters/mapping/native_path.h"
#include "adapters/mapping/our_path.h"
#include "adapters/text/time.h"

namespace liandong::adapters {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

size_t Characters(const std::string& text) {
  size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

// A mask keeps the length, so that an empty or a mangled field can be told from a good one.
std::string Masked(const std::string& text, bool show) {
  return show ? text : absl::StrCat("***(", Characters(text), "字)");
}

// Texts in which people write names, numbers and stories.
bool IsPersonal(const std::string& path) {
  return absl::StartsWith(path, "sealed.") || path == "note" || path == "reason" || path == "actor.person" ||
         path == "actor.told_by";
}

std::string ValueText(const FieldDescriptor* field, const std::string& text, int offset) {
  int64_t ms = 0;
  if (IsTimeField(field) && absl::SimpleAtoi(text, &ms) && ms != 0) {
    return FormatTimeMs(ms, TimeFormat::kIso8601, offset);
  }
  return text;
}

void Dump(const Message& message, const std::string& prefix, bool show, int offset, std::string* out) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string path = absl::StrCat(prefix, std::string(field->name()));
    if (field->is_repeated() && field->message_type() != nullptr) {
      int index = 0;
      for (const Message* element : ListOurs(message, std::string(field->name()))) {
        Dump(*element, absl::StrCat(path, "[", index++, "]."), show, offset, out);
      }
      continue;
    }
    if (field->message_type() != nullptr) {
      Dump(message.GetReflection()->GetMessage(message, field), path + ".", show, offset, out);
      continue;
    }
    std::optional<std::string> text = GetOurs(message, std::string(field->name()));
    if (!text) continue;
    const bool label = absl::StartsWith(path, "sealed.details[") && absl::EndsWith(path, ".name");
    absl::StrAppend(out, "    ", path, ": ",
                    IsPersonal(path) && !label ? Masked(*text, show) : ValueText(field, *text, offset), "\n");
  }
}

void DumpTree(const nlohmann::json& tree, bool show, const std::set<std::string>& plain, std::string* out) {
  for (const std::string& path : LeavesOf(tree)) {
    const std::string text = TextAt(tree, path).value_or("");
    absl::StrAppend(out, "    ", path, ": ", plain.contains(path) ? text : Masked(text, show), "\n");
  }
}

std::string KeysText(const std::vector<DeliveryKey>& keys) {
  return absl::StrJoin(keys, ", ", [](std::string* out, const DeliveryKey& key) { absl::StrAppend(out, key.Text()); });
}

void DescribeReport(const ReportDraft& draft, bool show, int offset, std::string* out) {
  absl::StrAppend(out, "  报告 report\n");
  if (draft.id_from_spool) {
    absl::StrAppend(out, "    external_id: 由暂存区编号 (given by the spool)\n");
    if (!draft.same_as.empty()) {
      absl::StrAppend(out, "    同源 same_as: ", draft.same_as, ", ", draft.same_within_s, " s\n");
    }
  }
  Dump(draft.report, "", show, offset, out);
}

}  // namespace

std::string Describe(const Mapper& mapper, const NativeMessage& message, const DescribeOptions& options) {
  const v1::Profile& profile = mapper.profile();
  const int offset = profile.utc_offset_minutes();
  std::set<std::string> used;
  absl::StatusOr<Mapped> mapped = MapInbound(profile, message, &used);
  std::string out = absl::StrCat("配置 profile: ", profile.id(), "\n报文 message: ", message.kind, "\n");
  if (!mapped.ok()) {
    absl::StrAppend(&out, "  不能转换 cannot be mapped: ", std::string(mapped.status().message()), "\n");
    return out;
  }
  if (!mapped->ignored.empty()) absl::StrAppend(&out, "  不转发 not passed on: ", mapped->ignored, "\n");
  for (const ReportDraft& draft : mapped->reports) DescribeReport(draft, options.show_personal, offset, &out);
  for (const KeyAlias& alias : mapped->aliases) {
    absl::StrAppend(&out, "  编号对应 also known as: ", alias.known.Text(), " = ", alias.also.Text(), "\n");
  }
  for (const AckDraft& draft : mapped->acks) {
    absl::StrAppend(
        &out, "  回执 acknowledgment of ",
        draft.ack.delivery_id() != 0 ? absl::StrCat("delivery ", draft.ack.delivery_id()) : KeysText(draft.keys), "\n");
    Dump(draft.ack, "", options.show_personal, offset, &out);
  }
  for (const TransferDraft& draft : mapped->transfers) {
    absl::StrAppend(&out, "  移交 transfer of ", draft.external_id, " to ", draft.request.to(), "\n");
  }
  for (const CloseDraft& draft : mapped->closes) {
    absl::StrAppend(&out, "  办结 close of ", draft.external_id, ": ", draft.request.reason(), "\n");
  }
  for (const MapNote& note : mapped->notes) {
    absl::StrAppend(&out, "  提示 note: ", note.field, ": ", note.reason, ": ", note.zh, " (", note.en, ")\n");
  }
  std::vector<std::string> unused;
  for (const std::string& leaf : LeavesOf(message.tree)) {
    if (!used.contains(leaf) && !absl::StartsWith(leaf, absl::StrCat("/", std::string(kDerivedMember)))) {
      unused.push_back(leaf);
    }
  }
  if (!unused.empty()) {
    absl::StrAppend(&out, "  不出适配器的字段 fields that stay in the adapter: ", absl::StrJoin(unused, " "), "\n");
  }
  return out;
}

std::string DescribeRender(const Mapper& mapper, const v1::Delivery& delivery, const DescribeOptions& options) {
  std::string out = absl::StrCat("配置 profile: ", mapper.profile().id(),
                                 "\n任务 delivery: ", v1::DeliveryKind_Name(delivery.envelope().kind()), " ",
                                 delivery.envelope().delivery_id(), "\n");
  absl::StatusOr<Rendered> rendered = mapper.Render(delivery);
  if (!rendered.ok()) {
    absl::StrAppend(&out, "  不能转换 cannot be rendered: ", std::string(rendered.status().message()), "\n");
    return out;
  }
  if (!rendered->skip.empty()) {
    absl::StrAppend(&out, "  不发送 not sent: ", rendered->skip, "\n");
    return out;
  }
  absl::StrAppend(&out, "  ", rendered->kind, " ", rendered->method, " ", rendered->path, "\n");
  // Constants of the profile are nobody's data.
  std::set<std::string> plain;
  for (const v1::Mapping& mapping : mapper.profile().outbound(rendered->rule).field()) {
    if (!mapping.value().empty()) plain.insert(mapping.to());
  }
  DumpTree(rendered->tree, options.show_personal, plain, &out);
  if (!rendered->keys.empty()) absl::StrAppend(&out, "  记住的编号 remembered: ", KeysText(rendered->keys), "\n");
  return out;
}

}  // namespace liandong::adapters
