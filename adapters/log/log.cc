#include "adapters/log/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace liandong::adapters {
namespace {

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("adapter", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *logger;
}

}  // namespace

void SetVerbose(bool verbose) { Logger().set_level(verbose ? spdlog::level::debug : spdlog::level::info); }

// As an argument: a text is never a format.
void LogDebug(const std::string& text) { Logger().debug("{}", text); }
void LogInfo(const std::string& text) { Logger().info("{}", text); }
void LogWarning(const std::string& text) { Logger().warn("{}", text); }
void LogAlarm(const std::string& text) { Logger().error("【告警 ALARM】{}", text); }

}  // namespace liandong::adapters
