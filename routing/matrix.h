// The duty matrix: who leads, helps and hears for each category, as the agreements of a set say together
// (谁来管、管什么). Pure, thread-safe.
#ifndef LIANDONG_ROUTING_MATRIX_H_
#define LIANDONG_ROUTING_MATRIX_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "routing/site.h"

namespace liandong::routing {

struct MatrixCell {
  v1::Role role = v1::ROLE_UNSPECIFIED;  // the strongest; a LEAD that yields to a more specific clause is SUPPORT
  bool conditional = false;              // asked only where more than the category is as the clause wants it
  std::vector<std::string> clauses;      // "agreement/clause" of this role, in file order
  bool operator==(const MatrixCell&) const = default;
};

// By leaf category and party id; "@township" stands for the township of the place. What is not there has no duty.
using Matrix = std::map<std::pair<std::string, std::string>, MatrixCell>;

// today: days since 1970-01-01; what is not in force on it does not count. 0: everything does.
Matrix MatrixOf(const Site& site, int32_t today);

// A category a line, and the parties with their 24-hour numbers. "*": conditional.
std::string MatrixText(const Site& site, const Matrix& matrix);
// One self-contained page for A4, landscape. day: "YYYY-MM-DD", printed on it.
std::string MatrixHtml(const Site& site, const Matrix& matrix, const std::string& day);

// What changes from one set to another, a line each, Chinese and English; empty: nothing.
std::vector<std::string> MatrixDiff(const Site& old_site, const Matrix& old_matrix, const Site& new_site,
                                    const Matrix& new_matrix);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_MATRIX_H_
