// Mappings and conditions of a profile, evaluated over one message. Internal to the mapping engine.
#ifndef LIANDONG_ADAPTERS_MAPPING_EVALUATE_H_
#define LIANDONG_ADAPTERS_MAPPING_EVALUATE_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/repeated_ptr_field.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/mapping/mapper.h"
#include "liandong/v1/profile.pb.h"

namespace liandong::adapters {

// Where values come from: a native tree, or a delivery of ours.
class Source {
 public:
  virtual ~Source() = default;
  virtual std::optional<std::string> Text(std::string_view path) const = 0;
  // Elements of a list of ours.
  virtual std::vector<const google::protobuf::Message*> List(std::string_view path) const = 0;
  // The field behind a path of ours; nullptr for native paths.
  virtual const google::protobuf::FieldDescriptor* Field(std::string_view path) const = 0;
};

class NativeSource : public Source {
 public:
  explicit NativeSource(const nlohmann::json& tree) : tree_(tree) {}
  std::optional<std::string> Text(std::string_view path) const override;
  std::vector<const google::protobuf::Message*> List(std::string_view) const override { return {}; }
  const google::protobuf::FieldDescriptor* Field(std::string_view) const override { return nullptr; }

 private:
  const nlohmann::json& tree_;
};

// How many items of body.feedback stand before the latest; no value for 0.
inline constexpr std::string_view kFeedbackOthers = "feedback.others";

// envelope.*, body.*, own.*, source.*, feedback.* of a delivery (OutboundRule), and item.* with `item`.
class DeliverySource : public Source {
 public:
  DeliverySource(const v1::Profile& profile, const v1::Delivery& delivery,
                 const google::protobuf::Message* item = nullptr);
  DeliverySource WithItem(const google::protobuf::Message* item) const {
    return DeliverySource(profile_, delivery_, item);
  }
  std::optional<std::string> Text(std::string_view path) const override;
  std::vector<const google::protobuf::Message*> List(std::string_view path) const override;
  const google::protobuf::FieldDescriptor* Field(std::string_view path) const override;

 private:
  const v1::Profile& profile_;
  const v1::Delivery& delivery_;
  const google::protobuf::Message* item_;
  const v1::ReportView* own_ = nullptr;
  const v1::ReportView* other_ = nullptr;
  const v1::FeedbackItem* feedback_ = nullptr;
};

// The message types behind the first part of an outbound path; nullptr for an unknown one. `rest` gets what follows.
const google::protobuf::Descriptor* OutboundRoot(std::string_view path, std::string_view* rest,
                                                 const google::protobuf::Descriptor* item);

class Evaluator {
 public:
  // `used`, if given, gets the paths whose values went into the result.
  Evaluator(const v1::Profile& profile, bool inbound, const Source& source, std::vector<MapNote>* notes,
            std::set<std::string>* used = nullptr)
      : profile_(profile), inbound_(inbound), source_(source), notes_(notes), used_(used) {}

  bool Holds(const v1::When& when) const;
  bool HoldAll(const google::protobuf::RepeatedPtrField<v1::When>& when) const;
  bool HoldsAny(const google::protobuf::RepeatedPtrField<v1::When>& when) const;

  // Inbound: canonical text for `target` (nullptr: any text); outbound: text for the native side. nullopt: no value,
  // with a note where one was there and could not be used. Errors only for `required` and for tables that say ERROR.
  absl::StatusOr<std::optional<std::string>> Value(const v1::Mapping& mapping,
                                                   const google::protobuf::FieldDescriptor* target) const;

  // A key by the rule's sources; nullopt: not in this message.
  std::optional<DeliveryKey> Key(const v1::DeliveryKeyRule& rule) const;

  const Source& source() const { return source_; }
  void Note(std::string_view field, std::string_view reason, std::string_view zh, std::string_view en) const;

 private:
  struct Failure {
    std::string field;
    std::string_view reason;
    std::string zh;
    std::string en;
  };
  std::optional<std::string> Read(std::string_view path, const Source& source) const;
  std::optional<std::string> Filtered(std::string_view path, std::string_view filter, const Source& source) const;
  std::optional<std::string> Templated(const v1::Mapping& mapping, const Source& source) const;
  std::optional<std::string> Joined(const v1::Mapping& mapping) const;
  // Through the table and the conversion; nullopt with *failure, or without one where the table means "nothing".
  std::optional<std::string> Take(const v1::Mapping& mapping, const google::protobuf::FieldDescriptor* target,
                                  std::string_view path, std::string raw, std::optional<Failure>* failure) const;
  std::optional<std::string> Convert(const v1::Mapping& mapping, const google::protobuf::FieldDescriptor* target,
                                     std::string_view path, std::string raw, std::optional<Failure>* failure) const;

  const v1::Profile& profile_;
  const bool inbound_;
  const Source& source_;
  std::vector<MapNote>* notes_;
  std::set<std::string>* used_;
};

// A native value, as the field's type and `as` ask, in canonical text; "" in *reason where it fits.
std::optional<std::string> ConvertToOurs(v1::Mapping::As as, const google::protobuf::FieldDescriptor* target,
                                         const std::string& raw, int utc_offset_minutes, std::string_view* reason);
// A time of ours (milliseconds) as native text. `style` "", "TIME", "TIME_COMPACT", "TIME_SPACED", "TIME_ISO8601".
std::optional<std::string> NativeTime(const v1::Profile& profile, const std::string& ms, std::string_view style);
bool IsTimeFilter(std::string_view filter);

// Cuts to at most `bytes`, at a character.
std::string CutUtf8(std::string text, size_t bytes);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_MAPPING_EVALUATE_H_
