// What a process that has ended wrote into a WAL and did not sync can be read by the next one, but a power cut takes it
// away; and after a failed sync no later one writes it, although it can be read as long as the machine runs. Nothing
// may rest on it before it is on stable storage.
#ifndef LIANDONG_SECURITY_SETTLE_WAL_H_
#define LIANDONG_SECURITY_SETTLE_WAL_H_

#include <string>

#include "absl/status/status.h"

struct sqlite3;

namespace liandong::security {

// Writes the WAL's bytes once more, syncs them, and moves them into the file. To be called after opening a connection
// with synchronous=FULL and before anything that is read is used. Takes milliseconds for each MiB. Other connections,
// of other processes too, may be at work: they wait, or keep the WAL from being emptied, which matters no more by then.
// Unavailable: another connection has written all the time. FailedPrecondition: it may not be written. DataLoss: it is
// damaged. ResourceExhausted: the disk is full. Internal: the disk. Thread-safety: the connection's.
absl::Status SettleWal(sqlite3* connection, const std::string& path);

}  // namespace liandong::security

#endif  // LIANDONG_SECURITY_SETTLE_WAL_H_
