#include "adapters/runtime/codecs.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapters/fire_119/incident_json.h"
#include "adapters/hotline_12345/codec.h"
#include "adapters/medical_120/codec.h"
#include "adapters/police_110/codec.h"

namespace liandong::adapters {
namespace {

void Set(const std::string& from, std::string* to) {
  if (!from.empty()) *to = from;
}

ReplyRule ReplyOf(const v1::OurReply& ours) {
  ReplyRule rule;
  Set(ours.code_field(), &rule.code_field);
  Set(ours.message_field(), &rule.message_field);
  Set(ours.data_field(), &rule.data_field);
  Set(ours.accepted_code(), &rule.accepted_code);
  Set(ours.duplicate_code(), &rule.duplicate_code);
  Set(ours.bad_code(), &rule.bad_code);
  Set(ours.busy_code(), &rule.busy_code);
  return rule;
}

template <typename Options>
Options VehicleOptions(const v1::Profile& profile) {
  Options options;
  const v1::CodecOptions& ours = profile.codec_options();
  Set(ours.vehicle_event_field(), &options.vehicle_event_field);
  Set(ours.vehicle_id_field(), &options.vehicle_id_field);
  Set(ours.vehicle_state_field(), &options.vehicle_state_field);
  Set(ours.vehicle_time_field(), &options.vehicle_time_field);
  options.reply = ReplyOf(profile.our_reply());
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Codec>> MakeCodec(const v1::Profile& profile) {
  if (profile.codec() == "police_110") {
    Police110Options options;
    const v1::CodecOptions& ours = profile.codec_options();
    if (ours.header_type_field_size() > 0) {
      options.header_type_fields.assign(ours.header_type_field().begin(), ours.header_type_field().end());
    }
    for (const v1::NamePair& pair : ours.header_type()) {
      options.header_types[absl::AsciiStrToUpper(pair.from())] = pair.to();
    }
    options.reply = ReplyOf(profile.our_reply());
    return MakePolice110Codec(std::move(options));
  }
  if (profile.codec() == "hotline_12345") return MakeHotline12345Codec({ReplyOf(profile.our_reply())});
  if (profile.codec() == "fire_119_incident") {
    return MakeFire119IncidentCodec(VehicleOptions<Fire119Options>(profile));
  }
  if (profile.codec() == "medical_120") return MakeMedical120Codec(VehicleOptions<Medical120Options>(profile));
  return absl::InvalidArgumentError(
      absl::StrCat("profile ", profile.id(), ": codec \"", profile.codec(), "\" 不是记录格式 (is no record format)"));
}

gb26875::Options FrameOptions(const v1::Profile& profile) {
  const v1::CodecOptions& ours = profile.codec_options();
  return {ours.checksum_from_command(), ours.checksum_xor(), !ours.no_heartbeat()};
}

Encoding EncodingOf(const v1::Profile& profile) {
  return EncodingFromName(profile.encoding()).value_or(Encoding::kUtf8);
}

Format FormatOf(const v1::Profile& profile) {
  return profile.format() == v1::Profile::XML ? Format::kXml : Format::kJson;
}

}  // namespace liandong::adapters
