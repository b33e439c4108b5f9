#include "hub/service/adopt.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "routing/check.h"

namespace liandong::service {

feed::Readers ReadersOf(const routing::Site& site) {
  feed::Readers out;
  for (const v1::Party& party : site.proto().party()) {
    if (party.feed_key().empty() || party.feed_area().empty()) continue;
    out[party.feed_key()] = {party.id(), {party.feed_area().begin(), party.feed_area().end()}};
  }
  return out;
}

void Follow(const Parts& parts, const routing::Site& site) {
  if (parts.feed != nullptr) parts.feed->SetReaders(ReadersOf(site));
  const v1::SiteSettings& settings = site.settings();
  accounts::Rules rules;
  rules.session_idle_ms = int64_t{settings.session_idle_s()} * 1000;
  rules.session_absolute_ms = int64_t{settings.session_absolute_s()} * 1000;
  rules.failures_max = settings.sign_in_failures_max();
  rules.lock_ms = int64_t{settings.sign_in_lock_s()} * 1000;
  rules.second_factor_required = settings.second_factor_required();
  parts.accounts->SetRules(rules);
}

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
          Follow(parts, **adopted);
          parts.lasting->Recheck(**adopted);
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
