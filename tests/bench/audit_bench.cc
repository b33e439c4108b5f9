// How long `liandong audit verify` takes: writes a log with the hub's own writer, signs it with the hub's own notary,
// and proves it. Also what the trail takes of the disk.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>

#include "absl/time/clock.h"
#include "hub/audit/notary.h"
#include "hub/audit/trail.h"
#include "hub/log/sqlite_log.h"
#include "liandong/v1/record.pb.h"
#include "security/audit/evidence.h"
#include "security/audit/verify.h"
#include "security/file.h"
#include "security/limits.h"
#include "security/pki.h"

namespace liandong {
namespace {

constexpr uint64_t kWindow = 1'000'000;  // bytes under way at the log, about as the sequencer bounds them

struct Flags {
  std::string folder;
  uint64_t records = 1'000'000, batch = 50, bytes = 600, notes = 20'000;
};

double Since(absl::Time begin) { return absl::ToDoubleSeconds(absl::Now() - begin); }

int Fail(const char* step, const absl::Status& status) {
  std::fprintf(stderr, "%s: %s\n", step, std::string(status.message()).c_str());
  return 1;
}

absl::Status Fill(const Flags& flags, log::SqliteLog* log) {
  const std::string text(flags.bytes, 'x');
  std::shared_ptr<std::promise<absl::Status>> last;
  for (uint64_t first = log->last_index() + 1; first <= flags.records; first += flags.batch) {
    v1::Batch batch;
    batch.set_format(1);
    const uint64_t end = std::min(first + flags.batch, flags.records + 1);
    for (uint64_t index = first; index < end; ++index) {
      v1::Record* record = batch.add_record();
      record->set_index(index);
      record->set_time_ms(1'795'000'000'000 + static_cast<int64_t>(index));
      record->add_incident_id(index / 8);
      record->mutable_actor()->set_party("police-110");
      record->mutable_incident_closed()->set_reason(text);
    }
    auto done = std::make_shared<std::promise<absl::Status>>();
    const bool wait = first / flags.batch % (kWindow / (flags.batch * (flags.bytes + 60)) + 1) == 0;
    log->Append(first, end - 1, batch.SerializeAsString(),
                [done](const absl::Status& status, std::string_view) { done->set_value(status); });
    if (wait) {
      if (auto status = done->get_future().get(); !status.ok()) return status;
    }
    last = wait ? nullptr : done;
  }
  return last == nullptr ? absl::OkStatus() : last->get_future().get();
}

int Run(const Flags& flags) {
  const std::string data = flags.folder + "/data", pki = flags.folder + "/pki";
  if (auto status = security::InitCa(pki, "bench.example"); !status.ok()) return Fail("ca", status);
  if (auto issued = security::Issue(pki, "hub"); !issued.ok()) return Fail("certificate", issued.status());
  const auto ca = security::ReadFileBounded(pki + "/ca.crt", security::kPemBytesMax);
  if (!ca.ok()) return Fail("ca", ca.status());

  auto log = log::SqliteLog::Open({.data_dir = data});
  if (!log.ok()) return Fail("log", log.status());
  absl::Time begin = absl::Now();
  if (auto status = Fill(flags, log->get()); !status.ok()) return Fail("writing", status);
  std::printf("written       %8.2f s  %llu records in batches of %llu\n", Since(begin),
              static_cast<unsigned long long>(flags.records), static_cast<unsigned long long>(flags.batch));

  audit::NotaryOptions notary;
  notary.data_dir = data;
  notary.key = pki + "/hub.key";
  notary.certificate = pki + "/hub.crt";
  begin = absl::Now();
  auto started = audit::Notary::Start(notary, log->get());
  if (!started.ok()) return Fail("notary", started.status());
  if (auto status = (*started)->Stop(); !status.ok()) return Fail("signing", status);
  std::printf("signed        %8.2f s  %llu checkpoints\n", Since(begin),
              static_cast<unsigned long long>((*started)->checkpoints()));
  started->reset();
  log->reset();

  begin = absl::Now();
  const auto verified = audit::Verify({.data_dir = data, .ca_pem = *ca, .anchors = {}});
  if (!verified.ok()) return Fail("verify", verified.status());
  std::error_code ignored;
  std::printf("verified      %8.2f s  %llu records, %.0f MB\n", Since(begin),
              static_cast<unsigned long long>(verified->records),
              static_cast<double>(std::filesystem::file_size(data + "/log.db", ignored)) / 1e6);

  begin = absl::Now();
  const auto made = audit::MakeEvidence(data, flags.records / 16, *ca, absl::ToUnixMillis(absl::Now()));
  if (!made.ok()) return Fail("evidence", made.status());
  std::printf("evidence      %8.2f s  %d records of one incident\n", Since(begin), made->package.record_size());

  auto trail = audit::Trail::Open({.folder = data + "/trail", .days = 0, .say = nullptr});
  if (!trail.ok()) return Fail("trail", trail.status());
  begin = absl::Now();
  for (uint64_t i = 0; i < flags.notes; ++i) {
    v1::TrailEntry entry;
    entry.set_kind(v1::TRAIL_VIEW);
    entry.set_party("command");
    entry.set_account("duty.officer");
    entry.set_person("张三丰");
    entry.set_via("screen");
    entry.set_from("ipv4:192.0.2.1:41234 < 192.0.2.7");
    entry.set_method("/liandong.v1.Desk/ShowIncident");
    entry.set_object("incident " + std::to_string(i));
    entry.set_result("OK");
    (*trail)->Note(std::move(entry));
    if (i % 1000 == 999) (*trail)->Flush();
  }
  (*trail)->Flush();
  const double took = Since(begin);
  std::printf("trail         %8.2f s  %llu views, %.0f a second\n", took, static_cast<unsigned long long>(flags.notes),
              static_cast<double>(flags.notes) / took);
  return 0;
}

}  // namespace
}  // namespace liandong

int main(int argc, char** argv) {
  liandong::Flags flags;
  CLI::App app{"audit_bench"};
  app.add_option("FOLDER", flags.folder, "an empty folder; stays there")->required();
  app.add_option("--records", flags.records)->capture_default_str();
  app.add_option("--batch", flags.batch, "records of a batch")->check(CLI::Range(1, 10'000))->capture_default_str();
  app.add_option("--bytes", flags.bytes, "of a record's text")->capture_default_str();
  app.add_option("--notes", flags.notes, "entries of the trail")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return liandong::Run(flags);
}
