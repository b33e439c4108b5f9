#include "hub/service/adopt.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "routing/check.h"

namespace liandong::service {

absl::Status Adopt(const Parts& parts, v1::Actor actor, v1::SiteSet site, hub::Done<v1::AdoptSiteSetReply> done) {
  // The check of a county's set takes tens of milliseconds: not on a thread that others wait for.
  return parts.workers->Run([&parts, actor = std::move(actor), site = std::move(site), done = std::move(done)]() {
    routing::Findings findings;
    routing::CheckSet(site, absl::ToUnixMillis(absl::Now()), &findings);
    auto warnings = std::make_shared<std::vector<std::string>>();
    for (const routing::Finding& finding : findings.Take()) {
      if (finding.warning) warnings->push_back(absl::StrCat(finding.TextZh(), " / ", finding.Text()));
    }
    auto adopted = std::make_shared<std::shared_ptr<const routing::Site>>();
    hub::Work work =
        hub::AdoptWork(actor, site, [&parts, adopted, warnings, done](absl::StatusOr<v1::AdoptSiteSetReply> reply) {
          if (!reply.ok()) return done(reply.status());
          parts.directory->Set(*adopted);
          parts.lasting->SiteChanged(**adopted);
          for (const std::string& warning : *warnings) reply->add_warning(warning);
          // What is not kept costs an explanation the words of a later clause; the adoption itself is durable.
          (void)parts.archive->Keep((*adopted)->proto());
          done(std::move(reply));
        });
    const absl::Status status =
        parts.sequencer->Submit(hub::Priority::kAct, [work = std::move(work), adopted](hub::Turn& turn) {
          work(turn);
          *adopted = turn.state().shared_site();
        });
    if (!status.ok()) done(status);
  });
}

}  // namespace liandong::service
