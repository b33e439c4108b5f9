import { describe, expect, it } from 'vitest';
import { Pace, type Board } from './pace';

// Frames every 16 ms, on a clock that the test moves.
function setUp(): { pace: Pace; board(name: string, everyMs: number): Board; run(ms: number, seen?: boolean): string[] } {
  let now = 1000;
  let waiting: { at: number; run: (seen: boolean) => void } | null = null;
  let said: string[] = [];
  const pace = new Pace({
    nowMs: () => now,
    next(afterMs, run) {
      expect(waiting).toBeNull();
      const mine = { at: now + afterMs, run };
      waiting = mine;
      return () => { if (waiting === mine) waiting = null; };
    },
  });
  return {
    pace,
    board: (name, everyMs) => ({ everyMs, paint: () => { said.push(`${name}@${now}`); } }),
    run(ms, seen = true) {
      said = [];
      for (const end = now + ms; now < end;) {
        now += 16;
        if (waiting === null || waiting.at > now) continue;
        const { run } = waiting;
        waiting = null;
        run(seen);
      }
      return said;
    },
  };
}

describe('the pace', () => {
  it('paints with the next frame what has been quiet, and once however often it was asked', () => {
    const { pace, board, run } = setUp();
    const a = board('a', 100);
    pace.want(a);
    pace.want(a);
    expect(run(64)).toEqual(['a@1016']);
  });
  it('paints nothing more often than its own pace, and forgets no wish', () => {
    const { pace, board, run } = setUp();
    const a = board('a', 100);
    pace.want(a);
    expect(run(32)).toEqual(['a@1016']);
    pace.want(a);
    expect(run(160)).toEqual(['a@1128']);
    expect(run(320)).toEqual([]);
  });
  it('never paints two in one frame, and whoever waits longest is first', () => {
    const { pace, board, run } = setUp();
    const all = ['a', 'b', 'c'].map((name) => board(name, 48));
    for (const one of all) pace.want(one);
    expect(run(48)).toEqual(['a@1016', 'b@1032', 'c@1048']);
    for (const one of [...all].reverse()) pace.want(one);
    expect(run(96)).toEqual(['a@1064', 'b@1080', 'c@1096']);
  });
  it('lets nobody wait for one that may be painted only later', () => {
    const { pace, board, run } = setUp();
    const rare = board('rare', 2000);
    pace.want(rare);
    expect(run(16)).toEqual(['rare@1016']);
    pace.want(rare);
    pace.want(board('a', 100));
    expect(run(32)).toEqual(['a@1032']);
    expect(run(2000)).toEqual(['rare@3016']);
  });
  it('where no frame comes, for example in a hidden tab, leaves nothing waiting', () => {
    const { pace, board, run } = setUp();
    for (const name of ['a', 'b', 'c']) pace.want(board(name, 100));
    expect(run(16, false)).toEqual(['a@1016', 'b@1016', 'c@1016']);
  });
  it('starves nobody while one asks all the time', () => {
    const { pace, board, run } = setUp();
    let times = 0;
    const greedy: Board = { everyMs: 0, paint: () => { times += 1; pace.want(greedy); } };
    pace.want(greedy);
    const a = board('a', 100);
    run(32);
    pace.want(a);
    expect(run(64)).toHaveLength(1);
    expect(times).toBeGreaterThan(3);
  });
  it('goes on after a board that failed, and drops one that has left', () => {
    const { pace, board, run } = setUp();
    const left = board('left', 0);
    pace.want({ everyMs: 0, paint: () => { throw new Error('broken'); } });
    pace.want(left);
    pace.forget(left);
    pace.want(board('a', 0));
    expect(() => run(16)).toThrow('broken');
    expect(run(32)).toEqual(['a@1032']);
    pace.want({ everyMs: 0, paint: () => { throw new Error('broken'); } });
    pace.want(board('b', 0));
    expect(() => run(16, false)).toThrow('broken');
    expect(run(32)).toEqual(['b@1080']);
  });
});
