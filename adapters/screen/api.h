// What the page may ask for: /api/..., and its own files. One call at a time comes in here on a worker thread and may
// wait for the hub; whatever acts is done by the hub in the person's name, with the person's session.
//
// Thread-safe. Nothing of a call's content, and no token, goes into a log.
#ifndef LIANDONG_ADAPTERS_SCREEN_API_H_
#define LIANDONG_ADAPTERS_SCREEN_API_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/client/hub_client.h"
#include "adapters/screen/board.h"
#include "adapters/screen/page.h"
#include "adapters/screen/sessions.h"
#include "adapters/transport/http_server.h"
#include "liandong/v1/screen_config.pb.h"
#include "liandong/v1/site.pb.h"

namespace liandong::screen {

class Api {
 public:
  struct Wall {
    std::string account;
    std::string certificate;  // PEM
  };
  struct Options {
    std::shared_ptr<adapters::HubClient> hub;
    Board* board = nullptr;
    Page page;
    std::vector<Wall> walls;
    v1::MapTiles tiles;  // url empty: none
    std::function<int64_t()> wall_ms, steady_ms;
  };
  explicit Api(Options options);

  adapters::HttpAnswer Handle(const adapters::HttpCall& call);
  // To be called about once a second on a thread of its own: sessions of open streams, links for the command centre.
  void KeepHouse();
  size_t sessions() const { return sessions_.size(); }

 private:
  using Call = adapters::HttpCall;
  using Answer = adapters::HttpAnswer;

  Answer Route(const Call& call);
  Answer RouteSignedIn(const Call& call, const SessionPtr& session);
  absl::StatusOr<SessionPtr> Who(const Call& call);
  // The hub, in the person's name and from where he is.
  std::shared_ptr<adapters::HubClient> As(const Call& call, const SessionPtr& session) const;
  absl::Status CheckChange(const Call& call, const Session& session) const;

  // api_session.cc
  Answer SignIn(const Call& call);
  absl::StatusOr<SessionPtr> SignInWall(const Call& call);
  Answer SignedIn(const SessionPtr& session);
  Answer SignOut(const Call& call, const SessionPtr& session);
  Answer Me(const SessionPtr& session);
  Answer ChangePassword(const Call& call, const SessionPtr& session);
  Answer EnrolTotp(const Call& call, const SessionPtr& session, bool confirm);

  // api_look.cc
  Answer Site(const Call& call);
  absl::StatusOr<std::shared_ptr<const v1::SiteSet>> CurrentSite();
  Answer View(const Call& call, const SessionPtr& session);
  Answer Events(const Call& call, const SessionPtr& session);
  Answer Incidents(const Call& call, const SessionPtr& session);
  Answer Deliveries(const Call& call, const SessionPtr& session);
  Answer Procedure(const Call& call, const SessionPtr& session);
  void AskForMonth();

  // api_act.cc
  Answer Act(const Call& call, const SessionPtr& session, absl::string_view name);
  Answer Acknowledge(const Call& call, const SessionPtr& session);
  Answer Report(const Call& call, const SessionPtr& session);

  Answer Json(const google::protobuf::Message& message) const;
  Answer Error(const absl::Status& status) const;
  // The refusal of an act or a look in a person's name; a session that the hub ended is forgotten.
  Answer Refused(const absl::Status& status, const Session& session);

  const Options options_;
  Sessions sessions_;
  std::atomic<int> signing_in_{0};

  std::mutex site_mutex_;
  std::shared_ptr<const v1::SiteSet> site_;
  int64_t site_ms_ = 0;
  std::mutex reader_mutex_;
  SessionPtr reader_;     // the latest who may read figures
  int64_t links_ms_ = 0;  // of KeepHouse only
  int64_t month_due_ms_ = 0;
};

// Of all answers: what browsers must not do with them.
void AddSecurityHeaders(const v1::MapTiles& tiles, adapters::HttpAnswer* answer);

// The value of a cookie in a Cookie header; "" when absent.
std::string CookieOf(absl::string_view header, absl::string_view name);
// The value of a parameter of a query string, percent signs taken as they are; "" when absent.
std::string ParameterOf(absl::string_view query, absl::string_view name);

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_API_H_
