#include "tests/disclosure/night.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "hub/core/print.h"
#include "hub/log/records.h"

namespace liandong::disclosure {
v1::Actor Night::Who(const std::string& party, const std::string& person) {
  v1::Actor actor;
  actor.set_party(party);
  actor.set_person(person);
  return actor;
}

// A party's open line.
struct Night::Sink : hub::StreamSink {
  void Send(std::shared_ptr<const v1::Deliveries> frame) override {
    const std::lock_guard lock(mutex);
    frames.push_back(std::move(frame));
  }
  std::vector<std::shared_ptr<const v1::Deliveries>> Take() {
    const std::lock_guard lock(mutex);
    return std::exchange(frames, {});
  }
  std::mutex mutex;
  std::vector<std::shared_ptr<const v1::Deliveries>> frames;
};

Night::Night(uint32_t seed, const v1::SiteSet& papers, const v1::SiteSet& in_force)
    : random_(seed), papers_(papers), hub_(in_force) {
  hub_.sequencer().AddWatcher([this](const std::shared_ptr<const hub::CommittedEvent>& event) {
    const std::lock_guard lock(feed_mutex_);
    for (const feed::Frame& frame : framer_.Take(*event)) {
      for (const size_t i : frame.incident) feed_.push_back(feed::ForTheFeed(event->incidents[i]).SerializeAsString());
    }
  });
  for (const v1::Party& party : papers.party()) {
    lines_[party.id()] = std::make_shared<Sink>();
    hub_.Do([&](hub::Turn& turn) {
      v1::Hello hello;
      hello.set_window(256);
      v1::Welcome welcome;
      const auto stream = turn.streams().Attach(turn.state(), party.id(), hello, lines_[party.id()], &welcome);
      ASSERT_TRUE(stream.ok());
      streams_[party.id()] = *stream;
    });
  }
}

Night::~Night() { hub_.sequencer().Stop(); }

std::string Night::AnyParty() {
  switch (Below(4)) {
    case 0:
      return AnyOf(kHotlines);
    case 1:
      return AnyOf(kTowns);
    default:
      return AnyOf(kAgencies);
  }
}

uint64_t Night::AnyIncident() {
  if (incidents_.empty()) return 1;
  auto it = incidents_.begin();
  std::advance(it, Below(static_cast<int>(incidents_.size())));
  return it->first;
}

std::string Night::Token() {
  std::string token = "Q";
  for (int i = 0; i < 11; ++i) token += static_cast<char>('A' + Below(26));
  return token;
}

void Night::Know(const Secret& secret, const std::vector<std::string>& needles) {
  for (const std::string& needle : needles) needles_.Add(needle, secrets_.size());
  secrets_.push_back(secret);
}

std::string Night::NewText(Secret secret, const std::string& text) {
  const std::string token = Token();
  Know(secret, {token});
  return absl::StrCat(text, token);
}

void Night::Do(hub::Work work) {
  hub_.Do(std::move(work));
  while (true) {
    hub_.Do([](hub::Turn&) {});  // what was pumped after the work has left before this
    TakeStock();
    bool any = false;
    for (auto& [party, line] : lines_) {
      for (const auto& frame : line->Take()) {
        any = true;
        v1::AcknowledgeRequest request;
        for (const v1::Delivery& delivery : frame->delivery()) {
          const v1::Envelope& envelope = delivery.envelope();
          Look(party,
               absl::StrCat("a ", v1::DeliveryKind_Name(envelope.kind()), " of incident ", envelope.incident_id(),
                            ", duty ", envelope.duty_id()),
               delivery.SerializeAsString());
          LookAtViews(party, delivery);
          deliveries_.emplace_back(party, delivery.envelope().delivery_id());
          v1::Acknowledgment* ack = request.add_acknowledgment();
          ack->set_delivery_id(delivery.envelope().delivery_id());
          ack->set_state(v1::RECEIVED);
        }
        const uint64_t stream = streams_[party];
        hub_.Do([stream](hub::Turn& turn) { turn.streams().FrameWritten(stream); });
        hub_.Do(hub::AcknowledgeWork(Who(party), request, AnswerTo<v1::AcknowledgeReply>(party)));
      }
    }
    std::vector<std::string> feed;
    {
      const std::lock_guard lock(feed_mutex_);
      feed.swap(feed_);
    }
    for (const std::string& frame : feed) Look("", "the feed", frame);
    if (!any) return;
  }
}

uint64_t Night::Group(uint64_t incident) const {
  for (auto it = group_.find(incident); it != group_.end() && it->second != incident; it = group_.find(incident))
    incident = it->second;
  return incident;
}

// What the papers give to whom, now.
void Night::TakeStock() {
  hub_.Do([this](hub::Turn& turn) {
    incidents_.clear();
    turn.state().incidents().Ascend([&](uint64_t id, const v1::IncidentState& incident) {
      incidents_.emplace(id, incident);
      if (incident.merged_into() != 0) {
        const uint64_t young = Group(id), old = Group(incident.merged_into());
        if (young != old) group_[young] = old;
      }
      for (const uint64_t duty : incident.duty()) duties_[duty] = {id, turn.state().FindDuty(duty)->party()};
    });
  });
  for (const auto& [id, incident] : incidents_) {
    if (incident.secret()) continue;
    Known known{incident.category(), incident.division(), incident.severity(), {}, ""};
    for (const auto& [other, unused] : incidents_) {
      if (Group(other) != Group(id)) continue;
      known.sources.insert(reporters_[other].begin(), reporters_[other].end());
      known.text += texts_[other];
    }
    for (const auto& [party, fields] : DisclosedBy(papers_, known))
      granted_[{id, party}].insert(fields.begin(), fields.end());
  }
}

bool Night::May(const Secret& secret, const std::string& party) const {
  if (secret.whose.count(party) > 0) return true;
  if (party == "command") return !secret.not_even_command;
  if (secret.not_even_command || party.empty()) return false;
  if (secret.to_reporters) {
    for (const auto& [incident, reporters] : reporters_) {
      if (Group(incident) == Group(secret.incident) && reporters.count(party) > 0) return true;
    }
  }
  if (secret.field == v1::FIELD_UNSPECIFIED) return false;
  for (const auto& [key, fields] : granted_) {
    if (key.second == party && Group(key.first) == Group(secret.incident) && fields.count(secret.field) > 0)
      return true;
  }
  return false;
}

void Night::Look(const std::string& party, const std::string& where, std::string_view bytes) {
  bytes_ += bytes.size();
  needles_.Find(bytes, [&](size_t id) {
    const Secret& secret = secrets_[id];
    if (!May(secret, party)) {
      leaks_.insert(absl::StrCat(party, ": ", secret.what, " of incident ", secret.incident, " in ", where));
    } else if (secret.whose.count(party) == 0 && party != "command") {
      ++shown_[secret.field];
    }
  });
}

// What is not shown of what another party said is named as withheld.
void Night::LookAtViews(const std::string& party, const v1::Delivery& delivery) {
  const v1::IncidentView& view = delivery.body().incident();
  if (delivery.envelope().kind() == v1::FEEDBACK || view.reports_size() == 0) return;
  std::set<v1::Field> withheld;
  for (const v1::Withheld& one : view.withheld()) {
    withheld.insert(one.field());
    ++withheld_[one.field()];
  }
  for (const v1::ReportView& report : view.reports()) {
    if (report.party() == party) continue;
    if (report.external_id().empty() && withheld.count(v1::SOURCE_RECORD) == 0)
      leaks_.insert(absl::StrCat(party, ": an id is neither shown nor said to be withheld"));
    if (report.description().empty() && withheld.count(v1::DESCRIPTION) == 0)
      leaks_.insert(absl::StrCat(party, ": a text is neither shown nor said to be withheld"));
    if (!report.description().empty() && withheld.count(v1::DESCRIPTION) > 0)
      leaks_.insert(absl::StrCat(party, ": a text is shown and said to be withheld"));
  }
}

void Night::LookThroughTheLog() {
  const v1::SiteSet site = papers_;
  const auto compiled = routing::Site::CompileAdopted(site);
  const absl::Status read = log::ForEachRecord(hub_.log(), 0, "", [&](const v1::Record& record) {
    const core::Words words = core::InWords(record, compiled.get());
    for (const std::string& bytes : {record.SerializeAsString(), words.zh + words.en}) {
      bytes_ += bytes.size();
      needles_.Find(bytes, [&](size_t id) {
        if (!secrets_[id].in_clear) leaks_.insert(absl::StrCat("the log: ", secrets_[id].what));
      });
    }
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
}

void Night::Step() {
  switch (Below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return Report();
    case 4:
    case 5:
    case 6:
    case 7:
      return Acknowledge();
    case 8:
      return Order();
    case 9:
      return Transfer();
    case 10:
      return Give();
    case 11:
      return Join();
    case 12:
      return Correct();
    case 13:
    case 14:
      return Read();
    default:
      hub_.clock().Forward(1000 * Below(1200));
      return Do([](hub::Turn&) {});
  }
}

}  // namespace liandong::disclosure
