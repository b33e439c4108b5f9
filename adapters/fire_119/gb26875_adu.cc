#include "adapters/fire_119/gb26875_adu.h"

#include <cmath>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "adapters/text/encoding.h"
#include "adapters/text/reason.h"
#include "adapters/text/time.h"

namespace liandong::adapters::gb26875 {
namespace {

using nlohmann::json;

constexpr size_t kTextBytes = 31;

constexpr const char* kSystemBits[] = {"normal",
                                       "fire",
                                       "fault",
                                       "shielded",
                                       "supervised",
                                       "started",
                                       "feedback",
                                       "delayed",
                                       "main_power_fault",
                                       "backup_power_fault",
                                       "bus_fault",
                                       "manual",
                                       "config_changed",
                                       "reset"};
constexpr const char* kComponentBits[] = {"normal",  "fire",     "fault",   "shielded",   "supervised",
                                          "started", "feedback", "delayed", "power_fault"};
constexpr const char* kDeviceBits[] = {"normal",        "fire",      "fault", "main_power_fault", "backup_power_fault",
                                       "channel_fault", "line_fault"};
constexpr const char* kOperationBits[] = {"reset",     "mute",      "manual_alarm", "alarm_cleared",
                                          "self_test", "confirmed", "test"};
constexpr const char* kDeviceOperationBits[] = {"reset",     "mute",          "manual_alarm", "alarm_cleared",
                                                "self_test", "duty_answered", "test"};

struct Analog {
  const char* name;
  const char* unit;
  double scale;
  double low;  // of the value; low > high: the standard gives no range
  double high;
};
// By analog type, from 1.
constexpr Analog kAnalogs[] = {
    {"事件计数", "件", 1, 0, 32000}, {"高度", "m", 0.01, 0, 320},   {"温度", "℃", 0.1, -273, 3200},
    {"压力", "MPa", 0.1, 1, 0},      {"压力", "kPa", 0.1, 1, 0},    {"气体浓度", "%LEL", 0.1, 0, 100},
    {"时间", "s", 1, 1, 0},          {"电压", "V", 0.1, 1, 0},      {"电流", "A", 0.1, 1, 0},
    {"流量", "L/s", 0.1, 1, 0},      {"风量", "m³/min", 0.1, 1, 0}, {"风速", "m/s", 1, 0, 20},
};

// Reads the ADU front to back. Take* may only be called for bytes that Has said are there.
class Bytes {
 public:
  explicit Bytes(std::string_view data) : data_(data) {}
  bool Has(size_t count) const { return data_.size() >= count; }
  size_t left() const { return data_.size(); }
  std::string_view rest() const { return data_; }
  uint8_t Peek(size_t at) const { return static_cast<uint8_t>(data_[at]); }
  uint8_t TakeByte() { return static_cast<uint8_t>(TakeLittle(1)); }
  uint16_t TakeWord() { return static_cast<uint16_t>(TakeLittle(2)); }
  std::string_view TakeText(size_t count) {
    std::string_view text = data_.substr(0, count);
    data_.remove_prefix(count);
    return text;
  }
  TimeTag TakeTime() {
    TimeTag tag;
    tag.second = TakeByte();
    tag.minute = TakeByte();
    tag.hour = TakeByte();
    tag.day = TakeByte();
    tag.month = TakeByte();
    tag.year = TakeByte();
    return tag;
  }

 private:
  uint32_t TakeLittle(size_t count) {
    uint32_t value = 0;
    for (size_t i = count; i-- > 0;) value = value << 8 | Peek(i);
    data_.remove_prefix(count);
    return value;
  }

  std::string_view data_;
};

void Note(json& event, std::string text) { event["notes"].push_back(std::move(text)); }

void PutTime(json& event, const char* member, const char* note, const TimeTag& tag, const DecodeOptions& options) {
  if (std::optional<int64_t> ms = TimeTagToMs(tag, options.zone_offset_minutes)) {
    event[member] = FormatTimeMs(*ms, TimeFormat::kIso8601, options.zone_offset_minutes);
    return;
  }
  Note(event, absl::StrFormat("%s: %02d-%02d-%02d %02d:%02d:%02d", note, tag.year, tag.month, tag.day, tag.hour,
                              tag.minute, tag.second));
}

template <size_t kCount>
void PutBits(json& event, const char* const (&names)[kCount], uint32_t value) {
  for (size_t bit = 0; bit < kCount; ++bit) event[names[bit]] = (value >> bit & 1) != 0;
  if (value >> kCount != 0) Note(event, "状态字的保留位非零");
}

template <size_t kCount>
void PutState(json& event, const char* const (&names)[kCount], uint32_t state) {
  event["state"] = state;
  PutBits(event, names, state);
  // Real devices send alarms with this bit clear (DOMAIN 5.4): it is told, and changes nothing.
  if ((state & 1) == 0) Note(event, "设备标记: 测试位未置正常");
  event["alarm"] = event["fire"];
}

template <size_t kCount>
void PutOperation(json& event, const char* const (&names)[kCount], Bytes& bytes) {
  uint8_t flags = bytes.TakeByte();
  event["flags"] = flags;
  PutBits(event, names, flags);
  event["operator"] = bytes.TakeByte();
  event["alarm"] = event["manual_alarm"];
}

void PutText(json& event, std::string_view raw) {
  raw = raw.substr(0, raw.find('\0'));
  LossyText text = ToUtf8Lossy(raw, Encoding::kGb18030);
  if (text.replaced) Note(event, "说明文字含无效的 GB18030 编码");
  if (text.cut) Note(event, "说明文字末尾的汉字不完整");
  event["text"] = std::string(absl::StripAsciiWhitespace(text.utf8));
}

void PutSystem(json& event, Bytes& bytes) {
  uint8_t type = bytes.TakeByte();
  event["system_type"] = type;
  event["system_name"] = SystemTypeName(type);
  event["system_address"] = bytes.TakeByte();
}

void PutComponent(json& event, Bytes& bytes) {
  PutSystem(event, bytes);
  uint8_t type = bytes.TakeByte();
  event["component_type"] = type;
  event["component_name"] = ComponentTypeName(type);
  uint32_t zone = bytes.TakeWord();
  uint32_t number = bytes.TakeWord();
  event["component_address"] = zone | number << 16;
  event["zone"] = zone;
  event["number"] = number;
}

void PutAnalog(json& event, Bytes& bytes) {
  PutComponent(event, bytes);
  uint8_t type = bytes.TakeByte();
  int16_t raw = static_cast<int16_t>(bytes.TakeWord());
  event["analog_type"] = type;
  event["raw"] = raw;
  if (type == 0 || type > std::size(kAnalogs)) {
    event["analog_name"] = type >= 128 ? "用户自定义" : "保留";
    return;
  }
  const Analog& analog = kAnalogs[type - 1];
  // Through hundredths, so that 25.3 is written as 25.3.
  double value = std::round(raw * analog.scale * 100) / 100;
  event["analog_name"] = analog.name;
  event["value"] = value;
  event["unit"] = analog.unit;
  if (analog.low <= analog.high && (value < analog.low || value > analog.high)) Note(event, "模拟量超出标准规定的范围");
}

void PutVersion(json& event, Bytes& bytes) {
  event["major"] = bytes.TakeByte();
  event["minor"] = bytes.TakeByte();
}

struct Layout {
  uint8_t type;
  const char* kind;
  size_t bytes;  // of one object without its time; of 6 and 26 the part before the text
  bool has_time;
  size_t objects_max;
};
// DOMAIN 5.3.
constexpr Layout kLayouts[] = {
    {1, "system_state", 4, true, 102},      {2, "component_state", 40, true, 22}, {3, "component_analog", 10, true, 63},
    {4, "operation", 4, true, 102},         {5, "software_version", 4, false, 1}, {6, "system_config", 3, false, 3},
    {7, "component_config", 38, false, 26}, {8, "system_time", 2, true, 1},       {21, "device_state", 1, true, 1},
    {24, "device_operation", 2, true, 127}, {25, "device_version", 2, false, 1},  {26, "device_config", 1, false, 1},
    {28, "device_time", 0, true, 1},
};

const Layout* FindLayout(uint8_t type) {
  for (const Layout& layout : kLayouts) {
    if (layout.type == type) return &layout;
  }
  return nullptr;
}

// Bytes of the object that `bytes` begins with; more than is left when it is cut short.
size_t ObjectBytes(const Layout& layout, const Bytes& bytes) {
  size_t size = layout.bytes + (layout.has_time ? 6 : 0);
  bool texted = layout.type == 6 || layout.type == 26;
  if (texted && bytes.Has(size)) size += bytes.Peek(size - 1);
  return size;
}

void PutObject(json& event, uint8_t type, Bytes& bytes) {
  switch (type) {
    case 1:
      PutSystem(event, bytes);
      return PutState(event, kSystemBits, bytes.TakeWord());
    case 2: {
      PutComponent(event, bytes);
      uint16_t state = bytes.TakeWord();
      PutState(event, kComponentBits, state);
      return PutText(event, bytes.TakeText(kTextBytes));
    }
    case 3:
      return PutAnalog(event, bytes);
    case 4:
      PutSystem(event, bytes);
      return PutOperation(event, kOperationBits, bytes);
    case 5:
      PutSystem(event, bytes);
      return PutVersion(event, bytes);
    case 6:
      PutSystem(event, bytes);
      return PutText(event, bytes.TakeText(bytes.TakeByte()));
    case 7:
      PutComponent(event, bytes);
      return PutText(event, bytes.TakeText(kTextBytes));
    case 8:
      return PutSystem(event, bytes);
    case 21:
      return PutState(event, kDeviceBits, bytes.TakeByte());
    case 24:
      return PutOperation(event, kDeviceOperationBits, bytes);
    case 25:
      return PutVersion(event, bytes);
    case 26:
      return PutText(event, bytes.TakeText(bytes.TakeByte()));
    default:
      return;
  }
}

json NewEvent(const Frame& frame, const char* kind, const DecodeOptions& options) {
  json event = {{"kind", kind},           {"device", absl::StrCat(frame.source)},
                {"serial", frame.serial}, {"solicited", frame.command == static_cast<uint8_t>(Command::kReply)},
                {"alarm", false},         {"notes", json::array()}};
  PutTime(event, "frame_time", "数据包时间标签无效", frame.time, options);
  return event;
}

absl::Status BadAdu(std::string_view zh, std::string_view en) { return BadMessage(kReasonBadAdu, zh, en); }

Decoded DecodeObjects(const Frame& frame, const Layout& layout, uint8_t count, Bytes bytes,
                      const DecodeOptions& options) {
  Decoded decoded;
  int type = layout.type;
  if (count == 0) decoded.status = BadAdu("信息对象数目为 0", "the ADU holds no objects");
  if (count > layout.objects_max) {
    decoded.status = BadAdu(absl::StrCat("类型 ", type, " 的信息对象有 ", count, " 个,上限 ", layout.objects_max),
                            absl::StrCat("type ", type, " with ", count, " objects, at most ", layout.objects_max));
  }
  for (int i = 0; i < count; ++i) {
    if (!bytes.Has(ObjectBytes(layout, bytes))) {
      decoded.status = BadAdu(absl::StrCat("类型 ", type, " 的第 ", i + 1, " 个信息对象不完整"),
                              absl::StrCat("object ", i + 1, " of type ", type, " is cut short"));
      return decoded;
    }
    json event = NewEvent(frame, layout.kind, options);
    event["type"] = layout.type;
    PutObject(event, layout.type, bytes);
    if (layout.has_time) PutTime(event, "time", "发生时间无效", bytes.TakeTime(), options);
    decoded.events.push_back(std::move(event));
  }
  if (bytes.left() > 0 && decoded.status.ok()) {
    decoded.status = BadAdu(absl::StrCat("信息对象之后多出 ", bytes.left(), " 字节"),
                            absl::StrCat(bytes.left(), " bytes are left after the objects"));
  }
  return decoded;
}

}  // namespace

Decoded DecodeAdu(const Frame& frame, const DecodeOptions& options) {
  Decoded decoded;
  bool answer =
      frame.command == static_cast<uint8_t>(Command::kAck) || frame.command == static_cast<uint8_t>(Command::kDeny);
  if (answer && frame.adu.empty()) return decoded;
  if (IsHeartbeat(frame, Options{.heartbeat = options.heartbeat})) {
    decoded.events.push_back(NewEvent(frame, "heartbeat", options));
    return decoded;
  }
  Bytes bytes(frame.adu);
  if (!bytes.Has(2)) {
    decoded.status = BadAdu("应用数据单元不足 2 字节", "an ADU of less than 2 bytes");
    return decoded;
  }
  uint8_t type = bytes.TakeByte();
  uint8_t count = bytes.TakeByte();
  if (const Layout* layout = FindLayout(type)) return DecodeObjects(frame, *layout, count, bytes, options);
  if (type < 128 || type == 255) {
    decoded.status =
        BadAdu(absl::StrCat("类型 ", type, " 不是上行数据类型"), absl::StrCat("type ", type, " is no upload"));
    return decoded;
  }
  json event = NewEvent(frame, "user_defined", options);
  event["type"] = type;
  event["count"] = count;
  event["raw"] = absl::BytesToHexString(absl::string_view(bytes.rest().data(), bytes.rest().size()));
  decoded.events.push_back(std::move(event));
  return decoded;
}

std::vector<json> Events(const Frame& frame, const DecodeOptions& options) {
  Decoded decoded = DecodeAdu(frame, options);
  return std::move(decoded.events);
}

}  // namespace liandong::adapters::gb26875
