// The files of the page, read once at the start and kept in memory with their compressed form.
//
// Thread-safety: immutable once loaded.
#ifndef LIANDONG_ADAPTERS_SCREEN_PAGE_H_
#define LIANDONG_ADAPTERS_SCREEN_PAGE_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "adapters/transport/http_server.h"

namespace liandong::screen {

class Page {
 public:
  // NotFound or FailedPrecondition: no such folder, no index.html in it, more or larger files than the bounds.
  static absl::StatusOr<Page> Load(const std::string& folder);

  // GET or HEAD of a path. A path without a dot that is no file is one of the page's own views: index.html.
  adapters::HttpAnswer Answer(const adapters::HttpCall& call) const;
  size_t files() const { return files_.size(); }

 private:
  struct File {
    std::string type;
    std::string etag;
    std::string cache;  // Cache-Control
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> gzip;  // null: not smaller
  };
  std::map<std::string, File> files_;  // by path, "/assets/index-1a2b.js"
};

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_PAGE_H_
