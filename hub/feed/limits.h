// Every bound of the feed, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace liandong::feed::limits {

inline constexpr size_t kQueueFrames = 8'192;  // made, not yet sent: some seconds of the hub's full speed, about 10 MB
inline constexpr int kSubscriberFrames = 4'096;  // waiting for one subscriber; more it loses, and sees that it did
inline constexpr int kIncomingBytes = 4'096;     // of one message from a subscriber: a handshake or a subscription
inline constexpr size_t kAskedBytes = 64;        // the longest topic has 21
inline constexpr int kHandshakeMs = 5'000;       // who has not shown a key by then is cut off
inline constexpr int kPingMs = 5'000;            // a subscriber that is gone is noticed after this ...
inline constexpr int kPingTimeoutMs = 15'000;    // ... and this without an answer
inline constexpr int64_t kHeartbeatMs = 2'000;   // a screen says within 5 s that it is not current
inline constexpr int64_t kBindRetryMs = 100;     // a socket of ours that is just being closed still has the port
// Subscriptions that one key may make in an hour. A subscriber makes a few when it connects; each costs memory.
inline constexpr size_t kAskedPerHour = 8'192;
// Prefixes with a last frame. A province has some 20,000 townships and villages; beyond this the book begins anew and
// every subscriber fetches a snapshot.
inline constexpr size_t kPrefixes = 200'000;

}  // namespace liandong::feed::limits
