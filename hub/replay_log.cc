#include "hub/replay_log.h"

#include <utility>

#include "hub/log/chain_check.h"
#include "hub/sealer.h"
#include "routing/load.h"
#include "security/key_reader.h"

namespace liandong::hub {

absl::StatusOr<Replayed> ReplayLog(const std::string& site_dir, const std::string& data_dir,
                                   const std::string& master_key) {
  auto loaded = routing::LoadSiteDir(site_dir);
  if (!loaded.ok()) return loaded.status();
  Replayed out;
  out.site_dir = site_dir;
  out.log_dir = data_dir;
  out.with_keys = !master_key.empty();
  out.site = routing::Site::CompileAdopted(std::move(loaded->site));
  std::unique_ptr<security::KeyReader> keys;
  if (out.with_keys) {
    auto opened = security::KeyReader::Open(data_dir + "/keys.db", master_key);
    if (!opened.ok()) return opened.status();
    keys = *std::move(opened);
  }
  absl::Status unreadable;  // of the key store itself: not the same as an erased key
  core::Replay replay(out.site, [&](const v1::IncidentState& incident, const std::string& sealed) {
    if (keys == nullptr) return absl::StatusOr<std::string>(absl::NotFoundError("no master key"));
    auto key = keys->Key(incident.key_id());
    if (!key.ok()) {
      if (!absl::IsFailedPrecondition(key.status()) && !absl::IsNotFound(key.status())) unreadable = key.status();
      return key;
    }
    return OpenSealed(*key, incident.id(), sealed);
  });
  const auto summary = log::VerifyChain(data_dir, {}, [&](const v1::Record& record) {
    if (out.records++ == 0) out.first_ms = record.time_ms();
    out.last_ms = record.time_ms();
    replay.See(record);
    return unreadable;
  });
  if (!summary.ok()) return summary.status();
  out.incident = replay.Finish();
  return out;
}

}  // namespace liandong::hub
