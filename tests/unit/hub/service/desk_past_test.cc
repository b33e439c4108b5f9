// Incidents that have left memory, and those that are secret.
#include <gtest/gtest.h>

#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

v1::StatusReply StatusOf(const Client& command) {
  Call call;
  v1::StatusReply reply;
  EXPECT_TRUE(command.desk->Status(&call, v1::StatusRequest(), &reply).ok());
  return reply;
}

grpc::Status Show(const Client& client, uint64_t id, v1::ShowIncidentReply* reply) {
  Call call;
  v1::ShowIncidentRequest request;
  request.set_incident_id(id);
  return client.desk->ShowIncident(&call, request, reply);
}

void AcknowledgeAll(TestHub& hub) {
  for (const char* party : {"power", "telecom", "police-110", "hotline-12345", "command", "town-one"}) {
    const Client client = hub.As(party);
    while (true) {
      Call call;
      v1::FetchReply fetched;
      ASSERT_TRUE(client.link->Fetch(&call, v1::FetchRequest(), &fetched).ok());
      if (fetched.delivery().empty()) break;
      v1::AcknowledgeRequest acks;
      for (const auto& delivery : fetched.delivery()) {
        v1::Acknowledgment* ack = acks.add_acknowledgment();
        ack->set_delivery_id(delivery.envelope().delivery_id());
        ack->set_state(v1::RECEIVED);
      }
      Call second;
      v1::AcknowledgeReply reply;
      ASSERT_TRUE(client.link->Acknowledge(&second, acks, &reply).ok());
    }
  }
}

TEST(DeskPast, WhatHasLeftMemoryIsListedShownAndExplained) {
  TestHub hub;
  const Client command = hub.As("command");
  const uint64_t gone = hub.Report("police-110", Flood("J1")).incident_id();
  const uint64_t open = hub.Report("police-110", Flood("J2")).incident_id();
  v1::CloseRequest close;
  close.set_incident_id(gone);
  close.set_reason("处置完毕");
  v1::ActionReply done;
  {
    Call call;
    ASSERT_TRUE(command.desk->Close(&call, close, &done).ok());
  }
  AcknowledgeAll(hub);
  ASSERT_TRUE(Eventually([&] { return StatusOf(command).incidents_in_memory() == 1; }));

  v1::ListIncidentsRequest list;
  v1::ListIncidentsReply listed;
  {
    Call call;
    ASSERT_TRUE(command.desk->ListIncidents(&call, list, &listed).ok());
    ASSERT_EQ(listed.incident_size(), 1);
  }
  list.set_include_closed(true);
  {
    Call call;
    ASSERT_TRUE(command.desk->ListIncidents(&call, list, &listed).ok());
    ASSERT_EQ(listed.incident_size(), 2);
    EXPECT_EQ(listed.incident(0).incident().incident_id(), open);
    EXPECT_EQ(listed.incident(1).incident().incident_id(), gone);
    EXPECT_EQ(listed.incident(1).incident().status(), v1::CLOSED);
    EXPECT_EQ(listed.incident(1).duty_size(), 2);
    EXPECT_FALSE(listed.more());
  }
  list.set_limit(1);
  {
    Call call;
    ASSERT_TRUE(command.desk->ListIncidents(&call, list, &listed).ok());
    ASSERT_EQ(listed.incident_size(), 1);
    EXPECT_TRUE(listed.more());
    list.set_before_incident_id(listed.incident(0).incident().incident_id());
  }
  {
    Call call;
    ASSERT_TRUE(command.desk->ListIncidents(&call, list, &listed).ok());
    ASSERT_EQ(listed.incident_size(), 1);
    EXPECT_EQ(listed.incident(0).incident().incident_id(), gone);
    EXPECT_FALSE(listed.more());
  }

  v1::ShowIncidentReply shown;
  ASSERT_TRUE(Show(command, gone, &shown).ok());
  EXPECT_EQ(shown.incident().status(), v1::CLOSED);
  EXPECT_EQ(shown.incident().reports(0).description(), "水已进屋");
  EXPECT_EQ(shown.duty_size(), 2);
  EXPECT_GE(shown.timeline_size(), 2);
  EXPECT_EQ(shown.timeline(0).what(), "REPORT");

  Call call;
  v1::ExplainIncidentRequest explain;
  explain.set_incident_id(gone);
  v1::ExplainIncidentReply explained;
  ASSERT_TRUE(command.desk->ExplainIncident(&call, explain, &explained).ok());
  ASSERT_EQ(explained.decision_size(), 1);
  EXPECT_EQ(explained.decision(0).clause_size(), 2);

  // A late retry is still the same report, an amendment still belongs to the same incident.
  const v1::Receipt late = hub.Report("police-110", Flood("J1"));
  EXPECT_EQ(late.outcome(), v1::REPEATED);
  EXPECT_EQ(late.incident_id(), gone);
}

TEST(DeskPast, ASecretIncidentShowsNothingToOthers) {
  TestHub hub;
  v1::Report report = Flood("S1");
  report.mutable_open()->set_secret(true);
  const uint64_t id = hub.Report("police-110", report).incident_id();
  const Client second = hub.As("command-two");
  v1::ShowIncidentReply shown;
  ASSERT_TRUE(Show(second, id, &shown).ok());
  EXPECT_TRUE(shown.incident().secret());
  EXPECT_EQ(shown.incident().category(), "");
  EXPECT_EQ(shown.incident().division(), "");
  EXPECT_EQ(shown.incident().reports_size(), 0);
  EXPECT_EQ(shown.duty_size(), 0);
  EXPECT_EQ(shown.timeline_size(), 0);
  {
    Call call;
    v1::ExplainIncidentRequest explain;
    explain.set_incident_id(id);
    v1::ExplainIncidentReply explained;
    const grpc::Status status = second.desk->ExplainIncident(&call, explain, &explained);
    EXPECT_EQ(status.error_code(), grpc::PERMISSION_DENIED);
    EXPECT_EQ(DetailOf(status).reason(), "NOT_ALLOWED");
  }
  {
    Call call;
    v1::ListIncidentsReply listed;
    ASSERT_TRUE(second.desk->ListIncidents(&call, v1::ListIncidentsRequest(), &listed).ok());
    ASSERT_EQ(listed.incident_size(), 1);
    EXPECT_EQ(listed.incident(0).incident().category(), "");
    EXPECT_EQ(listed.incident(0).duty_size(), 0);
  }
  // Its handler sees it, and nobody else got anything.
  ASSERT_TRUE(Show(hub.As("command"), id, &shown).ok());
  EXPECT_GT(shown.timeline_size(), 0);
  for (const char* party : {"power", "telecom", "town-one"}) {
    Call call;
    v1::FetchReply fetched;
    ASSERT_TRUE(hub.As(party).link->Fetch(&call, v1::FetchRequest(), &fetched).ok());
    EXPECT_EQ(fetched.delivery_size(), 0) << party;
  }
}

}  // namespace
}  // namespace liandong::service
