#include "tests/simulation/station.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/core/decide.h"
#include "hub/requests.h"

namespace liandong::sim {
namespace {

constexpr int64_t kRetryMs = 3000;
constexpr size_t kSendAtOnce = 8;
constexpr v1::AckState kLadder[] = {v1::SEEN, v1::ACCEPTED, v1::EN_ROUTE, v1::ON_SCENE, v1::COMPLETED};

v1::Actor ActorOf(const std::string& party) {
  v1::Actor actor;
  actor.set_party(party);
  actor.set_way(v1::BY_ADAPTER);
  return actor;
}

bool ForLater(const absl::Status& status) { return absl::IsUnavailable(status) || absl::IsResourceExhausted(status); }

}  // namespace

void Station::Tell(const v1::Report& report) {
  world_.Tell(&Witness::NativeTold, party_, report);
  telling_.push_back(report);
}

void Station::Answer() {
  if (to_do_.empty()) return;
  const size_t at = world_.random.Below(to_do_.size());
  const v1::Envelope envelope = to_do_[at];
  Up up;
  up.urgent = envelope.lane() == v1::URGENT;
  up.ack.set_delivery_id(envelope.delivery_id());
  up.ack.set_state(v1::ACCEPTED);
  int& step = step_[envelope.delivery_id()];
  const uint64_t how = world_.random.Below(10);
  if (how == 0) {
    world_.faults.Count("agency never answers");
    to_do_.erase(to_do_.begin() + static_cast<ptrdiff_t>(at));
    return;
  }
  if (how == 1) {
    up.ack.set_state(v1::REFUSED);
    up.ack.set_reason("属地不符");
  } else if (how == 2) {
    world_.faults.Count("agency answers backwards");
    up.ack.set_state(kLadder[world_.random.Below(5)]);
  } else {
    step = std::min(step + static_cast<int>(1 + world_.random.Below(2)), 5);
    up.ack.set_state(kLadder[step - 1]);
  }
  if (!store_->Put(up).ok()) return;
  if (how == 3) {
    world_.faults.Count("agency answers twice");
    (void)store_->Put(up);
  }
  if (step >= 5) to_do_.erase(to_do_.begin() + static_cast<ptrdiff_t>(at));
}

bool Station::Retry(std::map<uint64_t, int64_t>& sent, uint64_t number) {
  auto [it, fresh] = sent.emplace(number, world_.clock.now_ms());
  if (fresh) return true;
  if (it->second != 0 && world_.clock.now_ms() - it->second < kRetryMs) return false;
  it->second = world_.clock.now_ms();
  return true;
}

void Station::Work() {
  if (!telling_.empty()) {
    Up up;
    up.is_report = true;
    up.report = telling_.front();
    up.urgent = up.report.open().danger_to_life() != v1::NO;
    if (store_->Put(up).ok()) {
      world_.Tell(&Witness::NativeTaken, party_, up.report);
      telling_.pop_front();
    }
  }
  if (const uint64_t id = store_->HandOver(); id != 0) world_.Tell(&Witness::NativeGot, party_, id);
  for (const Up& up : store_->Peek(kSendAtOnce)) {
    if (Retry(sent_, up.number)) SendUp(up);
  }
  std::vector<uint64_t> say;
  for (const auto& [id, at] : received_) say.push_back(id);
  for (uint64_t id : say) {
    if (!Retry(received_, id)) continue;
    v1::Acknowledgment ack;
    ack.set_delivery_id(id);
    ack.set_state(v1::RECEIVED);
    SendAck(ack, [this, id] { received_.erase(id); });
  }
  if (line_ == nullptr || line_->refused) Connect();
}

void Station::SendUp(const Up& up) {
  if (!up.is_report) {
    return SendAck(up.ack, [this, number = up.number] {
      if (store_->Done(number).ok()) sent_.erase(number);
    });
  }
  Up sent = up;
  if (world_.Planted("rename-on-retry") && world_.random.Chance(20))
    sent.report.set_external_id(absl::StrCat(up.report.external_id(), "-again"));
  world_.net.Send(party_, world_.clock.now_ms(), [this, sent] { ReportAtHub(sent); });
  if (world_.Planted("forget-on-send")) (void)store_->Done(up.number);
}

void Station::ReportAtHub(const Up& up) {
  v1::Report report = up.report;
  if (!core::CheckReport(report).ok()) return;
  core::Normalize(&report);
  auto answer = [this, up](absl::StatusOr<v1::Receipt> receipt) {
    if (!hub_.Leaves()) return;
    if (receipt.ok()) world_.Tell(&Witness::ReceiptGiven, party_, up.report, *receipt);
    if (!receipt.ok() && ForLater(receipt.status())) return;  // sent again when no answer comes
    world_.net.Send(party_, world_.clock.now_ms(), [this, number = up.number] {
      if (store_->Done(number).ok()) sent_.erase(number);
    });
  };
  (void)hub_.Submit(party_, up.urgent ? hub::Priority::kUrgentReport : hub::Priority::kOrdinaryReport,
                    hub::ReportWork(ActorOf(party_), std::move(report), answer));
}

void Station::SendAck(const v1::Acknowledgment& ack, std::function<void()> answered) {
  world_.net.Send(party_, world_.clock.now_ms(), [this, ack, answered = std::move(answered)] {
    v1::AcknowledgeRequest request;
    *request.add_acknowledgment() = ack;
    auto answer = [this, ack, answered](absl::StatusOr<v1::AcknowledgeReply> reply) {
      if (!reply.ok() || !hub_.Leaves()) return;
      world_.Tell(&Witness::AckAnswered, party_, ack, reply->reply(0));
      world_.net.Send(party_, world_.clock.now_ms(), answered);
    };
    (void)hub_.Submit(party_, hub::Priority::kAct, hub::AcknowledgeWork(ActorOf(party_), std::move(request), answer));
  });
}

// A store that failed may have written all the same, and a later start may find it there: its cursor says so.
void Station::Reconcile(const adapters::LaneCursors& cursors) {
  std::vector<v1::Delivery> there;
  for (const auto& [place, delivery] : uncertain_) {
    if (place.second <= (place.first == v1::URGENT ? cursors.urgent : cursors.ordinary)) there.push_back(delivery);
  }
  for (const auto& delivery : there) NowStored(delivery);
}

void Station::NowStored(const v1::Delivery& delivery) {
  const v1::Envelope envelope = delivery.envelope();
  uncertain_.erase({envelope.lane(), envelope.sequence()});
  world_.Tell(&Witness::Stored, party_, envelope);
  if (envelope.kind() == v1::TASK || envelope.kind() == v1::ORDER || envelope.kind() == v1::TRANSFER ||
      envelope.kind() == v1::ESCALATION || envelope.kind() == v1::RETURN_REQUEST)
    to_do_.push_back(envelope);
}

void Station::Connect() {
  if (!hub_.up() || world_.net.IsCut(party_) || (machine() != nullptr && machine()->dead())) return;
  const auto urgent = store_->Cursor(v1::URGENT);
  const auto ordinary = store_->Cursor(v1::ORDINARY);
  if (!urgent.ok() || !ordinary.ok()) return;
  const adapters::LaneCursors cursors = {true, *urgent, true, *ordinary};
  world_.Note(absl::StrCat("(", party_, " connects after urgent ", *urgent, ", ordinary ", *ordinary, ")"));
  Reconcile(cursors);
  v1::Hello hello;
  for (v1::Lane lane : {v1::URGENT, v1::ORDINARY}) {
    v1::LaneCursor* cursor = hello.add_resume();
    cursor->set_lane(lane);
    cursor->set_after_sequence(lane == v1::URGENT ? cursors.urgent : cursors.ordinary);
  }
  hello.set_window(static_cast<uint32_t>(4 + world_.random.Below(60)));
  progress_ = std::make_unique<adapters::LaneProgress>(cursors);
  line_ = hub_.Connect(party_, hello);
}

bool Station::Frame() {
  if (line_ == nullptr || line_->frames.empty()) return false;
  const v1::Deliveries frame = std::move(line_->frames.front());
  line_->frames.pop_front();
  (void)hub_.Submit("", hub::Priority::kBookkeeping,
                    [stream = line_->stream](hub::Turn& turn) { turn.streams().FrameWritten(stream); });
  if (world_.Planted("say-received-early") && world_.random.Chance(20)) {
    for (const auto& one : frame.delivery()) received_[one.envelope().delivery_id()] = 0;
    Break();
    return true;
  }
  std::vector<v1::Delivery> fresh;
  for (const auto& one : frame.delivery()) {
    if (!progress_->IsRepeat(one.envelope())) fresh.push_back(one);
  }
  if (!store_->StoreDeliveries(fresh).ok()) {
    for (const auto& one : fresh) uncertain_[{one.envelope().lane(), one.envelope().sequence()}] = one;
    world_.Note(absl::StrCat("(", party_, " could not store ", fresh.size(), " deliveries)"));
    Break();
    return true;
  }
  for (const auto& one : fresh) {
    progress_->Stored(one.envelope());
    NowStored(one);
  }
  for (const auto& one : frame.delivery()) received_.emplace(one.envelope().delivery_id(), 0);
  return true;
}

void Station::Break() {
  if (line_ == nullptr) return;
  hub_.Disconnect(line_);
  line_->frames.clear();
  line_.reset();
}

void Station::Crash(bool power_cut) {
  world_.Note(absl::StrCat("(", party_, power_cut ? " loses power)" : " ends)"));
  Break();
  sent_.clear();
  received_.clear();
  progress_.reset();
  const absl::Status started = store_->Restart(power_cut);
  if (!started.ok() && !world_.failure.any())
    world_.failure = {"start", absl::StrCat("the adapter of ", party_, " does not start: ", started.message())};
}

bool Station::Quiet() {
  if (const uint64_t id = store_->HandOver(); id != 0) {
    world_.Tell(&Witness::NativeGot, party_, id);
    return false;
  }
  return telling_.empty() && received_.empty() && line_ != nullptr && line_->frames.empty() && store_->Peek(1).empty();
}

}  // namespace liandong::sim
