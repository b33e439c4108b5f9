// What the second fold keeps of State, so that it can write snapshots without stalling the sequencer.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "liandong/v1/record.pb.h"

namespace liandong::history {

// Thread-safety: used by History's thread only.
class Fold {
 public:
  virtual ~Fold() = default;
  virtual void Apply(const v1::Record& record) = 0;
  // The bytes of a v1::Snapshot in protobuf's deterministic encoding, with this chain link.
  virtual std::string SnapshotBytes(std::string_view link) const = 0;
};

// Null: the empty state before record 1.
using FoldFactory = std::function<absl::StatusOr<std::unique_ptr<Fold>>(const v1::Snapshot* snapshot)>;

// For a State with Apply(record), SnapshotBytes(link) and static FromSnapshot(snapshot) -> StatusOr<State>.
template <typename State>
FoldFactory FoldOf() {
  class StateFold : public Fold {
   public:
    explicit StateFold(State state) : state_(std::move(state)) {}
    void Apply(const v1::Record& record) override { state_.Apply(record); }
    std::string SnapshotBytes(std::string_view link) const override { return state_.SnapshotBytes(link); }

   private:
    State state_;
  };
  return [](const v1::Snapshot* snapshot) -> absl::StatusOr<std::unique_ptr<Fold>> {
    if (snapshot == nullptr) return std::make_unique<StateFold>(State());
    auto state = State::FromSnapshot(*snapshot);
    if (!state.ok()) return state.status();
    return std::make_unique<StateFold>(*std::move(state));
  };
}

}  // namespace liandong::history
