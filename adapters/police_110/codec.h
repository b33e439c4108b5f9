// 110's own records, JSON {header, body} with pinyin-initial names (DOMAIN 4.1): kinds "JJDB" (接警单), "PJDB"
// (派警单), "FKDB" (反馈单) and "TD" (退单: a 派警单 that is handed back, TDSJ and CXYY).
//
// Tree: {"kind": "JJDB", "header": {...}, "body": {...}}. A body without {header, body} around it is taken as well,
// with an empty header. The kind comes from the header's type field if it is there and known, else from the fields of
// the body: FKDBH, then PJDBH (with TDSJ: TD), then JJDBH.
#ifndef LIANDONG_ADAPTERS_POLICE_110_CODEC_H_
#define LIANDONG_ADAPTERS_POLICE_110_CODEC_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/text/codec.h"
#include "adapters/text/record_codec.h"

namespace liandong::adapters {

struct Police110Options {
  // The header's own fields differ by site; these are looked at in order.
  std::vector<std::string> header_type_fields = {"type", "TYPE", "msgType", "MSGTYPE", "messageType", "XXLX"};
  // What the type field says, to our kind; compared in upper case. Added to the kinds' own names and 接警单 ....
  std::map<std::string, std::string> header_types;
  ReplyRule reply;
};

std::unique_ptr<Codec> MakePolice110Codec(Police110Options options = {});

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_POLICE_110_CODEC_H_
