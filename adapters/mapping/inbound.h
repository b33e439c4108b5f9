// The inbound half of the engine. Internal.
#ifndef LIANDONG_ADAPTERS_MAPPING_INBOUND_H_
#define LIANDONG_ADAPTERS_MAPPING_INBOUND_H_

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "adapters/mapping/evaluate.h"
#include "adapters/mapping/mapper.h"

namespace liandong::adapters {

// Mapper::Map; `used` gets the native paths whose values leave the adapter.
absl::StatusOr<Mapped> MapInbound(const v1::Profile& profile, const NativeMessage& message,
                                  std::set<std::string>* used);

absl::StatusOr<ReportDraft> MapReport(const v1::Profile& profile, const v1::ReportRule& rule, const Evaluator& values);
absl::Status MapAcks(const v1::Profile& profile, const v1::AckRule& rule, const Evaluator& values, Mapped* mapped);

// Sets the fields of `root` by the mappings; the first mapping with a value wins. Texts are cut to what the contract
// allows.
absl::Status SetFields(const google::protobuf::RepeatedPtrField<v1::Mapping>& mappings, const Evaluator& values,
                       google::protobuf::Message* root);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_MAPPING_INBOUND_H_
