// The server's time at this browser. Countdowns never read the computer's own clock, which may be wrong or be set while the
// wall runs: they read a monotonic clock and the offset that the server's own messages showed.

const SAMPLES = 30;

export class ServerClock {
  private readonly samples: number[] = [];
  private offset = 0;
  private known = false;

  constructor(private readonly monotonicMs: () => number, private readonly guessMs: () => number = () => Date.now()) {}

  // A message that carries the server's time has just arrived. It left before it arrived, so the largest difference among the
  // newest samples is the one with the least delay in it.
  observe(serverMs: number): void {
    this.samples.push(serverMs - this.monotonicMs());
    if (this.samples.length > SAMPLES) this.samples.shift();
    this.offset = Math.max(...this.samples);
    this.known = true;
  }

  // After a reconnect: the hub's log time may have stood still meanwhile.
  forget(): void { this.samples.length = 0; }

  nowMs(): number { return this.known ? this.monotonicMs() + this.offset : this.guessMs(); }
}

// "4:07" under an hour, "2:04:07" above, days as "3d 4:07:09"; what has run out is shown without sign by its caller.
export function clockText(ms: number): string {
  const total = Math.floor(Math.abs(ms) / 1000);
  const s = total % 60;
  const m = Math.floor(total / 60) % 60;
  const h = Math.floor(total / 3600) % 24;
  const d = Math.floor(total / 86400);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (d > 0) return `${d}d ${h}:${two(m)}:${two(s)}`;
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

// Local time of the site, whatever the browser's own zone is.
export function localTime(ms: number, utcOffsetMinutes: number, withDate: boolean): string {
  const d = new Date(ms + utcOffsetMinutes * 60_000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
  return withDate ? `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())} ${time}` : time;
}
