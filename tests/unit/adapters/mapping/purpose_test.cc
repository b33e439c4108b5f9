// A drill is never mistaken: what cannot be marked is not sent.
#include "tests/unit/adapters/mapping/support.h"

namespace liandong::adapters {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

v1::Delivery Task(v1::Purpose purpose, v1::DeliveryKind kind = v1::TASK) {
  v1::Delivery delivery = FromText<v1::Delivery>(R"(
    envelope { delivery_id: 5 incident_id: 17 queued_at_ms: 1783880130000 }
    body { text: "请处理" incident { category: "natural.flood" category_zh: "洪涝灾害" division_zh: "青石镇" }
           feedback { at_ms: 1783880130000 state: ACCEPTED party_zh: "青石镇" } })");
  delivery.mutable_envelope()->set_purpose(purpose);
  delivery.mutable_envelope()->set_kind(kind);
  return delivery;
}

std::string Reason(const absl::Status& status) {
  return std::string(status.message()).substr(0, status.message().find(':'));
}

TEST(Purpose, EveryRuleOfTheCountyMarksAnExercise) {
  for (const char* name : {"police-110", "police-110-deal12345", "hotline-12345", "fire-119-json", "medical-120"}) {
    const Mapper mapper(County(name));
    for (int kind = v1::TASK; kind <= v1::NOTICE; ++kind) {
      absl::StatusOr<Rendered> exercise = mapper.Render(Task(v1::EXERCISE, static_cast<v1::DeliveryKind>(kind)));
      ASSERT_TRUE(exercise.ok()) << name << " " << kind << exercise.status();
      if (!exercise->skip.empty()) continue;
      EXPECT_THAT(exercise->tree.dump(), HasSubstr("\"【演练】")) << name << " " << kind;
      absl::StatusOr<Rendered> actual = mapper.Render(Task(v1::ACTUAL, static_cast<v1::DeliveryKind>(kind)));
      ASSERT_TRUE(actual.ok()) << actual.status();
      EXPECT_THAT(actual->tree.dump(), testing::Not(HasSubstr("演练"))) << name << " " << kind;
    }
  }
}

TEST(Purpose, WhatCannotBeMarkedIsNotSent) {
  v1::Profile profile = County("police-110");
  for (v1::OutboundRule& rule : *profile.mutable_outbound()) rule.clear_purpose_prefix_at();
  const Mapper mapper(profile);
  EXPECT_TRUE(mapper.Render(Task(v1::ACTUAL)).ok());
  for (const v1::Purpose purpose : {v1::EXERCISE, v1::TEST}) {
    const absl::Status status = mapper.Render(Task(purpose)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(Reason(status), kReasonExerciseNotCarried);
  }
}

TEST(Purpose, ATestIsNoExercise) {
  v1::Profile profile = County("police-110");
  profile.mutable_purpose()->mutable_prefix()->RemoveLast();
  const Mapper mapper(profile);
  EXPECT_TRUE(mapper.Render(Task(v1::EXERCISE)).ok());
  EXPECT_EQ(Reason(mapper.Render(Task(v1::TEST)).status()), kReasonExerciseNotCarried);
}

TEST(Purpose, AFieldCarriesItWhereTheFormatHasOne) {
  v1::Profile profile = County("medical-120");
  profile.mutable_purpose()->clear_prefix();
  profile.mutable_purpose()->set_to("/YT");
  profile.mutable_purpose()->set_table("use");
  *profile.add_table() = FromText<v1::ValueTable>(
      R"(name: "use" row { native: "S" ours: "ACTUAL" } row { native: "Y" ours: "EXERCISE" })");
  for (v1::OutboundRule& rule : *profile.mutable_outbound()) rule.clear_purpose_prefix_at();
  const Mapper mapper(profile);
  EXPECT_EQ(mapper.Render(Task(v1::EXERCISE))->tree.at("YT"), "Y");
  EXPECT_EQ(mapper.Render(Task(v1::ACTUAL))->tree.at("YT"), "S");
  EXPECT_EQ(Reason(mapper.Render(Task(v1::TEST)).status()), kReasonExerciseNotCarried);
}

TEST(Purpose, AnExerciseLinkTakesExercisesOnly) {
  v1::Profile profile = County("police-110");
  profile.mutable_purpose()->set_link(v1::EXERCISE);
  for (v1::OutboundRule& rule : *profile.mutable_outbound()) rule.clear_purpose_prefix_at();
  const Mapper mapper(profile);
  EXPECT_TRUE(mapper.Render(Task(v1::EXERCISE)).ok());
  // An actual task in a training system would be seen by nobody.
  EXPECT_EQ(Reason(mapper.Render(Task(v1::ACTUAL)).status()), kReasonPurposeMismatch);
  EXPECT_EQ(Reason(mapper.Render(Task(v1::TEST)).status()), kReasonPurposeMismatch);
}

TEST(Purpose, ADeliveryWithoutAPurposeIsNotSent) {
  EXPECT_EQ(Reason(Mapper(County("police-110")).Render(Task(v1::PURPOSE_UNSPECIFIED)).status()),
            kReasonPurposeMismatch);
}

TEST(Purpose, TheMarkStandsOnceAndComesBackAsAnExercise) {
  const Link link("police-110");
  v1::Delivery delivery = Task(v1::EXERCISE);
  v1::ReportView* report = delivery.mutable_body()->mutable_incident()->add_reports();
  report->set_party("hotline-12345");
  report->set_description("【演练】河水进屋");
  absl::StatusOr<Rendered> rendered = link.mapper.Render(delivery);
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  const std::string text = rendered->tree.at("body").at("BJNR");
  EXPECT_THAT(text, StartsWith("【演练】河水进屋"));
  absl::StatusOr<std::string> bytes =
      link.codec->Encode({rendered->kind, rendered->tree}, Encoding::kUtf8, Format::kJson);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  absl::StatusOr<Mapped> back = link.Take(*bytes);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->reports[0].report.open().purpose(), v1::EXERCISE);
}

}  // namespace
}  // namespace liandong::adapters
