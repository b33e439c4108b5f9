#include "hub/feed/framer.h"

#include <algorithm>
#include <set>
#include <utility>

#include "hub/feed/limits.h"

namespace liandong::feed {
namespace {

bool IsPrefix(std::string_view prefix, std::string_view text) { return text.substr(0, prefix.size()) == prefix; }

// The common part of two prefixes' sets: the longer of the two when one begins with the other.
void AddCommon(std::string_view asked, const std::string& may, std::set<std::string>* out) {
  if (IsPrefix(asked, may)) {
    out->insert(may);
  } else if (IsPrefix(may, asked)) {
    out->insert(std::string(asked));
  }
}

}  // namespace

std::string TopicOf(std::string_view division, v1::Purpose purpose) {
  std::string out(division.empty() ? std::string_view(kUnknownDivision) : division);
  out += '/';
  out += v1::Purpose_Name(purpose);
  return out;
}

std::string HeartbeatTopicOf(std::string_view area) {
  std::string out = kHeartbeatTopic;
  out += '/';
  out += area;
  out += '/';
  return out;
}

std::vector<std::string> Granted(std::string_view asked, const std::vector<std::string>& areas) {
  std::set<std::string> out;
  if (asked.size() > limits::kAskedBytes) return {};
  for (const std::string& area : areas) {
    if (area.empty()) continue;
    AddCommon(asked, area, &out);
    AddCommon(asked, HeartbeatTopicOf(area), &out);
  }
  return {out.begin(), out.end()};
}

v1::IncidentSummary ForTheFeed(const v1::IncidentSummary& summary) {
  v1::IncidentSummary out = summary;
  out.mutable_incident()->clear_counts();    // disclosed by clauses only
  out.mutable_incident()->clear_reports();   // names, numbers, words
  out.mutable_incident()->clear_withheld();  // says what is in them
  return out;
}

void Framer::Seed(uint64_t incident_id, std::string_view division, v1::Purpose purpose) {
  published_[incident_id] = TopicOf(division, purpose);
}

void Framer::Place(Frame* frame, uint32_t part) {
  frame->header.set_index(index_);
  frame->header.set_part(part);
  frame->header.set_started_ms(started_ms_);
  if (last_.size() > limits::kPrefixes) last_.clear();
  for (size_t digits : kLevelDigits) {
    Position& last = last_[frame->topic.substr(0, digits)];
    frame->header.add_previous(last.index);
    frame->header.add_previous_part(last.part);
    last = {index_, part};
  }
}

std::vector<Frame> Framer::Take(const hub::CommittedEvent& event) {
  index_ = event.index;
  std::map<std::string, Frame> leaving, present;
  for (size_t i = 0; i < event.incidents.size(); ++i) {
    const v1::IncidentView& incident = event.incidents[i].incident();
    const auto known = published_.find(incident.incident_id());
    const std::string topic = TopicOf(incident.division(), incident.purpose());
    const bool moved = known != published_.end() && (incident.secret() || known->second != topic);
    if (moved) {
      leaving[known->second].gone.push_back(incident.incident_id());
      published_.erase(known);
    }
    if (incident.secret()) continue;
    published_[incident.incident_id()] = topic;
    present[topic].incident.push_back(i);
  }
  for (uint64_t id : event.evicted) published_.erase(id);
  std::vector<Frame> out;
  for (auto* frames : {&leaving, &present}) {
    for (auto& [topic, frame] : *frames) {
      frame.topic = topic;
      Place(&frame, static_cast<uint32_t>(out.size() + 1));
      out.push_back(std::move(frame));
    }
  }
  return out;
}

v1::FeedHeader Framer::Header() const {
  v1::FeedHeader header;
  header.set_index(index_);
  header.set_started_ms(started_ms_);
  return header;
}

v1::FeedHeartbeat Framer::HeartbeatOf(const std::string& area) const {
  v1::FeedHeartbeat out;
  out.set_area(area);
  out.set_log_index(index_);
  for (auto it = last_.lower_bound(area); it != last_.end() && IsPrefix(area, it->first); ++it) {
    v1::FeedPosition* one = out.add_latest();
    one->set_prefix(it->first);
    one->set_index(it->second.index);
    one->set_part(it->second.part);
  }
  return out;
}

}  // namespace liandong::feed
