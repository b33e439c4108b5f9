// The subcommands: each function adds its own to the program. What runs is set as the subcommand's callback and leaves
// its exit code in context.result.
#ifndef LIANDONG_ADAPTERS_CLI_COMMANDS_H_
#define LIANDONG_ADAPTERS_CLI_COMMANDS_H_

#include "adapters/cli/context.h"

namespace CLI {
class App;
}

namespace liandong::cli {

void AddReport(CLI::App& app, Context& context);             // report
void AddWatch(CLI::App& app, Context& context);              // watch
void AddAck(CLI::App& app, Context& context);                // ack
void AddOrder(CLI::App& app, Context& context);              // order
void AddIncidents(CLI::App& app, Context& context);          // incidents, show
void AddErasure(CLI::App& app, Context& context);            // incident erase, incident hold
void AddActs(CLI::App& app, Context& context);               // close, cancel, verify, false-alarm, transfer
void AddDutyActs(CLI::App& app, Context& context);           // correct, reassign, merge, split
void AddEvents(CLI::App& app, Context& context);             // suggestions, dismiss
void AddLinkage(CLI::App& app, Context& context);            // assign, review-return, roster, handover
void AddResponse(CLI::App& app, Context& context);           // response start|adjust|end|list
void AddUpward(CLI::App& app, Context& context);             // upward list|file|print
void AddStats(CLI::App& app, Context& context);              // stats
void AddStatus(CLI::App& app, Context& context);             // status
void AddAgreements(CLI::App& app, Context& context);         // agreements check|diff|adopt|show
void AddAccounts(CLI::App& app, Context& context);           // account list|create|disable|enable|reset|roles|password
void AddAudit(CLI::App& app, Context& context);              // audit verify|evidence|check|trail
void AddAgreementChecks(CLI::App& group, Context& context);  // of agreements: check, diff
void AddExplain(CLI::App& app, Context& context);            // explain
void AddPki(CLI::App& app, Context& context);                // pki init|issue|request|sign

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_COMMANDS_H_
