// Who may paint when. Each board asks to be painted and is, not more often than its own pace, and never two in one frame: so that the work of
// a busy moment is spread over frames and no single task of the browser does all of it. No clock and no browser in here: both are handed in.

export interface Board {
  readonly everyMs: number;
  paint(): void;
}

export interface Frames {
  nowMs(): number;
  // Calls once, with the next frame that begins at least `afterMs` from now, unless what it returns is called before. `seen` is false where no frame
  // came: nobody looks, or everything is late.
  next(afterMs: number, run: (seen: boolean) => void): () => void;
}

export class Pace {
  private readonly wanted = new Map<Board, number>();     // when it may be painted
  private readonly painted = new Map<Board, number>();
  private asked: { at: number; cancel: () => void } | null = null;

  constructor(private readonly frames: Frames) {}

  want(board: Board): void {
    if (this.wanted.has(board)) return;
    const now = this.frames.nowMs();
    this.wanted.set(board, Math.max(now, (this.painted.get(board) ?? -Infinity) + board.everyMs));
    this.ask(now);
  }

  forget(board: Board): void {
    this.wanted.delete(board);
    this.painted.delete(board);
  }

  private ask(now: number): void {
    const at = Math.min(...this.wanted.values());
    if (this.wanted.size === 0 || (this.asked !== null && this.asked.at <= at)) return;
    this.asked?.cancel();
    this.asked = { at, cancel: this.frames.next(Math.max(0, at - now), (seen) => this.frame(seen)) };
  }

  // The one that has waited longest; without a frame all that wait, since what they hear of must not be late either.
  private frame(seen: boolean): void {
    this.asked = null;
    const now = this.frames.nowMs();
    const due = [...this.wanted].filter(([, at]) => at <= now).sort((a, b) => a[1] - b[1]).map(([board]) => board).slice(0, seen ? 1 : Infinity);
    try {
      for (const board of due) {
        this.wanted.delete(board);
        this.painted.set(board, now);
        board.paint();
      }
    } finally {
      this.ask(now);
    }
  }
}

const NO_FRAME_MS = 500;  // a hidden tab gets no frames; what came meanwhile is taken all the same

export const browserFrames: Frames = {
  nowMs: () => performance.now(),
  next(afterMs, run) {
    let cancel: () => void;
    if (afterMs > 0) {
      const timer = window.setTimeout(() => { cancel = browserFrames.next(0, run); }, afterMs);
      cancel = () => window.clearTimeout(timer);
    } else {
      const once = (seen: boolean): void => {
        cancel();
        run(seen);
      };
      const frame = requestAnimationFrame(() => once(true));
      const otherwise = window.setTimeout(() => once(false), NO_FRAME_MS);
      cancel = () => {
        cancelAnimationFrame(frame);
        window.clearTimeout(otherwise);
      };
    }
    return () => cancel();
  },
};
