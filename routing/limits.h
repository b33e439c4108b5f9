// Bounds of a site set and of matching. A set beyond one of them is refused whole, with the bound in the message.
#ifndef LIANDONG_ROUTING_LIMITS_H_
#define LIANDONG_ROUTING_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace liandong::routing::limits {

// Files: a county signs tens of agreements; a hundred times that is a wrong directory.
inline constexpr size_t kAgreementFilesMax = 5000;
inline constexpr size_t kFileBytesMax = 8u << 20;  // a division file with outlines of a large county is about 2 MB
// The set is one record of the log and one message in memory at adoption.
inline constexpr size_t kSetBytesMax = 32u << 20;
inline constexpr int kNestingMax = 20;  // the deepest message of a configuration file nests 6

// Findings of one check: more than a screen or two help nobody, and a wrong file would bring millions.
inline constexpr size_t kErrorsListedMax = 100;
inline constexpr size_t kWarningsListedMax = 100;
// Alternatives tried for "did you mean": edit distance is quadratic in the length.
inline constexpr size_t kSuggestLengthMax = 64;
inline constexpr size_t kSuggestCandidatesMax = 2000;

// The set.
inline constexpr int kPartiesMax = 2000;        // a province's command centre
inline constexpr int kPostsMax = 10000;         // five posts a party
inline constexpr int kShiftsMax = 128;          // of one post: a month of days with three shifts, and the weekly ones
inline constexpr int kDivisionsMax = 50000;     // the villages of a prefecture
inline constexpr int kCategoriesMax = 5000;     // GB/T 35561 has some hundreds
inline constexpr int kHolidaysMax = 5000;       // a century of them
inline constexpr int kStatutoryRulesMax = 500;  // looked through for each incident that changes
inline constexpr int kRetentionRulesMax = 64;   // six classes of fields, each with a handful of reasons
inline constexpr uint32_t kRetentionDaysMin = 1;
inline constexpr uint32_t kRetentionDaysMax = 36500;  // a century: permanent, as archives say
inline constexpr int kClausesMax = 50000;             // matching is measured to 40,000
inline constexpr int kOutlinePointsMax = 20000;
inline constexpr int kExternalCodesMax = 64;
inline constexpr int kCategoryDepthMax = 8;

// One agreement.
inline constexpr int kSignersMax = 500;
inline constexpr int kConditionsMax = 64;  // alternatives of one clause
inline constexpr int kValuesMax = 500;     // categories, divisions, sources or words of one condition
inline constexpr int kTimeWindowsMax = 16;
inline constexpr int kConditionNestingMax = 3;  // any_of and none_of; deeper is several whens, or nobody can read it
inline constexpr int kNestedMax = 32;           // members of one any_of or none_of
inline constexpr int kOverridesMax = 100;       // of one clause
inline constexpr uint32_t kScoreMax = 100;      // auto_merge_score
inline constexpr int kDutiesMax = 64;           // of one clause
inline constexpr int kStepsMax = 8;             // of one duty: at 5 minutes each the last is told after 40
inline constexpr size_t kMergedStepsMax = 16;   // of the merged duty of one party

// Texts, in bytes; a Chinese character takes 3.
inline constexpr size_t kIdBytesMin = 2;
inline constexpr size_t kIdBytesMax = 64;  // becomes part of a certificate's URI name
inline constexpr size_t kClauseIdBytesMax = 32;
inline constexpr size_t kNameBytesMax = 256;
inline constexpr size_t kClauseTextBytesMax = 8192;
inline constexpr size_t kWordBytesMax = 96;  // 32 Chinese characters
inline constexpr size_t kCodeBytesMax = 128;
inline constexpr size_t kTrustDomainBytesMax = 255;  // SPIFFE-ID, section 2.1

// Times.
inline constexpr uint32_t kDeadlineSecondsMax = 30 * 24 * 3600;  // an acceptance of a month is a matter for a letter
inline constexpr int32_t kUtcOffsetMinutesMin = -720;
inline constexpr int32_t kUtcOffsetMinutesMax = 840;
inline constexpr int kExpirySoonDays = 60;                      // time to sign again
inline constexpr uint32_t kEscalationWaitDefaultSeconds = 300;  // SiteSettings.escalation_wait_s at 0

// Coverage: steps of one analysis. 4,000 clauses over 300 categories and 500 divisions take some hundred thousand; a
// set that takes more than this is said to be not wholly looked at.
inline constexpr size_t kCoverageStepsMax = 20'000'000;
inline constexpr size_t kCoverageBoxesMax = 200'000;  // gaps and overlaps before boxes are joined: some hundred MB
inline constexpr size_t kDeadlinePairsMax = 100;      // of one party: each is walked by itself, some ms
inline constexpr size_t kRegionNamesMax = 6;          // categories or areas that a finding lists by name

// Matching.
inline constexpr int kNearMissesMax = 8;  // Decision.near_miss
// Clauses that ask for words but for no category are found by their words; this many of them are looked at beyond
// that, so that "the word is not in the text" can be told.
inline constexpr size_t kNearMissLookedAt = 256;
inline constexpr int kWantedListedMax = 10;  // values of a condition that a near miss quotes

}  // namespace liandong::routing::limits

#endif  // LIANDONG_ROUTING_LIMITS_H_
