#include "adapters/client/error.h"

#include <gtest/gtest.h>

namespace liandong::adapters {
namespace {

TEST(ErrorTest, DetailTravelsWithTheStatus) {
  v1::ErrorDetail detail;
  detail.set_reason("NOT_YOUR_DELIVERY");
  detail.set_message_zh("不是发给你的");
  const absl::Status status = WithDetail(absl::PermissionDeniedError("delivery 7 is another party's"), detail);
  ASSERT_TRUE(DetailOf(status).has_value());
  EXPECT_EQ(DetailOf(status)->message_zh(), "不是发给你的");
  EXPECT_EQ(ErrorReasonOf(status), "NOT_YOUR_DELIVERY");
  EXPECT_EQ(status.message(), "delivery 7 is another party's");
}

TEST(ErrorTest, WithoutDetailThereIsNoReason) {
  EXPECT_FALSE(DetailOf(absl::UnavailableError("down")).has_value());
  EXPECT_EQ(ErrorReasonOf(absl::UnavailableError("down")), "");
}

TEST(ErrorTest, TheHubsWordAboutTryingAgainCountsMoreThanTheCode) {
  EXPECT_TRUE(WorthRetrying(absl::UnavailableError("down")));
  EXPECT_FALSE(WorthRetrying(absl::InvalidArgumentError("bad")));
  v1::ErrorDetail detail;
  detail.set_reason("X");
  detail.set_retry(false);
  EXPECT_FALSE(WorthRetrying(WithDetail(absl::UnavailableError("down"), detail)));
  detail.set_retry(true);
  EXPECT_TRUE(WorthRetrying(WithDetail(absl::FailedPreconditionError("not yet"), detail)));
}

TEST(ErrorTest, ErrorsInsideStreamsBecomeStatuses) {
  v1::ErrorDetail detail;
  detail.set_reason("OVERLOADED");
  detail.set_retry(true);
  EXPECT_TRUE(absl::IsResourceExhausted(StatusFromDetail(detail, "full")));
  detail.set_reason("BAD_FIELD");
  detail.set_retry(false);
  const absl::Status status = StatusFromDetail(detail, "");
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(status.message(), "BAD_FIELD");
}

}  // namespace
}  // namespace liandong::adapters
