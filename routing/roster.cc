#include "routing/roster.h"

#include <algorithm>
#include <optional>

#include "routing/roster_time.h"

namespace liandong::routing {
namespace {

constexpr int kDaysAhead = 8;  // a weekly shift begins again within this

// One time that a shift runs, in local minutes since 1970.
struct Run {
  int64_t from = 0;
  int64_t until = 0;
};

// The run of the shift that begins on this local day; nothing where it begins none.
std::optional<Run> RunOn(const v1::Shift& shift, const ShiftTimes& times, int64_t day) {
  if (!times.weekly || !BeginsOn(shift, day)) return std::nullopt;
  const int64_t begin = day * kMinutesPerDay + times.start;
  Run run{std::max(begin, times.from), std::min(begin + times.length, times.until)};
  if (run.from >= run.until) return std::nullopt;
  return run;
}

bool Covers(const v1::Shift& shift, const ShiftTimes& times, int64_t minute) {
  if (!times.weekly) return times.from <= minute && minute < times.until;
  const int64_t today = DayOf(minute);
  for (int64_t day : {today, today - 1}) {
    const std::optional<Run> run = RunOn(shift, times, day);
    if (run.has_value() && run->from <= minute && minute < run->until) return true;
  }
  return false;
}

}  // namespace

OnPost WhoIsOnPost(const v1::Post& post, int32_t utc_offset_minutes, int64_t now_ms) {
  const int64_t minute = LocalMinuteOf(now_ms, utc_offset_minutes);
  OnPost out{post.person(), post.phone_24h(), -1};
  // What was set down for this very time goes before the weekly habit.
  for (bool weekly : {false, true}) {
    for (int i = 0; i < post.shift_size() && out.shift < 0; ++i) {
      const std::optional<ShiftTimes> times = TimesOf(post.shift(i));
      if (times.has_value() && times->weekly == weekly && Covers(post.shift(i), *times, minute)) out.shift = i;
    }
  }
  if (out.shift < 0) return out;
  const v1::Shift& shift = post.shift(out.shift);
  out.person = shift.person();
  if (!shift.phone_24h().empty()) out.phone_24h = shift.phone_24h();
  return out;
}

int64_t NextShiftChange(const v1::Post& post, int32_t utc_offset_minutes, int64_t now_ms) {
  const int64_t minute = LocalMinuteOf(now_ms, utc_offset_minutes);
  int64_t next = 0;
  auto consider = [&](int64_t at) {
    if (at > minute && at < kForever && (next == 0 || at < next)) next = at;
  };
  for (const v1::Shift& shift : post.shift()) {
    const std::optional<ShiftTimes> times = TimesOf(shift);
    if (!times.has_value()) continue;
    if (!times->weekly) {
      consider(times->from);
      consider(times->until);
      continue;
    }
    // A weekly one that begins only later is looked at from its first day on.
    const int64_t first = std::max(DayOf(minute), times->from > minute ? DayOf(times->from) : 0);
    for (int64_t day = first - 1; day < first + kDaysAhead; ++day) {
      const std::optional<Run> run = RunOn(shift, *times, day);
      if (!run.has_value()) continue;
      consider(run->from);
      consider(run->until);
    }
  }
  return next == 0 ? 0 : (next - utc_offset_minutes) * 60'000;
}

}  // namespace liandong::routing
