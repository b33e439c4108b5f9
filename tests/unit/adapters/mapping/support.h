// The county's profiles with their codecs, and comparison of messages by their text.
#ifndef LIANDONG_TESTS_UNIT_ADAPTERS_MAPPING_SUPPORT_H_
#define LIANDONG_TESTS_UNIT_ADAPTERS_MAPPING_SUPPORT_H_

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "adapters/fire_119/incident_json.h"
#include "adapters/hotline_12345/codec.h"
#include "adapters/mapping/mapper.h"
#include "adapters/mapping/profile.h"
#include "adapters/medical_120/codec.h"
#include "adapters/police_110/codec.h"
#include "adapters/text/codec.h"
#include "adapters/text/reason.h"

namespace liandong::adapters {

inline v1::Profile County(const std::string& name) {
  absl::StatusOr<v1::Profile> profile = LoadProfile("deploy/county/profiles/" + name + ".textproto");
  EXPECT_TRUE(profile.ok()) << profile.status();
  return profile.value_or(v1::Profile());
}

inline std::unique_ptr<Codec> CodecOf(const v1::Profile& profile) {
  if (profile.codec() == "police_110") return MakePolice110Codec();
  if (profile.codec() == "hotline_12345") return MakeHotline12345Codec();
  if (profile.codec() == "fire_119_incident") return MakeFire119IncidentCodec();
  if (profile.codec() == "medical_120") return MakeMedical120Codec();
  return nullptr;
}

// One link: its profile and its format.
struct Link {
  explicit Link(const std::string& name) : mapper(County(name)), codec(CodecOf(mapper.profile())) {}
  explicit Link(v1::Profile profile) : mapper(std::move(profile)), codec(CodecOf(mapper.profile())) {}

  NativeMessage Decode(const std::string& json, const std::string& path = "") const {
    absl::StatusOr<NativeMessage> message = codec->Decode(path, json, Encoding::kAuto);
    EXPECT_TRUE(message.ok()) << message.status();
    return message.value_or(NativeMessage{});
  }
  absl::StatusOr<Mapped> Take(const std::string& json, const std::string& path = "") const {
    return mapper.Map(Decode(json, path));
  }

  Mapper mapper;
  std::unique_ptr<Codec> codec;
};

template <typename M>
M FromText(const std::string& text) {
  M message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// Whole messages: a field too many is as wrong as one too few.
template <typename M>
void ExpectText(const M& got, const std::string& expected) {
  const M want = FromText<M>(expected);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(got, want)) << "got:\n"
                                                                             << got.Utf8DebugString() << "\nexpected:\n"
                                                                             << want.Utf8DebugString();
}

inline std::vector<std::string> Reasons(const Mapped& mapped) {
  std::vector<std::string> reasons;
  for (const MapNote& note : mapped.notes) reasons.push_back(note.field + " " + note.reason);
  return reasons;
}

}  // namespace liandong::adapters

#endif  // LIANDONG_TESTS_UNIT_ADAPTERS_MAPPING_SUPPORT_H_
