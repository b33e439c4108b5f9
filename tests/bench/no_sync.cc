// Preloaded into a hub (LD_PRELOAD) it takes away what syncing costs, and with it the durability: only to measure how
// much of the throughput durability takes.
extern "C" {
int fsync(int) { return 0; }
int fdatasync(int) { return 0; }
int sync_file_range(int, long, long, unsigned) { return 0; }
}
