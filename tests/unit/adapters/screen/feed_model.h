// A made-up hub for tests of the screen: incidents that change, and the frames that a real hub would send of it.
#ifndef LIANDONG_TESTS_UNIT_ADAPTERS_SCREEN_FEED_MODEL_H_
#define LIANDONG_TESTS_UNIT_ADAPTERS_SCREEN_FEED_MODEL_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "adapters/screen/feed_follower.h"
#include "liandong/v1/feed.pb.h"

namespace liandong::screen {

inline v1::IncidentSummary MakeSummary(uint64_t id, const std::string& division, uint64_t revision = 1,
                                       v1::IncidentStatus status = v1::OPEN) {
  v1::IncidentSummary summary;
  summary.mutable_incident()->set_incident_id(id);
  summary.mutable_incident()->set_revision(revision);
  summary.mutable_incident()->set_status(status);
  summary.mutable_incident()->set_purpose(v1::ACTUAL);
  summary.mutable_incident()->set_division(division);
  summary.set_first_party("police-110");
  return summary;
}

inline v1::DutyLine* AddDuty(v1::IncidentSummary* summary, const std::string& party, uint64_t delivery_id) {
  v1::DutyLine* duty = summary->add_duty();
  duty->set_duty_id(delivery_id);
  duty->set_party(party);
  duty->set_role(v1::LEAD);
  duty->set_status(v1::DUTY_OPEN);
  duty->set_delivery_id(delivery_id);
  return duty;
}

struct ModelFrame {
  std::string topic;
  v1::FeedHeader header;
  v1::FeedFrame frame;
};

class FeedModel {
 public:
  // Another hub over the same log: what was sent before counts no more.
  void Restart() {
    ++started_ms_;
    last_.clear();
  }

  // One record that leaves the incident so. An incident that moved gives a frame for the place that it left as well.
  std::vector<ModelFrame> Change(const v1::IncidentSummary& summary) {
    const uint64_t id = summary.incident().incident_id();
    const auto before = now_.find(id);
    std::vector<ModelFrame> frames;
    ++index_;
    uint32_t part = 0;
    if (before != now_.end() && before->second.incident().division() != summary.incident().division()) {
      frames.push_back(Frame(before->second.incident().division(), ++part));
      frames.back().frame.add_gone(id);
    }
    frames.push_back(Frame(summary.incident().division(), ++part));
    *frames.back().frame.add_incident() = summary;
    now_[id] = summary;
    return frames;
  }

  v1::FeedHeader HeartbeatHeader() const {
    v1::FeedHeader header;
    header.set_index(index_);
    header.set_started_ms(started_ms_);
    return header;
  }
  v1::FeedHeartbeat Heartbeat(const std::string& area) const {
    v1::FeedHeartbeat heartbeat;
    heartbeat.set_area(area);
    heartbeat.set_log_index(index_);
    for (const auto& [prefix, at] : last_) {
      if (prefix.compare(0, area.size(), area) != 0) continue;
      v1::FeedPosition* position = heartbeat.add_latest();
      position->set_prefix(prefix);
      position->set_index(at.index);
      position->set_part(at.part);
    }
    return heartbeat;
  }

  // Open incidents of the areas.
  std::vector<v1::IncidentSummary> Open(const std::vector<std::string>& areas) const {
    std::vector<v1::IncidentSummary> open;
    for (const auto& [id, summary] : now_) {
      if (summary.incident().status() == v1::OPEN && In(summary, areas)) open.push_back(summary);
    }
    return open;
  }

  uint64_t index() const { return index_; }
  int64_t started_ms() const { return started_ms_; }

 private:
  static bool In(const v1::IncidentSummary& summary, const std::vector<std::string>& areas) {
    for (const std::string& area : areas) {
      if (summary.incident().division().compare(0, area.size(), area) == 0) return true;
    }
    return false;
  }

  ModelFrame Frame(const std::string& division, uint32_t part) {
    ModelFrame frame;
    frame.topic = division + "/ACTUAL";
    frame.header.set_index(index_);
    frame.header.set_part(part);
    frame.header.set_started_ms(started_ms_);
    for (const size_t level : kFeedLevels) {
      Position& last = last_[division.substr(0, level)];
      frame.header.add_previous(last.index);
      frame.header.add_previous_part(last.part);
      last = {index_, part};
    }
    frame.frame.set_log_index(index_);
    frame.frame.set_time_ms(static_cast<int64_t>(1000 * index_));
    return frame;
  }

  uint64_t index_ = 100;
  int64_t started_ms_ = 1;
  std::map<std::string, Position> last_;
  std::map<uint64_t, v1::IncidentSummary> now_;
};

}  // namespace liandong::screen

#endif  // LIANDONG_TESTS_UNIT_ADAPTERS_SCREEN_FEED_MODEL_H_
