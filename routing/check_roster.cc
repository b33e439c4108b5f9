#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "routing/check.h"
#include "routing/check_text.h"
#include "routing/limits.h"
#include "routing/roster.h"
#include "routing/roster_time.h"

namespace liandong::routing {
namespace {

constexpr int kWeek = 7 * static_cast<int>(kMinutesPerDay);

struct Names {
  std::string en, zh;
};

Names NamesOf(const v1::Post& post) {
  return {absl::StrCat("post ", Quoted(post.id())), absl::StrCat("岗位 ", Quoted(post.id()))};
}

void CheckShift(const v1::Post& post, int index, Findings* out) {
  const v1::Shift& shift = post.shift(index);
  const Names names = NamesOf(post);
  const std::string en = absl::StrCat(names.en, ", shift ", index + 1),
                    zh = absl::StrCat(names.zh, ",第 ", index + 1, " 班");
  CheckPresent(shift, "person", shift.person(), en, zh, out);
  for (const char* field : {"from", "until"}) {
    const std::string& text = field[0] == 'f' ? shift.from() : shift.until();
    if (text.empty() || ParseMinute(text).has_value()) continue;
    out->Error(shift, field, -1,
               absl::StrCat(en, ": ", field, " ", Quoted(text), " is no time; write \"YYYY-MM-DD HH:MM\", local time"),
               absl::StrCat(zh, ":", field, " ", Quoted(text), " 不是时间;请写 \"YYYY-MM-DD HH:MM\"(当地时间)"));
    return;
  }
  if (TimesOf(shift).has_value()) return;
  out->Error(shift, "", -1,
             absl::StrCat(en,
                          ": covers no time; write from and until (later than from) for once, or start and end "
                          "(\"HH:MM\") for every week, with day where it is not every day"),
             absl::StrCat(zh,
                          ":没有有效时段;一次性值班写 from 和 until(后者较晚),每周值班写 start 和 end(\"HH:MM\"),"
                          "不是每天的再写 day"));
}

bool Overlap(const v1::Shift& a, const ShiftTimes& x, const v1::Shift& b, const ShiftTimes& y) {
  if (x.weekly != y.weekly) return false;  // that is a substitution: the single one goes before the weekly one
  if (std::max(x.from, y.from) >= std::min(x.until, y.until)) return false;
  if (!x.weekly) return true;
  // Minutes of the week, 0 a Monday 00:00.
  for (int i = 0; i < 7; ++i) {
    for (int j = 0; j < 7; ++j) {
      if (!BeginsOn(a, i + 4) || !BeginsOn(b, j + 4)) continue;  // 1970-01-05, day 4, was a Monday
      const int64_t p = i * kMinutesPerDay + x.start, q = j * kMinutesPerDay + y.start;
      for (int64_t around : {-kWeek, 0, kWeek}) {
        if (std::max(p, q + around) < std::min(p + x.length, q + around + y.length)) return true;
      }
    }
  }
  return false;
}

std::string OfWeek(int minute, bool zh) {
  static constexpr const char* kZh[] = {"周一", "周二", "周三", "周四", "周五", "周六", "周日"};
  static constexpr const char* kEn[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  const int day = minute / static_cast<int>(kMinutesPerDay), rest = minute % static_cast<int>(kMinutesPerDay);
  return absl::StrFormat("%s %02d:%02d", zh ? kZh[day] : kEn[day], rest / 60, rest % 60);
}

// The first stretch of the week that no open-ended weekly shift covers, where the post itself names nobody.
void CheckCover(const v1::Post& post, Findings* out) {
  if (!post.person().empty() || post.shift().empty()) return;
  std::vector<bool> covered(kWeek, false);
  for (const v1::Shift& shift : post.shift()) {
    const std::optional<ShiftTimes> times = TimesOf(shift);
    if (!times.has_value() || !times->weekly || times->until != kForever) continue;
    for (int day = 0; day < 7; ++day) {
      if (!BeginsOn(shift, day + 4)) continue;
      for (int i = 0; i < times->length; ++i)
        covered[(day * static_cast<int>(kMinutesPerDay) + times->start + i) % kWeek] = true;
    }
  }
  const auto gap = std::find(covered.begin(), covered.end(), false);
  if (gap == covered.end()) return;
  const auto end = std::find(gap, covered.end(), true);
  const int from = static_cast<int>(gap - covered.begin()), until = static_cast<int>(end - covered.begin()) % kWeek;
  const Names names = NamesOf(post);
  out->Warn(post, "", -1,
            absl::StrCat(names.en, ": nobody is on post from ", OfWeek(from, false), " until ", OfWeek(until, false),
                         "; add a shift, or a person to the post for all other time"),
            absl::StrCat(names.zh, ":", OfWeek(from, true), " 至 ", OfWeek(until, true),
                         " 无人值班;请补班次,或在岗位上写 person 作为其余时间的值班人"));
}

}  // namespace

void CheckRoster(const v1::Post& post, Findings* out) {
  const Names names = NamesOf(post);
  CheckCount(post, "shift", post.shift_size(), limits::kShiftsMax, names.en, names.zh, out);
  if (post.shift_size() > limits::kShiftsMax) return;
  std::vector<std::optional<ShiftTimes>> times;
  for (int i = 0; i < post.shift_size(); ++i) {
    CheckShift(post, i, out);
    times.push_back(TimesOf(post.shift(i)));
  }
  for (int i = 0; i < post.shift_size(); ++i) {
    for (int j = i + 1; j < post.shift_size(); ++j) {
      if (!times[i] || !times[j] || !Overlap(post.shift(i), *times[i], post.shift(j), *times[j])) continue;
      out->Warn(post.shift(j), "", -1,
                absl::StrCat(names.en, ": shift ", j + 1, " overlaps shift ", i + 1,
                             "; the first listed counts; mend the times of one"),
                absl::StrCat(names.zh, ":第 ", j + 1, " 班与第 ", i + 1, " 班重叠,以先列出的为准;请改其中一班的时间"));
    }
  }
  CheckCover(post, out);
}

}  // namespace liandong::routing
