// 交接班: a post is handed over by a person; the roster goes on with its next shift.
#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/render.h"
#include "hub/core/steps.h"
#include "routing/roster.h"

namespace liandong::core {

v1::PostLine LineOf(const State& state, const routing::Site& site, const v1::Post& post, int64_t now_ms) {
  const Target target = WhoIsTold(state, site, post.id(), now_ms);
  v1::PostLine line;
  line.set_post(post.id());
  line.set_party(post.party());
  line.set_title_zh(post.title_zh());
  line.set_title_en(post.title_en());
  line.set_person(target.person);
  line.set_phone_24h(target.phone_24h);
  line.set_until_ms(target.handed_over ? state.FindPost(post.id())->until_ms()
                                       : routing::NextShiftChange(post, site.settings().utc_offset_minutes(), now_ms));
  line.set_handed_over(target.handed_over);
  return line;
}

absl::StatusOr<Answer> DecideHandOver(Draft& draft, const HandOverCommand& command) {
  const v1::HandOverPostRequest& request = command.request;
  const routing::Site& site = draft.site();
  const v1::Post* post = site.FindPost(request.post());
  if (post == nullptr) {
    return Refuse(absl::StatusCode::kNotFound, "UNKNOWN_POST",
                  absl::StrCat("there is no post \"", request.post(), "\"; list them with: liandong roster"),
                  "没有该岗位", "post");
  }
  const std::string& party = draft.context().actor.party();
  if (party != post->party() && party != site.settings().command_party()) {
    return Refuse(absl::StatusCode::kPermissionDenied, "NOT_ALLOWED",
                  absl::StrCat("post \"", request.post(), "\" belongs to ", post->party()), "该岗位不属于本单位",
                  "post");
  }
  if (request.person().empty() || request.person().size() > limits::kPersonBytes ||
      request.phone_24h().size() > limits::kPersonBytes) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD",
                  absl::StrCat("person: who is on post now is required, at most ", limits::kPersonBytes, " bytes"),
                  "必须写明接班人", "person");
  }
  v1::PostHandedOver* what = draft.record().mutable_post_handed_over();
  what->set_post(post->id());
  what->set_from(WhoIsTold(draft.state(), site, post->id(), draft.now()).person);
  what->set_to(request.person());
  what->set_until_ms(routing::NextShiftChange(*post, site.settings().utc_offset_minutes(), draft.now()));
  v1::PostState* state = draft.record().mutable_changes()->add_post();
  state->set_post(post->id());
  state->set_person(request.person());
  state->set_phone_24h(request.phone_24h());
  state->set_since_ms(draft.now());
  state->set_until_ms(what->until_ms());
  v1::HandOverPostReply reply;
  v1::PostLine* line = reply.mutable_post();
  *line = LineOf(draft.state(), site, *post, draft.now());
  line->set_person(request.person());
  if (!request.phone_24h().empty()) line->set_phone_24h(request.phone_24h());
  line->set_until_ms(what->until_ms());
  line->set_handed_over(true);
  reply.set_log_index(draft.context().index);
  return Answer(std::move(reply));
}

}  // namespace liandong::core
