#include "adapters/screen/page.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "adapters/screen/gzip.h"
#include "adapters/screen/limits.h"
#include "security/crypto.h"
#include "security/file.h"

namespace liandong::screen {
namespace {

namespace fs = std::filesystem;

constexpr int kBestCompression = 9;

std::string TypeOf(const std::string& path) {
  static const std::map<std::string, std::string> kTypes = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".webp", "image/webp"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".mp3", "audio/mpeg"},
      {".wav", "audio/wav"},
      {".txt", "text/plain; charset=utf-8"},
  };
  const auto it = kTypes.find(fs::path(path).extension().string());
  return it == kTypes.end() ? "application/octet-stream" : it->second;
}

absl::Status Refuse(const std::string& folder, absl::string_view zh, absl::string_view en) {
  return absl::FailedPreconditionError(absl::StrCat(folder, ": ", zh, " (", en, ")"));
}

}  // namespace

absl::StatusOr<Page> Page::Load(const std::string& folder) {
  Page page;
  size_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (!it->is_regular_file(ignored)) continue;
    const std::string path = absl::StrCat("/", fs::relative(it->path(), folder, ignored).generic_string());
    auto content = security::ReadFileBounded(it->path().string(), kPageBytesMax);
    if (!content.ok()) return content.status();
    bytes += content->size();
    if (bytes > kPageBytesMax || page.files_.size() >= kPageFilesMax) {
      return Refuse(folder, "网页文件过多", "more or larger files than a page has: is this the page's dist folder?");
    }
    File file;
    file.type = TypeOf(path);
    file.etag = absl::StrCat("\"", security::Hex(security::Sha256(*content)).substr(0, 32), "\"");
    // The build names what stands in assets/ by its content.
    file.cache = absl::StartsWith(path, "/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    if (content->size() >= kCompressFrom) {
      std::string zipped = Gzip(*content, kBestCompression);
      if (zipped.size() < content->size()) file.gzip = std::make_shared<const std::string>(std::move(zipped));
    }
    file.plain = std::make_shared<const std::string>(*std::move(content));
    page.files_[path] = std::move(file);
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat(
        folder,
        ": 没有网页文件夹，请先在 adapters/screen/web 里 npm run build (no folder of the page: npm run build)"));
  }
  if (page.files_.count("/index.html") == 0) {
    return Refuse(folder, "没有 index.html，请先在 adapters/screen/web 里 npm run build",
                  "no index.html: npm run build in adapters/screen/web first");
  }
  return page;
}

adapters::HttpAnswer Page::Answer(const adapters::HttpCall& call) const {
  if (call.method != "GET" && call.method != "HEAD") {
    return {405, "text/plain; charset=utf-8", "GET\n", 0, {{"Allow", "GET, HEAD"}}};
  }
  auto it = files_.find(call.path == "/" ? "/index.html" : call.path);
  if (it == files_.end() && !absl::StrContains(call.path, ".")) it = files_.find("/index.html");
  if (it == files_.end()) return {404, "text/plain; charset=utf-8", "没有这个文件 no such file\n"};
  const File& file = it->second;
  adapters::HttpAnswer answer;
  answer.headers = {{"ETag", file.etag}, {"Cache-Control", file.cache}, {"Vary", "Accept-Encoding"}};
  if (absl::StrContains(std::string(adapters::HeaderValue(call.headers, "if-none-match")), file.etag)) {
    answer.status = 304;
    return answer;
  }
  answer.content_type = file.type;
  answer.shared_body = file.plain;
  if (file.gzip != nullptr && AcceptsGzip(std::string(adapters::HeaderValue(call.headers, "accept-encoding")))) {
    answer.headers.emplace_back("Content-Encoding", "gzip");
    answer.shared_body = file.gzip;
  }
  return answer;
}

}  // namespace liandong::screen
