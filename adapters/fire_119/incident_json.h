// 119's incident record (警情) and vehicle states as JSON or XML (DOMAIN 4.5). Kinds: "incident" (key warningCode) and
// "vehicle_state", whose codes are those of GA/T 974.39-2011; the field names around them differ by vendor and are
// options.
// "_derived" of a vehicle state: "state_code" and "state_name".
#ifndef LIANDONG_ADAPTERS_FIRE_119_INCIDENT_JSON_H_
#define LIANDONG_ADAPTERS_FIRE_119_INCIDENT_JSON_H_

#include <memory>
#include <string>

#include "adapters/text/codec.h"
#include "adapters/text/record_codec.h"

namespace liandong::adapters {

struct Fire119Options {
  std::string vehicle_event_field = "warningCode";
  std::string vehicle_id_field = "vehicleCode";
  std::string vehicle_state_field = "vehicleState";
  std::string vehicle_time_field = "stateTime";
  ReplyRule reply;
};

std::unique_ptr<Codec> MakeFire119IncidentCodec(Fire119Options options = {});

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_FIRE_119_INCIDENT_JSON_H_
