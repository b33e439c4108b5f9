// Small self-contained HTML pages that print well on A4. Pure functions.
#ifndef LIANDONG_ADAPTERS_CLI_HTML_H_
#define LIANDONG_ADAPTERS_CLI_HTML_H_

#include <string>
#include <string_view>

#include "liandong/v1/desk.pb.h"

namespace liandong::cli {

// & < > " ' become entities.
std::string Escaped(std::string_view text);

// A report upward, as made or filled in as far as the hub knows; what is missing stands out.
std::string UpwardHtml(const v1::UpwardReport& report);

// Figures with their definitions and the incidents behind them.
std::string StatsHtml(const v1::StatsReply& reply);
// One figure a line: by, key, name, figure, name, value, unit, of, incidents, ids. Excel opens it: UTF-8 with a mark.
std::string StatsCsv(const v1::StatsReply& reply);
// For a terminal.
std::string StatsText(const v1::StatsReply& reply);

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_HTML_H_
