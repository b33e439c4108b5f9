// Deterministic damage for malformed-input tests.
#ifndef LIANDONG_TESTS_UNIT_ADAPTERS_MUTATE_H_
#define LIANDONG_TESTS_UNIT_ADAPTERS_MUTATE_H_

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "adapters/text/codec.h"
#include "adapters/text/json.h"
#include "adapters/text/reason.h"

namespace liandong::adapters {

// One to three edits: a byte changed, some bytes cut out, some bytes doubled.
inline std::string Mutate(std::string bytes, std::mt19937& random) {
  for (unsigned edits = 1 + random() % 3; edits > 0 && !bytes.empty(); --edits) {
    size_t at = random() % bytes.size();
    switch (random() % 3) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes.erase(at, 1 + random() % 8);
        break;
      default:
        bytes.insert(at, bytes.substr(at, 1 + random() % 8));
    }
  }
  return bytes;
}

// What every record codec owes to every sample: what it decodes it can encode again to the same tree, every truncation
// is an error with a reason, and damage never does worse than that. No error repeats `secret`, a text inside the
// sample.
inline void ExpectSturdy(const Codec& codec, std::string_view path, const std::string& sample,
                         std::string_view secret) {
  auto whole = codec.Decode(path, sample, Encoding::kUtf8);
  ASSERT_TRUE(whole.ok()) << whole.status();
  for (Format format : {Format::kJson, Format::kXml}) {
    auto bytes = codec.Encode(*whole, Encoding::kGb18030, format);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    auto again = codec.Decode(path, *bytes, Encoding::kAuto);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->kind, whole->kind);
    if (format == Format::kJson) {
      EXPECT_EQ(again->tree, whole->tree);
    }
  }
  ASSERT_NE(sample.find(secret), std::string::npos);
  auto expect_error = [&](const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(ReasonOf(status), "") << status;
    EXPECT_EQ(std::string(status.message()).find(secret), std::string::npos) << status;
  };
  for (size_t cut = 0; cut < sample.size(); ++cut) {
    auto part = codec.Decode(path, sample.substr(0, cut), Encoding::kUtf8);
    ASSERT_FALSE(part.ok()) << cut;
    expect_error(part.status());
  }
  std::mt19937 random(119);
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string mutant = Mutate(sample, random);
    auto message = codec.Decode(path, mutant, i % 2 == 0 ? Encoding::kUtf8 : Encoding::kAuto);
    if (!message.ok()) {
      ++refused;
      expect_error(message.status());
      continue;
    }
    auto bytes = codec.Encode(*message, Encoding::kUtf8, Format::kJson);
    ASSERT_TRUE(bytes.ok()) << bytes.status() << mutant;
    auto again = codec.Decode(path, *bytes, Encoding::kUtf8);
    ASSERT_TRUE(again.ok()) << again.status() << *bytes;
    EXPECT_EQ(codec.Encode(*again, Encoding::kUtf8, Format::kJson).value(), *bytes);
  }
  EXPECT_GT(refused, 100);
  EXPECT_LT(refused, 3000);
}

}  // namespace liandong::adapters

#endif  // LIANDONG_TESTS_UNIT_ADAPTERS_MUTATE_H_
