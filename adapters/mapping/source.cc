#include <cstdio>
#include <string>

#include "adapters/geo/datum.h"
#include "adapters/mapping/evaluate.h"
#include "adapters/mapping/native_path.h"
#include "adapters/mapping/our_path.h"

namespace liandong::adapters {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

Datum GeoDatum(v1::Datum datum) {
  switch (datum) {
    case v1::WGS84:
      return Datum::kWgs84;
    case v1::CGCS2000:
      return Datum::kCgcs2000;
    case v1::GCJ02:
      return Datum::kGcj02;
    case v1::BD09:
      return Datum::kBd09;
    default:
      return Datum::kUnknown;
  }
}

// A report's point in the datum of the link, which is the only one that its system understands.
std::optional<std::string> Coordinate(const v1::Profile& profile, const v1::ReportView& report, bool x) {
  double value = 0;
  if (report.point().has_wgs84()) {
    std::optional<LngLat> native =
        FromWgs84(GeoDatum(profile.datum()), Wgs84{report.point().lng(), report.point().lat()});
    if (!native) return std::nullopt;
    value = x ? native->lng : native->lat;
  } else {
    return std::nullopt;
  }
  char text[40];
  // Seven decimals are a centimetre.
  snprintf(text, sizeof text, "%.7f", value);
  return text;
}

std::string_view FirstPart(std::string_view path) { return path.substr(0, path.find('.')); }

}  // namespace

std::optional<std::string> NativeSource::Text(std::string_view path) const { return TextAt(tree_, path); }

const Descriptor* OutboundRoot(std::string_view path, std::string_view* rest, const Descriptor* item) {
  const std::string_view first = FirstPart(path);
  *rest = first.size() < path.size() ? path.substr(first.size() + 1) : std::string_view();
  if (first == "envelope" || first == "body") {
    *rest = path;
    return v1::Delivery::descriptor();
  }
  if (first == "own" || first == "source") return v1::ReportView::descriptor();
  if (first == "feedback") return v1::FeedbackItem::descriptor();
  if (first == "item") return item;
  return nullptr;
}

DeliverySource::DeliverySource(const v1::Profile& profile, const v1::Delivery& delivery, const Message* item)
    : profile_(profile), delivery_(delivery), item_(item) {
  for (const v1::ReportView& report : delivery.body().incident().reports()) {
    if (report.party() == profile.party()) {
      // A party can have several reports in one incident (merged); the newest is the one it works with.
      own_ = &report;
    } else if (other_ == nullptr) {
      other_ = &report;
    }
  }
  if (other_ == nullptr) other_ = own_;
  if (delivery.body().feedback_size() > 0) feedback_ = &*delivery.body().feedback().rbegin();
}

std::optional<std::string> DeliverySource::Text(std::string_view path) const {
  const std::string_view first = FirstPart(path);
  if (first == "envelope" || first == "body") return GetOurs(delivery_, path);
  const Message* root = nullptr;
  const std::string_view rest = first.size() < path.size() ? path.substr(first.size() + 1) : std::string_view();
  if (first == "own" || first == "source") {
    const v1::ReportView* report = first == "own" ? own_ : other_;
    if (report == nullptr) return std::nullopt;
    if (rest == "x" || rest == "y") return Coordinate(profile_, *report, rest == "x");
    root = report;
  } else if (path == kFeedbackOthers) {
    const int others = delivery_.body().feedback_size() - 1;
    return others > 0 ? std::make_optional(std::to_string(others)) : std::nullopt;
  } else if (first == "feedback") {
    root = feedback_;
  } else if (first == "item") {
    root = item_;
  }
  if (root == nullptr) return std::nullopt;
  return GetOurs(*root, rest);
}

std::vector<const Message*> DeliverySource::List(std::string_view path) const { return ListOurs(delivery_, path); }

const google::protobuf::FieldDescriptor* DeliverySource::Field(std::string_view path) const {
  std::string_view rest;
  const Descriptor* root = OutboundRoot(path, &rest, item_ == nullptr ? nullptr : item_->GetDescriptor());
  if (root == nullptr) return nullptr;
  absl::StatusOr<const google::protobuf::FieldDescriptor*> field = FindOurField(root, rest);
  return field.ok() ? *field : nullptr;
}

}  // namespace liandong::adapters
