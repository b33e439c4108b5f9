// GB/T 26875.3-2011: the contents of frames (application data units), DOMAIN 5.3 to 5.6. Pure: no clock, no I/O.
#ifndef LIANDONG_ADAPTERS_FIRE_119_GB26875_ADU_H_
#define LIANDONG_ADAPTERS_FIRE_119_GB26875_ADU_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/fire_119/gb26875.h"

namespace liandong::adapters::gb26875 {

struct DecodeOptions {
  int zone_offset_minutes = 8 * 60;  // of the device's clock
  bool heartbeat = true;
};

// One tree for each object of the frame. `status` is not OK when a part of the ADU could not be read (cut short, too
// many objects, bytes left over, reserved type, a frame without content that is no heartbeat); what could be read is in
// `events` all the same, because a fire in the first object must not wait for the second.
//
// Members of every event: "kind", "type" (the ADU type; a heartbeat has none), "device" (source address as decimal
// text), "serial", "frame_time" and "time" (ISO 8601 with offset; missing when the tag is impossible, which adds a
// note), "solicited" (answer to a read), "alarm" (bool: fire, or a manual alarm), "notes" (array of texts). By kind:
//   system_state     1  system_type system_name system_address state + normal fire fault shielded supervised started
//                       feedback delayed main_power_fault backup_power_fault bus_fault manual config_changed reset
//   component_state  2  system_* component_type component_name component_address zone number state text + normal fire
//                       fault shielded supervised started feedback delayed power_fault
//   component_analog 3  system_* component_* zone number analog_type analog_name raw value unit
//   operation        4  system_* flags operator + reset mute manual_alarm alarm_cleared self_test confirmed test
//   software_version 5  system_* major minor
//   system_config    6  system_* text
//   component_config 7  system_* component_* zone number text
//   system_time      8  system_*
//   device_state    21  state + normal fire fault main_power_fault backup_power_fault channel_fault line_fault
//   device_operation 24 flags operator + reset mute manual_alarm alarm_cleared self_test duty_answered test
//   device_version  25  major minor
//   device_config   26  text
//   device_time     28
//   heartbeat        -  an empty frame of command 2
//   user_defined 128-254  count raw (hex)
// SAFETY: a fire bit is an alarm whatever bit 0 (normal/test) says: real devices send alarms with bit 0 clear
// (DOMAIN 5.4).
struct Decoded {
  std::vector<nlohmann::json> events;
  absl::Status status;
};
Decoded DecodeAdu(const Frame& frame, const DecodeOptions& options = {});
// The events alone.
std::vector<nlohmann::json> Events(const Frame& frame, const DecodeOptions& options = {});

// Names of the standard's tables; "保留" for reserved and "用户自定义" for user values.
std::string SystemTypeName(uint8_t type);
std::string ComponentTypeName(uint8_t type);

// --- Commands of the centre (down types). Each gives the ADU; CommandFor says with which command byte it is sent. ---

struct SystemRef {
  uint8_t type = 1;
  uint8_t address = 1;
};
struct ComponentRef {
  SystemRef system;
  uint32_t address = 0;  // zone in the low, number in the high 16 bits
};

// kRequest for reads (61-68, 81-88), kControl for 89, 90, 91.
Command CommandFor(uint8_t type);

// `type` 61, 65, 66 or 68. InvalidArgument for other types, none, or more than the standard allows (102, 1, 3, 1).
absl::StatusOr<std::string> ReadSystemsAdu(uint8_t type, const std::vector<SystemRef>& systems);
// `type` 62, 63 or 67; at most 22, 63, 26.
absl::StatusOr<std::string> ReadComponentsAdu(uint8_t type, const std::vector<ComponentRef>& components);
// 64: the last `count` (1..102) operations from `start` on.
absl::StatusOr<std::string> ReadOperationsAdu(SystemRef system, uint8_t count, const TimeTag& start);
// 81, 85, 86 or 88: state, software version, configuration, time of the transmission device.
absl::StatusOr<std::string> ReadDeviceAdu(uint8_t type);
// 84.
absl::StatusOr<std::string> ReadDeviceOperationsAdu(uint8_t count, const TimeTag& start);
// 89: initialises the device.
std::string InitializeDeviceAdu();
// 90: `now` is the centre's time.
std::string SyncClockAdu(const TimeTag& now);
// 91 (查岗): the person on duty has `answer_within_minutes` (1..255) to press the key.
absl::StatusOr<std::string> InspectDutyAdu(uint8_t answer_within_minutes);

}  // namespace liandong::adapters::gb26875

#endif  // LIANDONG_ADAPTERS_FIRE_119_GB26875_ADU_H_
