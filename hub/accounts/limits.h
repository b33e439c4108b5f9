// Every bound of accounts and sessions, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace liandong::accounts::limits {

inline constexpr size_t kNameBytes = 64;              // a name and a first name, or a staff number
inline constexpr size_t kPersonBytes = 128;           // as in an Actor
inline constexpr size_t kAccounts = 10'000;           // a province's duty rooms
inline constexpr size_t kSessionsPerAccount = 16;     // desks, telephones and forgotten tabs; the oldest ends beyond it
inline constexpr size_t kUnknownNames = 4'096;        // wrong names that are counted like accounts; forgotten beyond it
inline constexpr size_t kSignInsWaiting = 64;         // one takes a quarter of a second, so at most 16 s of waiting
inline constexpr int64_t kSessionIdleMs = 3'600'000;  // an hour: a desk that is left for a meal stays signed in
inline constexpr int64_t kSessionAbsoluteMs = 43'200'000;      // half a day: one shift
inline constexpr int64_t kWallAbsoluteMs = 31LL * 86'400'000;  // nobody is there to sign it in again
inline constexpr uint32_t kFailures = 5;                       // a typing mistake or two, and a forgotten change
inline constexpr int64_t kLockMs = 900'000;  // guessing at 20 an hour leads nowhere; a person calls the account keeper
inline constexpr int64_t kKeepUseMs =
    60'000;                                // how often the times of last use go to disk; a crash loses so much of them
inline constexpr int64_t kSweepMs = 500;   // sessions that are over end within this
inline constexpr int kBusyMs = 2'000;      // another process (a backup) may hold the file for a moment
inline constexpr size_t kTokenBytes = 32;  // nobody guesses 256 bits

}  // namespace liandong::accounts::limits
