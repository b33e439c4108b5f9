#include "security/server_context.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "security/crypto.h"
#include "security/file.h"
#include "security/limits.h"

namespace liandong::security {

absl::StatusOr<std::shared_ptr<ServerContext>> ServerContext::Open(TlsFiles files, bool require_client_cert,
                                                                   TlsContextOptions options,
                                                                   std::function<void(const std::string& line)> say) {
  std::shared_ptr<ServerContext> out(new ServerContext(std::move(files), require_client_cert, options, std::move(say)));
  out->seen_ = out->ReadAll();
  auto made = MakeServerContext(out->files_, require_client_cert, options);
  if (!made.ok()) return made.status();
  out->context_ = *std::move(made);
  out->looked_ = absl::Now();
  return out;
}

std::shared_ptr<SSL_CTX> ServerContext::Get() {
  std::lock_guard lock(mutex_);
  const absl::Time now = absl::Now();
  // A clock that was set back must not keep new files out.
  if (now >= looked_ && now - looked_ < kServerContextPoll) return context_;
  looked_ = now;
  std::string seen = ReadAll();
  if (seen == seen_) return context_;
  auto made = MakeServerContext(files_, require_client_cert_, options_);
  if (!made.ok()) {
    say_(absl::StrCat("新证书不可用,继续使用旧证书 the renewed certificate will not do, the old one goes on: ",
                      made.status().message()));
    return context_;
  }
  say_(absl::StrCat("已换用新证书 the renewed certificate is used: ", files_.cert));
  seen_ = std::move(seen);
  context_ = *std::move(made);
  return context_;
}

std::string ServerContext::ReadAll() const {
  std::string all;
  for (const std::string* path : {&files_.ca, &files_.cert, &files_.key}) {
    auto bytes = path->empty() ? absl::StatusOr<std::string>("") : ReadFileBounded(*path, kPemBytesMax);
    if (bytes.ok()) all += Hash(Suite::kInternational, *bytes);
    if (bytes.ok()) Wipe(*bytes);
    all += '/';
  }
  return all;
}

}  // namespace liandong::security
