// Lines for the operator on standard error: time, level, Chinese with English. Never anything that a person said or
// that names one: record ids, counts, reasons and names of links only.
//
// Thread-safety: every function may be called from any thread.
#ifndef LIANDONG_ADAPTERS_LOG_LOG_H_
#define LIANDONG_ADAPTERS_LOG_LOG_H_

#include <string>

namespace liandong::adapters {

void SetVerbose(bool verbose);

void LogDebug(const std::string& text);  // one line a message; with --verbose only
void LogInfo(const std::string& text);
void LogWarning(const std::string& text);
// Somebody has to do something: also to be seen in `status`.
void LogAlarm(const std::string& text);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_LOG_LOG_H_
