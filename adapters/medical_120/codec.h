// 120's event and vehicle state messages (DOMAIN 4.4). Kinds: "EVENT_INFO" (key SJH) and "vehicle_state".
//
// The vehicle codes 0..9 are the ones of a deployed product; the field names around them differ by vendor and are
// options.
// "_derived" of a vehicle state: "state_code" and "state_name".
#ifndef LIANDONG_ADAPTERS_MEDICAL_120_CODEC_H_
#define LIANDONG_ADAPTERS_MEDICAL_120_CODEC_H_

#include <memory>
#include <string>

#include "adapters/text/codec.h"
#include "adapters/text/record_codec.h"

namespace liandong::adapters {

struct Medical120Options {
  std::string vehicle_event_field = "SJH";
  std::string vehicle_id_field = "CLBH";
  std::string vehicle_state_field = "CLZT";
  std::string vehicle_time_field = "ZTSJ";
  ReplyRule reply;
};

std::unique_ptr<Codec> MakeMedical120Codec(Medical120Options options = {});

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_MEDICAL_120_CODEC_H_
