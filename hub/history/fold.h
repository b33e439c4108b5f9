// What the second fold keeps of State, so that it can write snapshots without stalling the sequencer.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "liandong/v1/record.pb.h"

namespace liandong::history {

// Thread-safety: used by History's thread only.
class Fold {
 public:
  virtual ~Fold() = default;
  virtual void Apply(const v1::Record& record) = 0;
  // Hands the snapshot to `use`, which fills in index and link and changes nothing else.
  virtual void WithSnapshot(const std::function<void(v1::Snapshot& snapshot)>& use) const = 0;
};

// Null: the empty state before record 1.
using FoldFactory = std::function<absl::StatusOr<std::unique_ptr<Fold>>(const v1::Snapshot* snapshot)>;

// For a State with Apply(record), WithSnapshot(use) and static FromSnapshot(snapshot) -> StatusOr<State>.
template <typename State>
FoldFactory FoldOf() {
  class StateFold : public Fold {
   public:
    explicit StateFold(State state) : state_(std::move(state)) {}
    void Apply(const v1::Record& record) override { state_.Apply(record); }
    void WithSnapshot(const std::function<void(v1::Snapshot& snapshot)>& use) const override {
      state_.WithSnapshot(use);
    }

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
