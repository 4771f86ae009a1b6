import { describe, expect, test } from "vitest";
import { checkpoint, fitted, parseMemory, recompute, replay, statesWithin, store } from "../../src/core/memory/index.js";
import { FakeWalk, phi } from "../support/fake-walk.js";
import { fewestStepsByRecursion, fewestStepsBySearch } from "../support/fewest-steps.js";

const longest = 40;

describe("checkpoint(s)", () => {
  const optimum = fewestStepsByRecursion(longest, longest);

  test("the recursion that serves as a reference agrees with an exhaustive search", () => {
    for (let r = 1; r <= 9; r++) for (let s = 1; s <= 4; s++) expect([r, s, optimum[s][r]]).toEqual([r, s, fewestStepsBySearch(r, s)]);
  });

  test("r = 0 … 40, s = 1 … r + 2: states, fewest steps, at most s states, no leak", async () => {
    for (let r = 0; r <= longest; r++) {
      for (let s = 1; s <= Math.min(longest, r + 2); s++) {
        const walk = new FakeWalk(0, r);
        const report = await checkpoint(s).walk(walk);
        const where = `r = ${r}, s = ${s}`;
        expect(walk.visits, where).toEqual(Array.from({ length: r }, (_, i) => [phi(r - 1 - i), r - i]));
        const extra = r === 0 ? 0 : optimum[s][r] - (r - 1);
        expect([walk.steps - r, checkpoint(s).extraSteps(r)], where).toEqual([extra, extra]);
        expect(report.peakStates, where).toBeLessThanOrEqual(s);
        expect(walk.peakAlive, where).toBeLessThanOrEqual(s + 2);
        expect(walk.alive, where).toBe(0);
      }
    }
  });

  test.each([1, 2, 3, 7, 10, 31, 100, 998, 999, 1000, 5000])("r = 1,000, s = %i", async s => {
    const walk = new FakeWalk(0, 1000);
    const report = await checkpoint(s).walk(walk);
    expect(walk.steps - 1000).toBe(checkpoint(s).extraSteps(1000));
    expect(report.peakStates).toBeLessThanOrEqual(s);
    expect(walk.peakAlive).toBeLessThanOrEqual(s + 2);
    expect(walk.alive).toBe(0);
    expect(walk.visits.every(([state, j]) => state === states[j - 1])).toBe(true);
    expect(walk.visits.map(([, j]) => j)).toEqual(Array.from({ length: 1000 }, (_, i) => 1000 - i));
  });
  const states = Array.from({ length: 1000 }, (_, j) => phi(j));

  test("the closed form by hand: 10 snapshots reverse 1,000 steps with 2,637 extra ones", () => {
    // t = 4 is the smallest with C(10 + t, 10) ≥ 1,000: C(14, 10) = 1,001; 4 · 1,000 − C(14, 11) = 4,000 − 364.
    expect(checkpoint(10).extraSteps(1000)).toBe(4000 - 364 - 999);
    expect(checkpoint(1).extraSteps(1000)).toBe((1000 * 999) / 2 - 999);
    expect(checkpoint(999).extraSteps(1000)).toBe(0);
    expect(checkpoint(998).extraSteps(1000)).toBe(1);
  });

  test("counts stay exact for long loops", () => {
    // C(4 + 60, 4) = 635,376 and t = 60 exactly: p = 60 r − C(64, 5).
    expect(checkpoint(4).extraSteps(635_376)).toBe(60 * 635_376 - 7_624_512 - 635_375);
    expect(checkpoint(2 ** 40).extraSteps(1_000_000)).toBe(0);
  });

  test.each([0, -1, 2.5, NaN, Infinity])("refuses %d snapshots", s => {
    expect(() => checkpoint(s)).toThrow(`ufom: checkpoint wants a whole number of snapshots, at least 1; received ${s}.`);
  });
});

describe("states and steps in closed form", () => {
  test.each([0, 1, 2, 10, 57])("r = %i", async r => {
    for (const [strategy, states, extra] of [
      [store, r, 0],
      [recompute, Math.min(r, 1), (r * r - r) / 2],
      [replay(recompute), Math.min(r, 1), Math.max(0, r - 1)],
      [replay(checkpoint(5)), Math.min(r, 5), Math.max(0, r - 5)],
      [replay(store), r, 0],
    ] as const) {
      const walk = new FakeWalk(0, r);
      expect(await strategy.walk(walk)).toEqual({ peakStates: states });
      expect([walk.steps - r, strategy.states(r)]).toEqual([extra, states]);
    }
  });

  test("recompute over 1,000 steps: half a million steps that answer at once take no turn of the event loop each", async () => {
    const state = [{ shape: [], dtype: "float32" as const }];
    let [steps, released, turns, walking] = [0, 0, 0, true];
    void (async () => {
      for (; walking; turns++) await Promise.resolve();
    })();
    await recompute.walk({
      from: 0,
      to: 1000,
      start: state,
      forward: () => (steps++, state),
      atEnd: () => undefined,
      visit: () => undefined,
      release: () => void released++,
    });
    walking = false;
    expect(steps).toBe(1000 + 499_500);
    expect(released).toBe(steps + 1);
    expect(turns).toBeGreaterThan(0);
    expect(turns).toBeLessThan(20_000);
  });
});

describe("states within a bound of bytes", () => {
  const types = [
    { shape: [10], dtype: "float32" },
    { shape: [], dtype: "float64" },
  ] as const;

  test.each([
    [48, 1],
    [47, 1],
    [96, 2],
    [10 * 48 + 47, 10],
    [1e9, 20],
  ])("%i bytes keep %i of 20 states of 48 bytes, on the way back and replayed", (bytes, states) => {
    const memory = fitted(statesWithin(bytes), types),
      replayed = fitted(replay(statesWithin(bytes)), types);
    expect([memory.states(20), replayed.states(20), replayed.extraSteps(20)]).toEqual([states, states, 20 - states]);
  });

  test("where the size of a state is not known, the most is all of them; another strategy stays itself", () => {
    expect(replay(statesWithin(96)).states(20)).toBe(20);
    expect(fitted(recompute, types)).toBe(recompute);
    expect(fitted(statesWithin(5), []).states(20)).toBe(5);
  });
});

describe("parseMemory", () => {
  test("reads every spelling", () => {
    expect(parseMemory("store")).toBe(store);
    expect(parseMemory("recompute")).toBe(recompute);
    expect(parseMemory("checkpoint=8").extraSteps(100)).toBe(checkpoint(8).extraSteps(100));
  });

  test.each(["", "Store", "store ", "checkpoint", "checkpoints=3", "replay", "unroll"])("refuses %j", text => {
    expect(() => parseMemory(text)).toThrow(
      `ufom: a memory strategy is one of store, residuals[=SIZE], checkpoint=S, recompute; received "${text}".`,
    );
  });

  test.each(["", "x", "2.5", "-1", "1e1", " 8"])("refuses checkpoint=%s", count => {
    expect(() => parseMemory(`checkpoint=${count}`)).toThrow(
      `ufom: checkpoint wants a whole number of snapshots, at least 1; received "${count}".`,
    );
  });
  test("refuses checkpoint=0", () => expect(() => parseMemory("checkpoint=0")).toThrow("at least 1; received 0."));
});
