// How incidents, duties and deliveries read on a terminal. Pure functions.
#ifndef LIANDONG_ADAPTERS_CLI_VIEW_H_
#define LIANDONG_ADAPTERS_CLI_VIEW_H_

#include <string>

#include "liandong/v1/delivery.pb.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::cli {

// "【演练 exercise】 " in front of whatever is not actual; empty for what is.
std::string PurposeMark(v1::Purpose purpose);

// "power-2022 4.2 (第 3 版 v3)".
std::string ClauseText(const v1::ClauseRef& ref);

// One row for each incident: id, status, category, place, holder, and how its duties stand.
std::string IncidentTable(const v1::ListIncidentsReply& reply);

// Everything about one incident.
std::string IncidentText(const v1::ShowIncidentReply& reply);

// Why it went where it went.
std::string ExplainText(const v1::ExplainIncidentReply& reply);

// One delivery: a heading line and what a person needs to act.
// Every response in force, with what the law asks to be told of it; empty: none.
std::string ResponseText(const v1::StatusReply& reply);

std::string DeliveryText(const v1::Delivery& delivery);

// "受理 accepted / 到场 on scene", or where the first ladder stands.
std::string LadderText(v1::AckState transport, v1::AckState person, v1::AckState field);

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_VIEW_H_
