// What happens in a night.
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "gtest/gtest.h"
#include "hub/core/decide.h"
#include "tests/disclosure/night.h"

namespace liandong::disclosure {
namespace {

std::string Varint(uint64_t number) {
  std::string bytes(10, '\0');
  uint8_t* const end =
      google::protobuf::io::CodedOutputStream::WriteVarint64ToArray(number, reinterpret_cast<uint8_t*>(bytes.data()));
  bytes.resize(reinterpret_cast<char*>(end) - bytes.data());
  return bytes;
}

std::string BytesOf(double number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

}  // namespace

void Night::Report() {
  const std::string party = Below(6) == 0 ? AnyParty() : AnyOf(kHotlines);
  Told told;
  const bool again = !told_.empty() && Below(3) == 0;
  if (again) {
    auto it = told_.begin();
    std::advance(it, Below(static_cast<int>(told_.size())));
    told = it->second;
    ++told.revision;
  } else {
    told.party = party;
    told.secret = Below(10) == 0;
  }
  // The incident's number is known when it is answered; what was told is looked for from then on.
  std::vector<std::pair<Secret, std::vector<std::string>>> fresh;
  std::set<std::string> whose = {told.party};
  for (const v1::Party& one : papers_.party()) {
    if (one.id() == told.party && !one.secret_handler().empty() && told.secret) whose.insert(one.secret_handler());
  }
  auto add = [&](v1::Field field, const std::vector<std::string>& needles) {
    Secret secret;
    secret.what = absl::StrCat(field == v1::FIELD_UNSPECIFIED ? "PERSON" : v1::Field_Name(field), " of ",
                               told.secret ? "secret " : "", "report ", told.id, " by ", told.party);
    secret.field = field;
    secret.whose = whose;
    secret.not_even_command = told.secret;
    // Ids, counts and who took the call.
    secret.in_clear = field == v1::SOURCE_RECORD || field == v1::CASUALTIES || field == v1::FIELD_UNSPECIFIED;
    fresh.emplace_back(secret, needles);
  };
  auto text = [&](v1::Field field, const std::string& before = "") {
    const std::string token = Token();
    add(field, {token});
    return before + token;
  };
  if (!again) told.id = text(v1::SOURCE_RECORD);
  v1::Report report;
  report.set_external_id(told.id);
  report.set_revision(told.revision);
  report.mutable_actor()->set_person(text(v1::FIELD_UNSPECIFIED));
  v1::OpenPart& open = *report.mutable_open();
  open.set_purpose(v1::ACTUAL);
  open.set_category(AnyOf(kCategories));
  open.set_division(AnyOf(kDivisions));
  open.set_severity(static_cast<v1::Severity>(Below(5)));
  open.set_secret(told.secret);
  if (!again && !told_.empty() && Below(4) == 0) {
    auto it = told_.begin();
    std::advance(it, Below(static_cast<int>(told_.size())));
    if (!it->second.secret && !told.secret) {
      open.add_references()->set_party(it->second.party);
      open.mutable_references(0)->set_external_id(it->second.id);
      for (Secret& secret : secrets_) {  // it knows the number that it names
        if (secret.field == v1::SOURCE_RECORD && secret.what.find(it->second.id) != std::string::npos)
          secret.whose.insert(told.party);
      }
    }
  }
  const bool all = Below(2) == 0;
  auto perhaps = [&] { return all || Below(2) == 0; };
  if (perhaps()) {
    const uint64_t loss = (uint64_t{1} << 48) + (uint64_t{random_()} << 8) + Below(256);
    open.mutable_counts()->set_loss_yuan(loss);
    add(v1::CASUALTIES, {Varint(loss), absl::StrCat(loss)});
  }
  v1::SealedPart& sealed = *report.mutable_sealed();
  const std::string word = Below(2) == 0 ? AnyOf(kWords) : "";
  sealed.set_description(text(v1::DESCRIPTION, word));
  // What masked forms show is told apart by itself: a rare first character, the ends of a number.
  auto name = [&] {
    std::string first = "\xE9\xBE\xA0";
    first[1] = static_cast<char>(0x80 + Below(64));
    first[2] = static_cast<char>(0x80 + Below(64));
    v1::ReportView shown;  // five bytes alone would be too few to look for
    shown.set_caller_name(first + "**");
    add(v1::CALLER_NAME_MASKED, {shown.SerializeAsString()});
    return first + text(v1::CALLER_NAME);
  };
  auto number = [&] {
    std::string digits = "1";
    for (int i = 0; i < 10; ++i) digits += static_cast<char>('0' + Below(10));
    add(v1::CALLER_PHONE, {digits});
    add(v1::CALLER_PHONE_MASKED, {digits.substr(0, 3) + "****" + digits.substr(7)});
    return digits;
  };
  if (perhaps()) sealed.set_caller_name(name());
  if (perhaps()) sealed.set_caller_phone(number());
  if (perhaps()) sealed.set_contact_phone(number());
  if (perhaps()) sealed.set_address(text(v1::PLACE));
  if (perhaps()) sealed.set_village(text(v1::PLACE));
  if (perhaps()) sealed.set_medical(text(v1::MEDICAL));
  if (perhaps()) {
    sealed.add_details()->set_name("被困");
    sealed.mutable_details(0)->set_value(text(v1::DETAILS));
  }
  if (perhaps()) {
    v1::Point& point = *sealed.mutable_point();
    point.set_has_wgs84(true);
    point.set_lat(28 + random_() / 1e10);
    point.set_lng(119 + random_() / 1e10);
    add(v1::PLACE, {BytesOf(point.lat()), absl::StrCat(point.lat())});
    add(v1::PLACE, {BytesOf(point.lng()), absl::StrCat(point.lng())});
  }
  ASSERT_TRUE(core::CheckReport(report).ok());
  core::Normalize(&report);
  v1::Receipt receipt;
  bool ok = false;
  const auto actor = Who(told.party, report.actor().person());
  auto answer = AnswerTo<v1::Receipt>(told.party, &ok);
  hub_.Do(hub::ReportWork(actor, report, [&](absl::StatusOr<v1::Receipt> got) {
    if (got.ok()) receipt = *got;
    answer(std::move(got));
  }));
  told.incident = receipt.incident_id();
  for (auto& [secret, needles] : fresh) {
    secret.incident = told.incident;
    Know(secret, needles);
  }
  if (ok) {
    told_[told.party + " " + told.id] = told;
    texts_[told.incident] += word;
    if (!told.secret) {
      reporters_[told.incident].insert(told.party);
      for (const v1::Party& one : papers_.party()) {
        if (one.id() != told.party) continue;
        for (const int field : one.feedback_disclose())
          granted_[{told.incident, told.party}].insert(static_cast<v1::Field>(field));
      }
    }
  }
  Do([](hub::Turn&) {});
}

void Night::Acknowledge() {
  if (deliveries_.empty()) return;
  const auto [party, delivery] = deliveries_[Below(static_cast<int>(deliveries_.size()))];
  uint64_t incident = 0;
  hub_.Do([&, id = delivery](hub::Turn& turn) {
    if (const v1::DeliveryState* found = turn.state().FindDelivery(id)) incident = found->incident_id();
  });
  if (incidents_.count(incident) == 0 || incidents_.at(incident).secret()) return;
  Secret secret;
  secret.what = absl::StrCat("what ", party, " wrote of delivery ", delivery);
  secret.incident = incident;
  secret.whose = {party};
  secret.to_reporters = true;
  v1::AcknowledgeRequest request;
  v1::Acknowledgment* ack = request.add_acknowledgment();
  ack->set_delivery_id(delivery);
  ack->set_state(static_cast<v1::AckState>(v1::SEEN + Below(9)));
  ack->set_note(NewText(secret));
  if (ack->state() == v1::REFUSED) ack->set_reason(NewText(secret, "他说家住"));
  ack->set_deferred_until_ms(hub_.clock().WallMs() + 600'000);
  secret.in_clear = true;  // who acted, and with which vehicle
  ack->set_unit(NewText(secret));
  ack->mutable_actor()->set_person(NewText(secret));
  Do(hub::AcknowledgeWork(Who(party), request, AnswerTo<v1::AcknowledgeReply>(party)));
}

void Night::Order() {
  v1::OrderPartiesRequest request;
  request.set_incident_id(Below(4) == 0 ? 0 : AnyIncident());
  if (request.incident_id() != 0 && incidents_.count(request.incident_id()) > 0 &&
      incidents_.at(request.incident_id()).secret())
    return;
  request.set_given_by("值班长");
  request.set_purpose(v1::ACTUAL);
  Secret secret;
  secret.what = "an order's text";
  for (int i = 1 + Below(2); i > 0; --i) {
    request.add_party(AnyParty());
    secret.whose.insert(request.party(request.party_size() - 1));
  }
  request.set_text(NewText(secret));
  Do(hub::OrderWork(Who("command"), request, AnswerTo<v1::OrderPartiesReply>("command")));
}

void Night::Transfer() {
  const uint64_t incident = AnyIncident();
  if (incidents_.count(incident) == 0 || incidents_.at(incident).secret()) return;
  const std::string from = Below(2) == 0 ? "command" : incidents_.at(incident).holder();
  v1::TransferRequest request;
  request.set_incident_id(incident);
  request.set_to(AnyParty());
  Secret secret;
  secret.what = "a transfer's reason";
  secret.whose = {from, request.to()};
  request.set_reason(NewText(secret));
  bool ok = false;
  hub_.Do(hub::TransferWork(Who(from), request, from == "command", AnswerTo<v1::ActionReply>(from, &ok)));
  if (ok) {
    for (const int field : papers_.settings().transfer_disclose())
      granted_[{incident, request.to()}].insert(static_cast<v1::Field>(field));
  }
  Do([](hub::Turn&) {});
}

// The command centre names who does it, or gives a duty to another.
void Night::Give() {
  const std::string to = AnyParty();
  bool ok = false;
  if (Below(2) == 0) {
    v1::AssignIncidentRequest request;
    request.set_incident_id(AnyIncident());
    request.set_lead(to);
    request.set_reason("指定");
    hub_.Do(hub::AssignWork(Who("command"), request, AnswerTo<v1::ActionReply>("command", &ok)));
    if (ok) {
      for (const int field : papers_.settings().transfer_disclose())
        granted_[{request.incident_id(), to}].insert(static_cast<v1::Field>(field));
    }
  } else if (!duties_.empty()) {
    auto it = duties_.begin();
    std::advance(it, Below(static_cast<int>(duties_.size())));
    const auto [duty, about] = *it;
    v1::ReassignRequest request;
    request.set_duty_id(duty);
    request.set_to(to);
    request.set_reason("改派");
    hub_.Do(hub::ReassignWork(Who("command"), request, AnswerTo<v1::ActionReply>("command", &ok)));
    if (ok) {
      // With the duty goes what the old party saw, an order's text among it. The command centre sees more than it may
      // give.
      if (about.second == "command") {
        for (const int field : papers_.settings().transfer_disclose())
          granted_[{about.first, to}].insert(static_cast<v1::Field>(field));
      }
      for (const auto& [key, fields] : std::map(granted_)) {
        if (key.second == about.second && Group(key.first) == Group(about.first))
          granted_[{about.first, to}].insert(fields.begin(), fields.end());
      }
      for (Secret& secret : secrets_) {
        if (secret.what == "an order's text" && secret.whose.count(about.second) > 0) secret.whose.insert(to);
      }
    }
  }
  Do([](hub::Turn&) {});
}

void Night::Join() {
  if (Below(3) != 0) {
    v1::MergeRequest request;
    request.set_older(AnyIncident());
    request.set_younger(AnyIncident());
    Do(hub::MergeWork(Who("command"), request, AnswerTo<v1::ActionReply>("command")));
  } else {
    v1::SplitRequest request;
    request.set_incident_id(AnyIncident());
    Do(hub::SplitWork(Who("command"), request, AnswerTo<v1::ActionReply>("command")));
  }
}

void Night::Correct() {
  v1::CorrectIncidentRequest request;
  request.set_incident_id(AnyIncident());
  request.set_reason("更正");
  if (Below(2) == 0) request.set_category(kCategories[1 + Below(kCategories.size() - 1)]);
  if (Below(2) == 0) request.set_severity(static_cast<v1::Severity>(Below(5)));
  if (Below(3) == 0) request.set_division(kDivisions[1 + Below(2)]);
  Do(hub::CorrectWork(Who("command"), request, AnswerTo<v1::ActionReply>("command")));
}

// Everybody tries what is not theirs, and reads what is.
void Night::Read() {
  const std::string party = AnyParty();
  v1::FetchReply fetched;
  hub_.Do([&](hub::Turn& turn) {
    fetched = turn.streams().Fetch(turn.state(), turn.renderer(), party, v1::FetchRequest());
  });
  Look(party, "a fetch", fetched.SerializeAsString());
  v1::AcknowledgeRequest strange;
  strange.add_acknowledgment()->set_delivery_id(1 + Below(200));
  strange.mutable_acknowledgment(0)->set_state(v1::RECEIVED);
  hub_.Do(hub::AcknowledgeWork(Who(party), strange, AnswerTo<v1::AcknowledgeReply>(party)));
  v1::CloseRequest close;
  close.set_incident_id(AnyIncident());
  close.set_reason("x");
  const auto holder = incidents_.find(close.incident_id());
  if (holder != incidents_.end() && holder->second.holder() != party)
    hub_.Do(hub::CloseWork(Who(party), close, /*by_desk=*/false, /*cancel=*/false, AnswerTo<v1::ActionReply>(party)));
  // The desk of the command centre: everything but what is secret.
  hub_.Do([&](hub::Turn& turn) {
    turn.state().incidents().Ascend([&](uint64_t, const v1::IncidentState& incident) {
      const core::Disclosure disclosure = turn.renderer().DisclosureFor("command", incident);
      Look("command", "the desk", turn.renderer().View(incident, disclosure, 500).SerializeAsString());
      Look("command", "the desk", turn.renderer().Summary(incident, "command").SerializeAsString());
    });
  });
  Do([](hub::Turn&) {});
}

}  // namespace liandong::disclosure
