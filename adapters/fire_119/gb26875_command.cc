// The centre's commands (down types) of GB/T 26875.3-2011, DOMAIN 5.3.
#include "absl/strings/str_cat.h"
#include "adapters/fire_119/gb26875_adu.h"
#include "adapters/text/reason.h"

namespace liandong::adapters::gb26875 {
namespace {

// The most entries of one operation read (types 64, 84).
constexpr uint8_t kOperationsMax = 102;

char Char(size_t value) { return static_cast<char>(value); }

std::string Head(uint8_t type, size_t count) { return {Char(type), Char(count)}; }

void Append(std::string& out, const SystemRef& system) {
  out += Char(system.type);
  out += Char(system.address);
}

void Append(std::string& out, const TimeTag& tag) {
  for (uint8_t part : {tag.second, tag.minute, tag.hour, tag.day, tag.month, tag.year}) out += Char(part);
}

absl::Status BadCommand(uint8_t type, std::string_view zh, std::string_view en) {
  return BadMessage(kReasonBadAdu, absl::StrCat("类型 ", type, " ", std::string(zh)),
                    absl::StrCat("type ", type, " ", std::string(en)));
}

absl::Status CheckCount(uint8_t type, size_t count, size_t max) {
  if (count >= 1 && count <= max) return absl::OkStatus();
  return BadCommand(type, absl::StrCat("应有 1 至 ", max, " 个对象"), absl::StrCat("takes 1 to ", max, " objects"));
}

}  // namespace

Command CommandFor(uint8_t type) {
  return type == 89 || type == 90 || type == 91 ? Command::kControl : Command::kRequest;
}

absl::StatusOr<std::string> ReadSystemsAdu(uint8_t type, const std::vector<SystemRef>& systems) {
  size_t max = type == 61 ? 102 : type == 66 ? 3 : type == 65 || type == 68 ? 1 : 0;
  if (max == 0) return BadCommand(type, "不是按系统读取的命令", "is no read of systems");
  if (absl::Status status = CheckCount(type, systems.size(), max); !status.ok()) return status;
  std::string out = Head(type, systems.size());
  for (const SystemRef& system : systems) Append(out, system);
  return out;
}

absl::StatusOr<std::string> ReadComponentsAdu(uint8_t type, const std::vector<ComponentRef>& components) {
  size_t max = type == 62 ? 22 : type == 63 ? 63 : type == 67 ? 26 : 0;
  if (max == 0) return BadCommand(type, "不是按部件读取的命令", "is no read of components");
  if (absl::Status status = CheckCount(type, components.size(), max); !status.ok()) return status;
  std::string out = Head(type, components.size());
  for (const ComponentRef& component : components) {
    Append(out, component.system);
    for (int i = 0; i < 4; ++i) out += Char(component.address >> (8 * i) & 0xFF);
  }
  return out;
}

absl::StatusOr<std::string> ReadOperationsAdu(SystemRef system, uint8_t count, const TimeTag& start) {
  if (absl::Status status = CheckCount(64, count, kOperationsMax); !status.ok()) return status;
  std::string out = Head(64, 1);
  Append(out, system);
  out += Char(count);
  Append(out, start);
  return out;
}

absl::StatusOr<std::string> ReadDeviceAdu(uint8_t type) {
  if (type != 81 && type != 85 && type != 86 && type != 88) {
    return BadCommand(type, "不是读取传输装置的命令", "is no read of the transmission device");
  }
  return Head(type, 1) + Char(0);
}

absl::StatusOr<std::string> ReadDeviceOperationsAdu(uint8_t count, const TimeTag& start) {
  if (absl::Status status = CheckCount(84, count, kOperationsMax); !status.ok()) return status;
  std::string out = Head(84, 1) + Char(count);
  Append(out, start);
  return out;
}

std::string InitializeDeviceAdu() { return Head(89, 1) + Char(0); }

std::string SyncClockAdu(const TimeTag& now) {
  std::string out = Head(90, 1);
  Append(out, now);
  return out;
}

absl::StatusOr<std::string> InspectDutyAdu(uint8_t answer_within_minutes) {
  if (answer_within_minutes == 0)
    return BadCommand(91, "的应答时限至少 1 分钟", "needs at least 1 minute for the answer");
  return Head(91, 1) + Char(answer_within_minutes);
}

}  // namespace liandong::adapters::gb26875
