// Merkle trees as in RFC 6962 (leaf: H(0 ‖ bytes), node: H(1 ‖ left ‖ right)), over the records of a log.
//
// Thread-safety: values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "security/crypto.h"

namespace liandong::audit {

// 32 bytes each.
std::string LeafHash(security::Suite suite, std::string_view bytes);
std::string NodeHash(security::Suite suite, std::string_view left, std::string_view right);

// A tree that only grows, as the few roots of its whole subtrees.
class Frontier {
 public:
  explicit Frontier(security::Suite suite = security::Suite::kInternational) : suite_(suite) {}
  // From roots() of one with `size` leaves. InvalidArgument when they cannot be that.
  static absl::StatusOr<Frontier> From(security::Suite suite, uint64_t size, std::vector<std::string> roots);

  void Add(std::string leaf_hash);
  uint64_t size() const { return size_; }
  // Of no leaves: H of nothing.
  std::string Root() const;
  const std::vector<std::string>& roots() const { return roots_; }  // largest first

 private:
  security::Suite suite_;
  uint64_t size_ = 0;
  std::vector<std::string> roots_;
};

// The whole tree, for proofs: 64 bytes a leaf.
class Tree {
 public:
  Tree(security::Suite suite, std::string leaf_hashes);  // 32 bytes each, one after the other
  std::string Root() const;
  // `leaf` counts from 0 and is in the tree.
  std::vector<std::string> Path(uint64_t leaf) const;

 private:
  security::Suite suite_;
  std::vector<std::string> levels_;
};

// The root that the path leads to (RFC 9162, 2.1.3.2); nothing when it cannot be a path of this leaf.
std::optional<std::string> RootFromPath(security::Suite suite, std::string leaf_hash, uint64_t leaf, uint64_t size,
                                        const std::vector<std::string>& path);

}  // namespace liandong::audit
