#include "adapters/mapping/native_path.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapters/limits.h"
#include "adapters/text/value.h"

namespace liandong::adapters {
namespace {

std::vector<std::string> PartsOf(std::string_view path) {
  return absl::StrSplit(absl::string_view(path.data() + 1, path.size() - 1), '/');
}

bool IsList(const nlohmann::json& node) {
  if (!node.is_array()) return false;
  for (const auto& element : node) {
    if (element.is_structured()) return false;
  }
  return true;
}

void Collect(const nlohmann::json& node, const std::string& path, int depth, std::vector<std::string>* leaves) {
  if (depth > kTreeDepthMax) return;
  if (node.is_object()) {
    for (const auto& [name, child] : node.items()) Collect(child, absl::StrCat(path, "/", name), depth + 1, leaves);
  } else if (node.is_array() && !IsList(node)) {
    for (size_t i = 0; i < node.size(); ++i) Collect(node[i], absl::StrCat(path, "/", i), depth + 1, leaves);
  } else if (!IsAbsent(node)) {
    leaves->push_back(path);
  }
}

}  // namespace

bool IsNativePath(std::string_view path) {
  return path.size() > 1 && path.front() == '/' && path.back() != '/' && path.find("//") == std::string_view::npos;
}

const nlohmann::json* NodeAt(const nlohmann::json& tree, std::string_view path) {
  if (!IsNativePath(path)) return nullptr;
  const nlohmann::json* node = &tree;
  for (const std::string& part : PartsOf(path)) {
    if (node->is_object()) {
      auto it = node->find(part);
      if (it == node->end()) return nullptr;
      node = &*it;
    } else if (size_t index = 0; node->is_array() && absl::SimpleAtoi(part, &index) && index < node->size()) {
      node = &(*node)[index];
    } else {
      return nullptr;
    }
  }
  return node;
}

std::optional<std::string> TextAt(const nlohmann::json& tree, std::string_view path) {
  const nlohmann::json* node = NodeAt(tree, path);
  if (node == nullptr || IsAbsent(*node)) return std::nullopt;
  if (node->is_array()) {
    std::string all;
    for (const auto& element : *node) {
      if (IsAbsent(element)) continue;
      if (auto text = TextOf(element))
        absl::StrAppend(&all, all.empty() ? "" : "、", absl::StripAsciiWhitespace(*text));
    }
    if (all.empty()) return std::nullopt;
    return all;
  }
  std::optional<std::string> text = TextOf(*node);
  if (text) absl::StripAsciiWhitespace(&*text);
  return text;
}

bool SetAt(nlohmann::json* tree, std::string_view path, nlohmann::json value) {
  nlohmann::json* node = tree;
  if (!IsNativePath(path)) return false;
  for (const std::string& part : PartsOf(path)) {
    if (node->is_null()) *node = nlohmann::json::object();
    if (!node->is_object()) return false;
    node = &(*node)[part];
  }
  if (node->is_structured()) return false;
  *node = std::move(value);
  return true;
}

std::vector<std::string> LeavesOf(const nlohmann::json& tree) {
  std::vector<std::string> leaves;
  Collect(tree, "", 0, &leaves);
  return leaves;
}

}  // namespace liandong::adapters
