#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/text.h"
#include "adapters/client/error.h"
#include "adapters/limits.h"
#include "liandong/v1/acknowledgment.pb.h"

namespace liandong::cli {
namespace {

struct AckFlags {
  std::vector<std::string> words;  // delivery ids, then the state
  std::string reason, until, note, unit, at;
  CountFlags counts;
};

absl::StatusOr<v1::AcknowledgeRequest> MakeRequest(const Context& context, const AckFlags& flags) {
  if (flags.words.size() > adapters::kAcknowledgmentsMax + 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("一次最多 ", adapters::kAcknowledgmentsMax, " 件 at most so many deliveries at once"));
  }
  const auto state = Parse<v1::AckState>(flags.words.back());
  if (!state.ok()) return state.status();
  v1::Acknowledgment one;
  one.set_state(*state);
  one.set_reason(flags.reason);
  one.set_note(flags.note);
  one.set_unit(flags.unit);
  if (flags.counts.Any()) flags.counts.WriteTo(one.mutable_counts());
  if (!flags.until.empty()) {
    const auto until = ParseTime(flags.until, absl::Now());
    if (!until.ok()) return until.status();
    one.set_deferred_until_ms(*until);
  }
  if (!flags.at.empty()) {
    const auto at = ParseTime(flags.at, absl::Now());
    if (!at.ok()) return at.status();
    one.set_at_ms(*at);
  }
  *one.mutable_actor() = context.Actor();
  v1::AcknowledgeRequest request;
  for (auto word = flags.words.begin(); word + 1 != flags.words.end(); ++word) {
    uint64_t id = 0;
    if (!absl::SimpleAtoi(*word, &id) || id == 0) {
      return absl::InvalidArgumentError(absl::StrCat("\"", *word, "\" 不是投递编号 is no delivery id"));
    }
    one.set_delivery_id(id);
    *request.add_acknowledgment() = one;
  }
  return request;
}

int Show(Context& context, const v1::AcknowledgeReply& reply) {
  int result = kDone;
  for (const v1::AckReply& one : reply.reply()) {
    if (context.json) context.Json(one);
    if (one.outcome() == v1::REJECTED) {
      const absl::Status why = adapters::StatusFromDetail(one.error(), one.message());
      if (!context.json) context.err << "#" << one.delivery_id() << " " << Say(one.outcome()) << "\n";
      const int code = context.Fail(why);
      result = one.error().reason() == "UNKNOWN_DELIVERY" ? static_cast<int>(kNotFound) : code;
    } else if (!context.json) {
      context.out << "#" << one.delivery_id() << " " << Say(one.state()) << ": " << Say(one.outcome()) << std::endl;
    }
  }
  return result;
}

}  // namespace

void AddAck(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("ack", "签收、受理、退回、到场、办结 acknowledge a delivery");
  auto flags = std::make_shared<AckFlags>();
  command->footer(
      "例 Examples:\n"
      "  liandong ack 41 accepted --person 王工\n"
      "  liandong ack 41 refused --reason 属地不符\n"
      "  liandong ack 41 deferred --until +20m\n"
      "  liandong ack 41 completed --injured 2 --evacuated 30 --note 线路已恢复\n"
      "状态只向前；重复不算错。A state only moves forward; a repeat is no error.");
  // CLI11 would take the state for one more id, so the words are told apart here.
  command
      ->add_option("ID", flags->words,
                   "投递编号，可写几个，最后是状态 delivery ids, then the state: " + Choices<v1::AckState>())
      ->option_text("... STATE")
      ->required()
      ->expected(2, CLI::detail::expected_max_vector_size);
  command->add_option("--reason", flags->reason, "退回原因 why, with refused");
  command->add_option("--until", flags->until, "何时答复，与 deferred 合用 with deferred: \"+20m\", \"02:45\"");
  command->add_option("--note", flags->note, "备注 free text");
  command->add_option("--unit", flags->unit, "车辆或队伍 vehicle or team");
  command->add_option("--at", flags->at, "何时发生；不写为现在 when it happened; now when absent");
  flags->counts.AddTo(command);
  OnRun(command, context, [&context, flags] {
    const auto request = MakeRequest(context, *flags);
    if (!request.ok()) return context.FailLocal(request.status());
    return context.WithClient([&](std::shared_ptr<adapters::HubClient> client) {
      const auto reply = client->Acknowledge(*request, context.Timeout());
      return reply.ok() ? Show(context, *reply) : context.Fail(reply.status());
    });
  });
}

}  // namespace liandong::cli
