// The deployed 110-12345 interface (DOMAIN 4.2), both directions, and the 12345 work order (DOMAIN 4.3). Kinds:
//   "pushJjd"    POST /deal12345/pushJjd   a police call handed to 12345 (JJDBH)
//   "pushThxx"   POST /deal12345/pushThxx  an order returned, with the reason (FLOWID, HANDLEOPINION)
//   "pushFkd"    POST /deal12345/pushFkd   feedback (FLOWID, CJCZQK)
//   "CONFIRM"    receipt: JJDBH, RECEIVE 0/1, RECEIVETIME
//   "DYYY"       what 12345 says of a police call: 1 feedback, 2 returned, 3 visit to the caller (回访)
//   "work_order" a 12345 order (order_no)
// The tree is the record itself. "_derived" names the codes of DYYY ("reason_code", "reason_name") and CLJGDM
// ("result_...").
#ifndef LIANDONG_ADAPTERS_HOTLINE_12345_CODEC_H_
#define LIANDONG_ADAPTERS_HOTLINE_12345_CODEC_H_

#include <memory>
#include <string>

#include "adapters/text/codec.h"
#include "adapters/text/record_codec.h"

namespace liandong::adapters {

struct Hotline12345Options {
  ReplyRule reply;
};

std::unique_ptr<Codec> MakeHotline12345Codec(Hotline12345Options options = {});

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_HOTLINE_12345_CODEC_H_
