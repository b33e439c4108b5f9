// What the desk reads: from memory on the sequencer's thread, from history and files on a worker. Free of gRPC.
//
// Thread-safety: every method may be called from any thread. `done` runs on the releaser's thread or a worker's. An
// error returned: `done` is not called.
#pragma once

#include "absl/status/status.h"
#include "hub/requests.h"
#include "hub/service/parts.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::service {

class DeskReader {
 public:
  explicit DeskReader(const Parts& parts) : parts_(parts) {}

  absl::Status List(const Caller& caller, const v1::ListIncidentsRequest& request,
                    hub::Done<v1::ListIncidentsReply> done);
  absl::Status Show(const Caller& caller, const v1::ShowIncidentRequest& request,
                    hub::Done<v1::ShowIncidentReply> done);
  absl::Status Explain(const Caller& caller, const v1::ExplainIncidentRequest& request,
                       hub::Done<v1::ExplainIncidentReply> done);
  absl::Status Posts(const Caller& caller, const v1::ListPostsRequest& request, hub::Done<v1::ListPostsReply> done);
  absl::Status Status(const Caller& caller, const v1::StatusRequest& request, hub::Done<v1::StatusReply> done);

  absl::Status Suggestions(const Caller& caller, const v1::ListSuggestionsRequest& request,
                           hub::Done<v1::ListSuggestionsReply> done);
  absl::Status UpwardReports(const Caller& caller, const v1::ListUpwardReportsRequest& request,
                             hub::Done<v1::ListUpwardReportsReply> done);
  absl::Status Stats(const Caller& caller, const v1::StatsRequest& request, hub::Done<v1::StatsReply> done);

 private:
  const Parts& parts_;
};

// Open suggestions that this incident is part of (0: all), best first, in words.
void AddSuggestions(const core::State& state, const core::Renderer& renderer, const std::string& reader,
                    uint64_t incident_id, size_t max, const std::function<v1::SuggestionLine*()>& add);

}  // namespace liandong::service
