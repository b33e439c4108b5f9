// Desk.Status: how the hub is, and what an operator must look at.
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"
#include "hub/service/desk_reader.h"

namespace liandong::service {
namespace {

void AddAlarm(v1::StatusReply* reply, const std::string& zh, const std::string& en) {
  reply->add_alarm(absl::StrCat(zh, " / ", en));
}

// On the sequencer's thread.
v1::StatusReply OfMemory(hub::Turn& turn) {
  v1::StatusReply reply;
  const core::State& state = turn.state();
  reply.set_log_index(state.index());
  reply.set_time_ms(turn.now_ms());
  reply.set_open_incidents(static_cast<uint32_t>(state.open_incidents()));
  reply.set_incidents_in_memory(static_cast<uint32_t>(state.incidents().size()));
  reply.set_outstanding_deliveries(static_cast<uint32_t>(state.outstanding_deliveries()));
  const routing::Site* site = state.site();
  if (site == nullptr) return reply;
  reply.set_site_version(site->version());
  for (const v1::Party& party : site->proto().party()) {
    const core::PartyBook& book = state.Book(party.id());
    v1::PartyStatus* one = reply.add_party();
    one->set_party(party.id());
    one->set_streams(static_cast<uint32_t>(turn.streams().CountOf(party.id())));
    one->set_outstanding_urgent(static_cast<uint32_t>(book.urgent.unreceived.size()));
    one->set_outstanding_ordinary(static_cast<uint32_t>(book.ordinary.unreceived.size()));
    one->set_last_heard_ms(turn.streams().LastHeard(party.id()));
    one->set_urgent_sequence(book.state.urgent_sequence());
    one->set_ordinary_sequence(book.state.ordinary_sequence());
    if (book.state.link_alarm_delivery() == 0) continue;
    const std::string name = core::PartyName(*site, party.id());
    const int64_t minutes = (turn.now_ms() - book.state.link_alarm_since_ms()) / 60'000;
    AddAlarm(&reply, absl::StrCat("链路:", name, " 已 ", minutes, " 分钟未接收应收消息,请电话联系"),
             absl::StrCat("link: ", party.id(), " has not stored what was sent to it for ", minutes,
                          " min; call its duty telephone"));
  }
  for (const auto& [id, response] : state.responses()) {
    if (response.ended_at_ms() != 0) continue;
    *reply.add_response() = response;
    if (response.expected_until_ms() > turn.now_ms()) continue;
    AddAlarm(&reply, absl::StrCat("响应:", id, " 已过预计期限,请终止或延长"),
             absl::StrCat("response: ", id, " is past its expected term; end it or give it a new one"));
  }
  if (state.erase_from_ms() > turn.now_ms()) {
    const int64_t hours = (state.erase_from_ms() - turn.now_ms()) / 3'600'000 + 1;
    AddAlarm(&reply, absl::StrCat("销毁:长时间停机后启动,暂停到期销毁 ", hours, " 小时,请核对服务器时钟"),
             absl::StrCat("erasure: started after a long outage, so nothing is erased by time for ", hours,
                          " h; check the server's clock"));
  }
  if (state.incidents().size() * 10 > limits::kIncidentsInMemory * 8) {
    AddAlarm(&reply, "内存:进行中事件接近上限,请办结已结束的事件",
             "memory: open incidents come near the bound; close what has ended");
  }
  return reply;
}

void AddHistory(const Parts& parts, v1::StatusReply* reply) {
  reply->set_history_index(parts.history->index());
  reply->set_snapshot_index(parts.history->last_snapshot_index());
  if (!parts.history->ready()) {
    AddAlarm(reply, absl::StrCat("历史库:正在追赶日志,当前记录 ", reply->history_index()),
             absl::StrCat("history: catching up with the log, at record ", reply->history_index()));
  }
  if (const absl::Status status = parts.history->status(); !status.ok()) {
    AddAlarm(reply, "历史库:停止前进", absl::StrCat("history: ", std::string(status.message())));
  }
}

void AddRevocationList(const Parts& parts, v1::StatusReply* reply) {
  if (parts.revocations == nullptr) return;
  const int64_t days = absl::ToInt64Hours(parts.revocations->next_update() - absl::Now()) / 24;
  if (days >= limits::kCertificateAlarmDays) return;
  AddAlarm(reply, absl::StrCat("证书:吊销列表 ", days, " 天后过期,请重新签发"),
           absl::StrCat("certificate: the revocation list is good for ", days,
                        " more days; sign it again with: liandong pki revoke DIR"));
}

void AddTrail(const Parts& parts, v1::StatusReply* reply) {
  if (parts.trail->lost() == 0) return;
  AddAlarm(reply, absl::StrCat("审计:启动以来 ", parts.trail->lost(), " 条轨迹未能记录,请检查磁盘"),
           absl::StrCat("audit: ", parts.trail->lost(),
                        " entries of the trail could not be noted since the start; look at the disk"));
}

void AddErasure(const Parts& parts, v1::StatusReply* reply) {
  const size_t waiting = parts.shredder == nullptr ? 0 : parts.shredder->waiting();
  if (waiting == 0) return;
  AddAlarm(reply, absl::StrCat("销毁:", waiting, " 个应销毁的密钥尚未销毁,请检查磁盘"),
           absl::StrCat("erasure: ", waiting, " keys that are to be destroyed are still there; look at the disk"));
}

void AddCertificate(const Parts& parts, v1::StatusReply* reply) {
  const auto tls = security::CheckTlsFiles(parts.tls, absl::Now());
  if (!tls.ok()) {
    AddAlarm(reply, "证书:枢纽证书文件有误", absl::StrCat("certificate: ", std::string(tls.status().message())));
    return;
  }
  const int64_t days = absl::ToInt64Hours(tls->expires_at - absl::Now()) / 24;
  if (days >= limits::kCertificateAlarmDays) return;
  AddAlarm(reply, absl::StrCat("证书:枢纽证书 ", days, " 天后到期,请重新签发"),
           absl::StrCat("certificate: the hub's ends in ", days, " days; renew it with: liandong pki issue --replace"));
}

}  // namespace

absl::Status DeskReader::Status(const Caller& caller, const v1::StatusRequest&, hub::Done<v1::StatusReply> done) {
  return parts_.sequencer->SubmitFor(
      caller.party(), hub::Priority::kAct, [this, done = std::move(done)](hub::Turn& turn) {
        auto reply = std::make_shared<v1::StatusReply>(OfMemory(turn));
        turn.Release([this, done, reply] {
          const absl::Status taken = parts_.workers->Run([this, done, reply] {
            reply->set_version(parts_.version);
            reply->set_started_at_ms(parts_.sequencer->started_at_ms());
            reply->set_waiting_commands(static_cast<uint32_t>(parts_.sequencer->waiting()));
            reply->set_chain_link(parts_.log->last_link());
            AddHistory(parts_, reply.get());
            AddCertificate(parts_, reply.get());
            AddRevocationList(parts_, reply.get());
            AddTrail(parts_, reply.get());
            AddErasure(parts_, reply.get());
            done(std::move(*reply));
          });
          if (!taken.ok()) done(taken);
        });
      });
}

}  // namespace liandong::service
