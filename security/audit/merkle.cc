#include "security/audit/merkle.h"

#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"

namespace liandong::audit {

using security::kHashBytes;
using security::Suite;

std::string LeafHash(Suite suite, std::string_view bytes) {
  std::string joined(1, '\0');
  joined.append(bytes);
  return security::Hash(suite, joined);
}

std::string NodeHash(Suite suite, std::string_view left, std::string_view right) {
  std::string joined(1, '\1');
  joined.append(left).append(right);
  return security::Hash(suite, joined);
}

absl::StatusOr<Frontier> Frontier::From(Suite suite, uint64_t size, std::vector<std::string> roots) {
  bool good = static_cast<int>(roots.size()) == std::popcount(size);
  for (const std::string& root : roots) good = good && root.size() == kHashBytes;
  if (!good) return absl::InvalidArgumentError(absl::StrCat("these are not the subtrees of ", size, " leaves"));
  Frontier frontier(suite);
  frontier.size_ = size;
  frontier.roots_ = std::move(roots);
  return frontier;
}

void Frontier::Add(std::string leaf_hash) {
  // A carry for each subtree that becomes whole.
  for (uint64_t bit = size_; (bit & 1) != 0; bit >>= 1) {
    leaf_hash = NodeHash(suite_, roots_.back(), leaf_hash);
    roots_.pop_back();
  }
  roots_.push_back(std::move(leaf_hash));
  ++size_;
}

std::string Frontier::Root() const {
  if (roots_.empty()) return security::Hash(suite_, "");
  std::string root = roots_.back();
  for (size_t i = roots_.size() - 1; i > 0; --i) root = NodeHash(suite_, roots_[i - 1], root);
  return root;
}

Tree::Tree(Suite suite, std::string leaf_hashes) : suite_(suite) {
  levels_.push_back(std::move(leaf_hashes));
  while (levels_.back().size() > kHashBytes) {
    const std::string_view below = levels_.back();
    std::string level;
    level.reserve((below.size() / kHashBytes + 1) / 2 * kHashBytes);
    for (size_t at = 0; at < below.size(); at += 2 * kHashBytes) {
      const std::string_view left = below.substr(at, kHashBytes);
      // The last one without a neighbour goes up as it is.
      level += at + kHashBytes < below.size() ? NodeHash(suite_, left, below.substr(at + kHashBytes, kHashBytes))
                                              : std::string(left);
    }
    levels_.push_back(std::move(level));
  }
}

std::string Tree::Root() const { return levels_.back().empty() ? security::Hash(suite_, "") : levels_.back(); }

std::vector<std::string> Tree::Path(uint64_t leaf) const {
  std::vector<std::string> path;
  for (const std::string& level : levels_) {
    const uint64_t neighbour = leaf ^ 1;
    if ((neighbour + 1) * kHashBytes <= level.size()) path.push_back(level.substr(neighbour * kHashBytes, kHashBytes));
    leaf >>= 1;
  }
  return path;
}

std::optional<std::string> RootFromPath(Suite suite, std::string leaf_hash, uint64_t leaf, uint64_t size,
                                        const std::vector<std::string>& path) {
  if (leaf >= size) return std::nullopt;
  uint64_t last = size - 1;
  std::string root = std::move(leaf_hash);
  for (const std::string& step : path) {
    if (last == 0 || step.size() != kHashBytes) return std::nullopt;
    if ((leaf & 1) != 0 || leaf == last) {
      root = NodeHash(suite, step, root);
      while ((leaf & 1) == 0 && leaf != 0) {
        leaf >>= 1;
        last >>= 1;
      }
    } else {
      root = NodeHash(suite, root, step);
    }
    leaf >>= 1;
    last >>= 1;
  }
  if (last != 0) return std::nullopt;
  return root;
}

}  // namespace liandong::audit
