// Options that several subcommands share.
#ifndef LIANDONG_ADAPTERS_CLI_FLAGS_H_
#define LIANDONG_ADAPTERS_CLI_FLAGS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "adapters/cli/context.h"
#include "adapters/cli/words.h"
#include "liandong/v1/common.pb.h"

namespace liandong::cli {

// Runs when the subcommand was chosen and its options were understood.
inline void OnRun(CLI::App* command, Context& context, std::function<int()> run) {
  command->callback([&context, run = std::move(run)] { context.result = run(); });
}

// An option whose value is one of an enum's words, Chinese or English.
template <typename E>
CLI::Option* AddEnum(CLI::App* command, const std::string& name, std::optional<E>& value, const std::string& help) {
  return command
      ->add_option_function<std::string>(
          name,
          [&value](const std::string& text) {
            const auto parsed = Parse<E>(text);
            if (!parsed.ok()) throw CLI::ValidationError(std::string(parsed.status().message()));
            value = *parsed;
          },
          help + ": " + Choices<E>())
      ->type_name("WORD");
}

// --dead, --missing, --injured, --trapped, --rescued, --evacuated, --loss-yuan. What is not given is not said.
struct CountFlags {
  std::optional<uint32_t> dead, missing, injured, trapped, rescued, evacuated;
  std::optional<uint64_t> loss_yuan;

  void AddTo(CLI::App* command) {
    command->add_option("--dead", dead, "死亡 people")->group("人数与损失 Counts");
    command->add_option("--missing", missing, "失踪 people")->group("人数与损失 Counts");
    command->add_option("--injured", injured, "受伤 people")->group("人数与损失 Counts");
    command->add_option("--trapped", trapped, "被困 people")->group("人数与损失 Counts");
    command->add_option("--rescued", rescued, "救出 people")->group("人数与损失 Counts");
    command->add_option("--evacuated", evacuated, "转移 people")->group("人数与损失 Counts");
    command->add_option("--loss-yuan", loss_yuan, "直接损失 direct loss in yuan")->group("人数与损失 Counts");
  }
  bool Any() const { return dead || missing || injured || trapped || rescued || evacuated || loss_yuan; }
  void WriteTo(v1::Counts* counts) const {
    if (dead) counts->set_dead(*dead);
    if (missing) counts->set_missing(*missing);
    if (injured) counts->set_injured(*injured);
    if (trapped) counts->set_trapped(*trapped);
    if (rescued) counts->set_rescued(*rescued);
    if (evacuated) counts->set_evacuated(*evacuated);
    if (loss_yuan) counts->set_loss_yuan(*loss_yuan);
  }
};

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_FLAGS_H_
