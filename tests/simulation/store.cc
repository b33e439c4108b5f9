#include "tests/simulation/store.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"

namespace liandong::sim {
namespace {

class MemoryStore : public Store {
 public:
  absl::Status Put(Up up) override {
    up.number = ++last_;
    up_[{!up.urgent, up.number}] = std::move(up);
    return absl::OkStatus();
  }
  std::vector<Up> Peek(size_t max) override {
    std::vector<Up> out;
    for (const auto& [key, up] : up_) {
      if (out.size() == max) break;
      out.push_back(up);
    }
    return out;
  }
  absl::Status Done(uint64_t number) override {
    up_.erase({true, number});
    up_.erase({false, number});
    return absl::OkStatus();
  }
  absl::Status StoreDeliveries(const std::vector<v1::Delivery>& deliveries) override {
    for (const auto& one : deliveries) {
      uint64_t& cursor = cursor_[one.envelope().lane()];
      cursor = std::max(cursor, one.envelope().sequence());
    }
    return absl::OkStatus();
  }
  absl::StatusOr<uint64_t> Cursor(v1::Lane lane) override { return cursor_[lane]; }
  uint64_t HandOver() override { return 0; }
  bool HasSystem() const override { return false; }

 private:
  std::map<std::pair<bool, uint64_t>, Up> up_;
  std::map<v1::Lane, uint64_t> cursor_;
  uint64_t last_ = 0;
};

constexpr char kLink[] = "link";

class SpoolStore : public Store {
 public:
  SpoolStore(World* world, const std::string& party)
      : world_(*world), machine_(SimDisks::Get().Of(party)), folder_(absl::StrCat(world->folder, "/", party)) {
    std::filesystem::create_directories(folder_);
    (void)Restart(/*power_cut=*/false);
  }

  absl::Status Put(Up up) override {
    adapters::PutRequest request;
    request.link = kLink;
    adapters::InboundItem item;
    item.lane = up.urgent ? adapters::SpoolLane::kUrgent : adapters::SpoolLane::kOrdinary;
    item.kind = up.is_report ? adapters::InboundKind::kReport : adapters::InboundKind::kAcknowledgment;
    item.body = up.is_report ? up.report.SerializeAsString() : up.ack.SerializeAsString();
    if (up.is_report) request.repeat_key = absl::StrCat(up.report.external_id(), "/", up.report.revision());
    request.items.push_back(std::move(item));
    return spool_->Put(request).status();
  }
  std::vector<Up> Peek(size_t max) override {
    std::vector<Up> out;
    for (adapters::SpoolLane lane : adapters::kSpoolLanes) {
      auto waiting = spool_->Peek(lane, max);
      if (!waiting.ok()) continue;
      for (const auto& record : *waiting) {
        if (out.size() == max) return out;
        Up up;
        up.number = record.seq;
        up.urgent = lane == adapters::SpoolLane::kUrgent;
        up.is_report = record.kind == adapters::InboundKind::kReport;
        if (up.is_report) {
          up.report.ParseFromString(record.body);
        } else {
          up.ack.ParseFromString(record.body);
        }
        out.push_back(std::move(up));
      }
    }
    return out;
  }
  absl::Status Done(uint64_t number) override { return spool_->Done({number}); }
  absl::Status StoreDeliveries(const std::vector<v1::Delivery>& deliveries) override {
    std::vector<adapters::OutboundItem> items;
    for (const auto& one : deliveries) {
      const v1::Envelope& envelope = one.envelope();
      adapters::OutboundItem& item = items.emplace_back();
      item.link = kLink;
      item.lane = envelope.lane() == v1::URGENT ? adapters::SpoolLane::kUrgent : adapters::SpoolLane::kOrdinary;
      item.sequence = envelope.sequence();
      item.delivery_id = envelope.delivery_id();
      item.queued_at_ms = envelope.queued_at_ms();
      item.incident_id = envelope.incident_id();
      item.incident_revision = envelope.incident_revision();
      item.body = one.SerializeAsString();
    }
    return spool_->StoreDeliveries(items);
  }
  absl::StatusOr<uint64_t> Cursor(v1::Lane lane) override {
    return spool_->Cursor(lane == v1::URGENT ? adapters::SpoolLane::kUrgent : adapters::SpoolLane::kOrdinary);
  }
  uint64_t HandOver() override {
    auto next = spool_->NextOutbound(kLink);
    if (!next.ok() || !next->has_value()) return 0;
    const uint64_t id = (*next)->item.delivery_id;
    (void)spool_->OutboundDone((*next)->row);  // not kept: it comes again
    return id;
  }
  bool HasSystem() const override { return true; }
  Machine* machine() override { return &machine_; }
  absl::Status Restart(bool power_cut) override {
    // It may die on its way up too; the start after that is a kind one.
    absl::Status status;
    for (int tries = 0; tries < 3; ++tries) {
      machine_.Kill();
      spool_.reset();
      power_cut ? machine_.PowerOn(world_.random) : machine_.Relaunch();
      if (tries == 0 && world_.faults.on && world_.random.Chance(20))
        machine_.ArmCrash(static_cast<int>(1 + world_.random.Below(8)));
      adapters::SpoolOptions options;
      options.path = folder_ + "/spool.db";
      options.key_file = folder_ + "/spool.key";
      options.now_ms = [this] { return world_.clock.WallMs(); };
      const uint64_t bites = machine_.bites();
      auto spool = adapters::Spool::Open(std::move(options));
      if (spool.ok()) {
        spool_ = *std::move(spool);
        return absl::OkStatus();
      }
      status = spool.status();
      if (machine_.bites() == bites) return status;
      power_cut = machine_.dead();
    }
    return status;
  }

 private:
  World& world_;
  Machine& machine_;
  const std::string folder_;
  std::unique_ptr<adapters::Spool> spool_;
};

}  // namespace

std::unique_ptr<Store> MakeMemoryStore() { return std::make_unique<MemoryStore>(); }
std::unique_ptr<Store> MakeSpoolStore(World* world, const std::string& party) {
  return std::make_unique<SpoolStore>(world, party);
}

}  // namespace liandong::sim
