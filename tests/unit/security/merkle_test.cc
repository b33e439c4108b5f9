#include "security/audit/merkle.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace liandong::audit {
namespace {

using security::Suite;

constexpr Suite kSuite = Suite::kInternational;

// RFC 6962, 2.1, word for word.
std::string RootByTheRfc(const std::vector<std::string>& leaves, size_t begin, size_t end) {
  if (begin == end) return security::Hash(kSuite, "");
  if (end - begin == 1) return security::Hash(kSuite, std::string(1, '\0') + leaves[begin]);
  size_t k = 1;
  while (2 * k < end - begin) k *= 2;
  return security::Hash(
      kSuite, std::string(1, '\1') + RootByTheRfc(leaves, begin, begin + k) + RootByTheRfc(leaves, begin + k, end));
}

// RFC 6962, 2.1.1, word for word.
std::vector<std::string> PathByTheRfc(const std::vector<std::string>& leaves, size_t leaf, size_t begin, size_t end) {
  if (end - begin == 1) return {};
  size_t k = 1;
  while (2 * k < end - begin) k *= 2;
  const bool left = leaf < k;
  auto path = left ? PathByTheRfc(leaves, leaf, begin, begin + k) : PathByTheRfc(leaves, leaf - k, begin + k, end);
  path.push_back(left ? RootByTheRfc(leaves, begin + k, end) : RootByTheRfc(leaves, begin, begin + k));
  return path;
}

std::vector<std::string> SomeLeaves(size_t count) {
  std::vector<std::string> leaves;
  for (size_t i = 0; i < count; ++i) leaves.push_back("record " + std::to_string(i) + std::string(i % 5, 'x'));
  return leaves;
}

std::string Joined(const std::vector<std::string>& leaves) {
  std::string out;
  for (const std::string& leaf : leaves) out += LeafHash(kSuite, leaf);
  return out;
}

// The trees over the first 0 to 8 of these leaves, as published with the Certificate Transparency sources.
TEST(MerkleTest, PublishedTreesComeOut) {
  std::vector<std::string> leaves;
  for (const char* hex :
       {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}) {
    leaves.push_back(*security::FromHex(hex));
  }
  const char* const roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                               "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                               "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                               "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                               "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                               "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                               "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                               "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                               "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Frontier frontier(kSuite);
  for (size_t size = 0; size <= leaves.size(); ++size) {
    EXPECT_EQ(security::Hex(frontier.Root()), roots[size]) << size;
    EXPECT_EQ(security::Hex(Tree(kSuite, Joined({leaves.begin(), leaves.begin() + static_cast<long>(size)})).Root()),
              roots[size]);
    if (size < leaves.size()) frontier.Add(LeafHash(kSuite, leaves[size]));
  }
}

TEST(MerkleTest, RootsAndPathsAreThoseOfTheRfc) {
  for (size_t size = 0; size <= 70; ++size) {
    const auto leaves = SomeLeaves(size);
    const std::string root = RootByTheRfc(leaves, 0, size);
    Frontier frontier(kSuite);
    for (const std::string& leaf : leaves) frontier.Add(LeafHash(kSuite, leaf));
    const Tree tree(kSuite, Joined(leaves));
    EXPECT_EQ(frontier.Root(), root);
    EXPECT_EQ(tree.Root(), root);
    for (size_t leaf = 0; leaf < size; ++leaf) {
      const auto path = tree.Path(leaf);
      EXPECT_EQ(path, PathByTheRfc(leaves, leaf, 0, size)) << leaf << " of " << size;
      EXPECT_EQ(RootFromPath(kSuite, LeafHash(kSuite, leaves[leaf]), leaf, size, path), root);
      for (size_t other = 0; other < size; ++other) {
        if (other == leaf) continue;
        EXPECT_NE(RootFromPath(kSuite, LeafHash(kSuite, leaves[leaf]), other, size, path), root);
      }
    }
  }
}

TEST(MerkleTest, APathThatCannotBeOneLeadsNowhere) {
  const auto leaves = SomeLeaves(5);
  const Tree tree(kSuite, Joined(leaves));
  auto path = tree.Path(2);
  const std::string leaf = LeafHash(kSuite, leaves[2]);
  EXPECT_EQ(RootFromPath(kSuite, leaf, 5, 5, path), std::nullopt);
  auto longer = path;
  longer.push_back(leaf);
  EXPECT_EQ(RootFromPath(kSuite, leaf, 2, 5, longer), std::nullopt);
  path.pop_back();
  EXPECT_EQ(RootFromPath(kSuite, leaf, 2, 5, path), std::nullopt);
  path.emplace_back("short");
  EXPECT_EQ(RootFromPath(kSuite, leaf, 2, 5, path), std::nullopt);
}

TEST(MerkleTest, AFrontierGoesOnFromItsRoots) {
  Frontier whole(kSuite);
  for (size_t size = 0; size < 40; ++size) {
    auto again = Frontier::From(kSuite, whole.size(), whole.roots());
    ASSERT_TRUE(again.ok());
    const std::string leaf = LeafHash(kSuite, std::to_string(size));
    again->Add(leaf);
    whole.Add(leaf);
    EXPECT_EQ(again->Root(), whole.Root());
  }
  EXPECT_FALSE(Frontier::From(kSuite, whole.size() + 1, whole.roots()).ok());
  EXPECT_FALSE(Frontier::From(kSuite, 1, {"short"}).ok());
}

}  // namespace
}  // namespace liandong::audit
