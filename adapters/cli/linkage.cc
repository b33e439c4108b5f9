// assign, review-return, roster, handover: who does it when desks do not agree, and who is on post.
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/show_reply.h"
#include "adapters/cli/text.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::cli {
namespace {

struct AssignFlags {
  uint64_t incident = 0;
  std::string lead, reason;
  std::vector<std::string> support;
  uint32_t accept_within_s = 0, complete_within_s = 0;
};

void AddAssign(CLI::App& app, Context& context) {
  auto flags = std::make_shared<AssignFlags>();
  auto* command = app.add_subcommand(
      "assign",
      "指定主办和协办，不得退回（指挥中心） name one lead and its helpers; cannot be refused (command centre)");
  command->footer("例 Example: liandong assign 7 --lead urban-management --support town-qingshi --reason 职责交叉");
  command->add_option("INCIDENT", flags->incident, "事件编号 incident id")->required();
  command->add_option("--lead", flags->lead, "主办单位 party that leads")->required();
  command->add_option("--support", flags->support, "协办单位，可写多个 party that helps, may be repeated")
      ->allow_extra_args(false);
  command->add_option("--accept-within", flags->accept_within_s, "主办须在多少秒内受理 seconds; 0: the site's default");
  command->add_option("--complete-within", flags->complete_within_s,
                      "主办须在多少秒内办结 seconds; 0: the site's default");
  command->add_option("--reason", flags->reason, "原因，不写个人信息 why; nothing personal")->required();
  OnRun(command, context, [&context, flags] {
    v1::AssignIncidentRequest request;
    request.set_incident_id(flags->incident);
    request.set_lead(flags->lead);
    for (const std::string& party : flags->support) request.add_support(party);
    request.set_reason(flags->reason);
    request.set_accept_within_s(flags->accept_within_s);
    request.set_complete_within_s(flags->complete_within_s);
    *request.mutable_actor() = context.Actor();
    return context.WithDesk([&](adapters::DeskClient& desk) {
      return ShowReply(context, "已指定承办 assigned", desk.AssignIncident(request));
    });
  });
}

struct ReviewFlags {
  uint64_t duty = 0;
  bool grant = false, reject = false;
  std::string to, reason;
};

void AddReview(CLI::App& app, Context& context) {
  auto flags = std::make_shared<ReviewFlags>();
  auto* command = app.add_subcommand(
      "review-return",
      "退单审核：同意（可重派）或驳回（指挥中心） review a return: grant it, or reject it (command centre)");
  command->footer(
      "例 Examples:\n"
      "  liandong review-return 21 --grant --to town-qingshi\n"
      "  liandong review-return 21 --reject --reason 属本单位职责\n"
      "其他审核单位用 liandong ack 答复退单申请：accepted 同意，refused 驳回\n"
      "A reviewing desk other than the command centre answers the delivery with: liandong ack");
  command->add_option("DUTY", flags->duty, "职责编号 duty id")->required();
  auto* grant = command->add_flag("--grant", flags->grant, "同意退单 grant");
  auto* reject = command->add_flag("--reject", flags->reject, "驳回，任务不变 reject: the duty stands");
  reject->excludes(grant);
  command->add_option("--to", flags->to, "重派给谁 with --grant: who gets it")->excludes(reject);
  command->add_option("--reason", flags->reason, "理由，驳回必填 why; required to reject");
  OnRun(command, context, [&context, flags] {
    if (flags->grant == flags->reject)
      return context.FailLocal(absl::InvalidArgumentError("写 --grant 或 --reject say --grant or --reject"));
    v1::ReviewReturnRequest request;
    request.set_duty_id(flags->duty);
    request.set_grant(flags->grant);
    request.set_to(flags->to);
    request.set_reason(flags->reason);
    *request.mutable_actor() = context.Actor();
    return context.WithDesk([&](adapters::DeskClient& desk) {
      return ShowReply(context, flags->grant ? "已同意退单 return granted" : "已驳回退单 return rejected",
                       desk.ReviewReturn(request));
    });
  });
}

std::string PostTable(const v1::ListPostsReply& reply) {
  if (reply.post().empty()) return "没有岗位 no posts\n";
  std::vector<std::vector<std::string>> rows = {
      {"岗位 post", "名称 title", "单位 party", "当班 on post", "24小时电话 phone", "至 until", "来源 by"}};
  for (const auto& post : reply.post()) {
    rows.push_back({post.post(), post.title_zh(), post.party(), post.person().empty() ? "无 nobody" : post.person(),
                    post.phone_24h(), Time(post.until_ms()),
                    post.handed_over() ? "交接 handed over" : "值班表 roster"});
  }
  return Table(rows);
}

void AddPosts(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("roster", "现在谁在岗 who is on which post now");
  OnRun(command, context, [&context] {
    return context.WithDesk([&](adapters::DeskClient& desk) {
      const auto reply = desk.ListPosts();
      if (!reply.ok()) return context.Fail(reply.status());
      if (context.json) {
        context.Json(*reply);
      } else {
        context.out << PostTable(*reply) << std::flush;
      }
      return static_cast<int>(kDone);
    });
  });

  struct HandOverFlags {
    std::string post, person, phone;
  };
  auto flags = std::make_shared<HandOverFlags>();
  command = app.add_subcommand(
      "handover", "交接班：接班人当班到值班表的下一班 a post is handed over until the roster's next shift");
  command->add_option("POST", flags->post, "岗位 post id")->required();
  command->add_option("NAME", flags->person, "接班人 who is on post from now on")->required();
  command->add_option("--phone", flags->phone, "24小时电话，不写用岗位电话 number; none: the post's");
  OnRun(command, context, [&context, flags] {
    v1::HandOverPostRequest request;
    request.set_post(flags->post);
    request.set_person(flags->person);
    request.set_phone_24h(flags->phone);
    *request.mutable_actor() = context.Actor();
    return context.WithDesk([&](adapters::DeskClient& desk) {
      const auto reply = desk.HandOverPost(request);
      if (!reply.ok()) return context.Fail(reply.status());
      if (context.json) {
        context.Json(*reply);
      } else {
        v1::ListPostsReply one;
        *one.add_post() = reply->post();
        context.out << "已交接 handed over，记录 record " << reply->log_index() << "\n" << PostTable(one) << std::flush;
      }
      return static_cast<int>(kDone);
    });
  });
}

}  // namespace

void AddLinkage(CLI::App& app, Context& context) {
  AddAssign(app, context);
  AddReview(app, context);
  AddPosts(app, context);
}

}  // namespace liandong::cli
