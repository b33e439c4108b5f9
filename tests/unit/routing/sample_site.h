// A small whole site for tests, and ways to change it.
#ifndef LIANDONG_TESTS_UNIT_ROUTING_SAMPLE_SITE_H_
#define LIANDONG_TESTS_UNIT_ROUTING_SAMPLE_SITE_H_

#include <memory>
#include <string>

#include "liandong/v1/site.pb.h"
#include "routing/site.h"

namespace liandong::routing::testing {

// Command centre "command", hotlines "police", "fire", agencies "power", "water", townships "qingshi" (339921100) and
// "baiyun" (339921101), posts "power-leader" and "county-leader", categories natural(.flood(.urban), .landslide),
// accident(.fire), service(.streetlight: not dangerous); no agreement. Version 7.
v1::SiteSet SampleSet();

// The agreement "power-2022", signed by power, water and fire, with these clauses (protobuf text).
void AddAgreement(const std::string& clauses, v1::SiteSet* set);

// Fails the test when the set does not compile.
std::shared_ptr<const Site> Compiled(const v1::SiteSet& set);
std::shared_ptr<const Site> WithClauses(const std::string& clauses);

// Fails the test when the text is not such a message.
template <typename Message>
Message FromText(const std::string& text);

}  // namespace liandong::routing::testing

#endif  // LIANDONG_TESTS_UNIT_ROUTING_SAMPLE_SITE_H_
