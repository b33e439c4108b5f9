// Bugs planted on purpose, each with the checker that must find it.
#ifndef LIANDONG_TESTS_SIMULATION_PLANTS_H_
#define LIANDONG_TESTS_SIMULATION_PLANTS_H_

#include <string>
#include <string_view>

namespace liandong::sim {

struct Plant {
  const char* name;
  const char* checker;
  const char* what;
};

inline constexpr Plant kPlants[] = {
    {"answer-before-sync", "receipts", "the log says done before it has written"},
    {"forget-acks", "acknowledgments", "a restart leaves acknowledgments out"},
    {"lose-the-tail", "log", "a restart does not see the log's last batch"},
    {"blind-reading", "chain", "the log is read without looking at its chain"},
    {"skip-on-replay", "replay", "a restart leaves corrections out: the live State is not the log's fold"},
    {"forget-on-send", "spool", "the adapter forgets a record when it is sent, not when it is answered"},
    {"rename-on-retry", "once", "a report that is sent again gets another id"},
    {"swap-two", "order", "two deliveries of a lane change places in a frame"},
    {"drop-one", "complete", "a delivery is left out of a frame"},
    {"make-one-up", "recorded", "a delivery is sent that no record knows"},
    {"ordinary-first", "urgent", "ordinary deliveries stand before urgent ones in a frame"},
    {"say-received-early", "received", "RECEIVED is said of a delivery that was not stored"},
    {"deaf-clock", "deadlines", "the sequencer's clock stands still"},
    {"deaf-hotline", "heard-back", "feedback is left out of the frames"},
    {"call-it-actual", "purpose", "an exercise leaves the hub as actual"},
    {"tell-the-phone", "disclosure", "the caller's telephone is shown to everybody"},
    {"lose-the-holder", "holder", "a record opens an incident without a holder"},
    {"cite-nothing", "cited", "a duty is recorded without its clause"},
    {"write-it-clear", "sealed", "personal text is not sealed"},
};

const Plant* FindPlant(std::string_view name);

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_PLANTS_H_
