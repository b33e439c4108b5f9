#include "adapters/mapping/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "adapters/mapping/text_file.h"
#include "liandong/v1/site.pb.h"

namespace liandong::adapters {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kHead[] =
    "id: 'p'\nparty: 'police-110'\ncodec: 'police_110'\nutc_offset_minutes: 480\npurpose { link: ACTUAL }\n";

std::string Error(const std::string& rest) {
  return std::string(ParseProfile("p.textproto", kHead + rest).status().message());
}

std::string ReportError(const std::string& field) {
  return Error("inbound {\n  kind: 'JJDB'\n  report {\n    external_id { from: '/body/JJDBH' }\n    " + field +
               "\n  }\n}\n");
}

TEST(Profile, TheHeadAloneIsGood) { EXPECT_EQ(Error(""), ""); }

TEST(Profile, SyntaxErrorsSayWhereAndWhatWasMeant) {
  EXPECT_THAT(Error("inbund { }"), HasSubstr("p.textproto:6:1: unknown field \"inbund\"; did you mean \"inbound\"?"));
  EXPECT_THAT(Error("table {\n  nmae: 'x'\n}"),
              HasSubstr("p.textproto:7:3: unknown field \"nmae\"; did you mean \"name\"?"));
  EXPECT_THAT(Error("datum: GCJ_02"), HasSubstr("did you mean \"GCJ02\"?"));
  EXPECT_THAT(Error("table {"), HasSubstr("p.textproto:"));
}

TEST(Profile, WhatMustBeSaid) {
  const std::string errors(ParseProfile("p.textproto", "id: ''").status().message());
  EXPECT_THAT(errors, HasSubstr("id is missing"));
  EXPECT_THAT(errors, HasSubstr("party is missing"));
  EXPECT_THAT(errors, HasSubstr("codec must be one of"));
  EXPECT_THAT(errors, HasSubstr("utc_offset_minutes is missing"));
  EXPECT_THAT(errors, HasSubstr("purpose.link is missing"));
}

TEST(Profile, TargetsAreFieldsOfOurs) {
  EXPECT_THAT(ReportError("field { from: '/body/A' to: 'open.categroy' }"),
              HasSubstr("p.textproto:10:29: to: 没有字段 \"categroy\",是否为 \"category\""));
  EXPECT_THAT(ReportError("field { from: '/body/A' to: 'external_id' }"), HasSubstr("has a rule of its own"));
  EXPECT_THAT(ReportError("field { from: '/body/A' to: 'open.secret' }"), HasSubstr("has a rule of its own"));
  EXPECT_THAT(ReportError("field { from: '/body/A' to: 'sealed.point.lat' }"), HasSubstr("has a rule of its own"));
  EXPECT_THAT(ReportError("field { from: '/body/A' to: 'open.counts' }"), HasSubstr("is no single value"));
  EXPECT_THAT(ReportError("field { from: 'body.A' to: 'open.category' }"), HasSubstr("must be written /field/field"));
  EXPECT_THAT(ReportError("field { to: 'open.category' }"), HasSubstr("exactly one of from, value and template"));
}

TEST(Profile, NoMoreDetailsThanTheHubTakes) {
  const auto with = [](int details) {
    std::string fields;
    for (int i = 0; i < details; ++i)
      fields += "field { value: 'x' to: 'sealed.details[" + std::to_string(i) + "]' }\n";
    return ReportError(fields);
  };
  EXPECT_EQ(with(64), "");
  EXPECT_THAT(with(65), HasSubstr("at most 64 sealed.details, here are 65"));
}

TEST(Profile, TransformsFitTheirFields) {
  EXPECT_THAT(ReportError("field { from: '/body/A' to: 'open.occurred_at_ms' }"), HasSubstr("a time needs as: TIME"));
  EXPECT_THAT(ReportError("field { from: '/body/A' to: 'open.category' as: TIME }"), HasSubstr("TIME is for fields"));
  EXPECT_THAT(ReportError("field { from: '/body/A' to: 'open.category' as: COUNT }"), HasSubstr("COUNT is for"));
  EXPECT_THAT(ReportError("field { from: '/body/A' to: 'open.category' as: UINT }"), HasSubstr("for outbound"));
  EXPECT_THAT(ReportError("field { from: '/body/A' to: 'open.division' }"), HasSubstr("needs as: DIVISION"));
  EXPECT_THAT(ReportError("field { value: 'HUGE' to: 'open.severity' }"), HasSubstr("is no value of open.severity"));
  EXPECT_THAT(ReportError("field { template: '{/body/A' to: 'open.category' }"), HasSubstr("{ without }"));
  EXPECT_THAT(ReportError("field { template: '{/a|nix}' to: 'open.category' }"), HasSubstr("no table \"nix\""));
}

TEST(Profile, TablesAreThereAndFit) {
  EXPECT_THAT(ReportError("field { from: '/body/A' to: 'open.severity' table: 'sevrity' }"),
              HasSubstr("no table \"sevrity\""));
  const std::string table = "table { name: 'severity' row { native: '1' ours: 'HUGE' } }\n";
  EXPECT_THAT(Error(table + "inbound { kind: 'JJDB' report { external_id { from: '/a' } field { from: '/b' to: "
                            "'open.severity' table: 'sverity' } } }"),
              HasSubstr("did you mean \"severity\"?"));
  EXPECT_THAT(Error(table + "inbound { kind: 'JJDB' report { external_id { from: '/a' } field { from: '/b' to: "
                            "'open.severity' table: 'severity' } } }"),
              HasSubstr("\"HUGE\" of table severity is no value of severity"));
  EXPECT_THAT(Error("table { name: 't' row { native: '1' ours: 'a' } row { native: '1' ours: 'b' } }"),
              HasSubstr("stands twice"));
  EXPECT_THAT(Error("table { name: 't' } table { name: 't' }"), HasSubstr("second table t"));
}

TEST(Profile, RulesMakeSense) {
  EXPECT_THAT(Error("inbound { kind: 'JDB' ignore: 'x' }"), HasSubstr("unknown kind \"JDB\"; did you mean \"JJDB\"?"));
  EXPECT_THAT(Error("inbound { kind: 'JJDB' }"), HasSubstr("either ignore with its reason"));
  EXPECT_THAT(Error("inbound { kind: 'JJDB' ignore: 'x' } inbound { kind: 'JJDB' ignore: 'y' }"),
              HasSubstr("never reached for JJDB"));
  EXPECT_THAT(
      Error("inbound { kind: 'PJDB' ack { key { name: 'nobody' from: '/a' } step { state: ACCEPTED at: '/b' } } }"),
      HasSubstr("no outbound rule remembers the key nobody"));
  EXPECT_THAT(Error("inbound { kind: 'PJDB' ack { key { name: 'delivery_id' from: '/a' } step { state: ACCEPTED } } }"),
              HasSubstr("a fixed state needs at or when"));
  EXPECT_THAT(Error("inbound { kind: 'JJDB' when { path: '/a' } ignore: 'x' }"), HasSubstr("asks for nothing"));
  EXPECT_THAT(Error("outbound { delivery: TASK }"), HasSubstr("exactly one of kind and skip"));
  EXPECT_THAT(Error("outbound { delivery: TASK kind: 'JJDB' field { from: 'body.incident.categroy' to: '/a' } }"),
              HasSubstr("did you mean \"category\"?"));
  EXPECT_THAT(Error("outbound { delivery: TASK kind: 'JJDB' field { from: 'incident.category' to: '/a' } }"),
              HasSubstr("must begin with"));
  EXPECT_THAT(Error("outbound { delivery: TASK kind: 'JJDB' field { from: 'envelope.queued_at_ms' to: '/a' } }"),
              HasSubstr("is in milliseconds: write as: TIME"));
  EXPECT_THAT(Error("outbound { delivery: TASK kind: 'JJDB' field { template: '{envelope.queued_at_ms}' to: '/a' } }"),
              HasSubstr("write {envelope.queued_at_ms|TIME}"));
  EXPECT_THAT(Error("outbound { delivery: TASK kind: 'JJDB' purpose_prefix_at: '/a' }"),
              HasSubstr("purpose_prefix_at needs purpose.prefix"));
  EXPECT_THAT(Error("auth_in { hmac_header: 'X' secret_file: 's' hmac_signed: '{timestamp}' }"),
              HasSubstr("must contain {body}"));
}

TEST(Profile, AllErrorsAtOnce) {
  const std::string errors =
      ReportError("field { from: 'x' to: 'open.category' }\n    field { from: '/y' to: 'open.nothing' }");
  EXPECT_THAT(errors, HasSubstr("p.textproto:10:"));
  EXPECT_THAT(errors, HasSubstr("p.textproto:11:"));
}

TEST(Profile, FilesThatAreNotThere) {
  EXPECT_EQ(LoadProfile("/nonexistent/p.textproto").status().code(), absl::StatusCode::kNotFound);
}

TEST(Profile, SecretFilesAreFoundBesideTheProfile) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "profile_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "p.textproto") << kHead << "auth_in { token_header: 'X' secret_file: 'a.secret' }";
  absl::StatusOr<v1::Profile> profile = LoadProfile((folder / "p.textproto").string());
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(profile->auth_in().secret_file(), (folder / "a.secret").string());
  std::filesystem::remove_all(folder);
}

TEST(Profile, HttpDefaultsAreThoseOfTheDeployedInterface) {
  const v1::HttpSettings http = HttpOf(v1::Profile());
  EXPECT_EQ(http.timeout_ms(), 3000u);
  EXPECT_EQ(http.retry_every_s(), 300u);
  EXPECT_EQ(http.max_tries(), 5u);
}

TEST(Profile, TheCountysProfilesAreGoodAndUseItsCategories) {
  absl::StatusOr<std::string> text = ReadTextFile("deploy/county/site/categories.textproto");
  ASSERT_TRUE(text.ok()) << text.status();
  v1::CategoryFile categories;
  ASSERT_TRUE(ParseTextProto("categories.textproto", *text, &categories).ok());
  std::set<std::string> known;
  for (const v1::Category& category : categories.category()) known.insert(category.code());
  int profiles = 0;
  for (const auto& entry : std::filesystem::directory_iterator("deploy/county/profiles")) {
    if (entry.path().extension() != ".textproto") continue;
    absl::StatusOr<v1::Profile> profile = LoadProfile(entry.path().string());
    ASSERT_TRUE(profile.ok()) << profile.status();
    EXPECT_EQ(profile->id(), entry.path().stem().string());
    const std::vector<std::string> codes = CategoriesOf(*profile);
    EXPECT_THAT(codes, Not(IsEmpty()));
    for (const std::string& code : codes) EXPECT_TRUE(known.contains(code)) << entry.path() << ": " << code;
    ++profiles;
  }
  EXPECT_EQ(profiles, 6);
}

}  // namespace
}  // namespace liandong::adapters
