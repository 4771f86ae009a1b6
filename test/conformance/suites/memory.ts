import { describe, expect } from "vitest";
import type { MemoryStrategy } from "../../../src/core/memory/strategy.js";
import { FakeWalk, phi } from "../../support/fake-walk.js";
import { suiteTests, type SuiteOptions } from "./skip.js";

const stretches = [0, 1, 2, 3, 4, 5, 7, 10, 17, 33].flatMap(r => [0, 3].map(from => ({ r, from })));

/** What every memory strategy promises, on walks of numbers instead of states. */
export function runMemoryTests({ create, skip }: SuiteOptions & { readonly create: () => MemoryStrategy }): void {
  const strategy = create();
  describe(`memory strategy ${strategy.name}, ${strategy.order}`, () => {
    const test = suiteTests(skip);
    const expectedVisits = (from: number, r: number): [number, number][] => {
      const ascending = Array.from({ length: r }, (_, i): [number, number] => [phi(from + i), from + i + 1]);
      return strategy.order === "ascending" ? ascending : ascending.reverse();
    };

    test.each(stretches)("visits every step once, in order, with the right state: r = $r from $from", async ({ r, from }) => {
      const walk = new FakeWalk(from, from + r);
      await strategy.walk(walk);
      expect(walk.ends).toEqual([phi(from + r)]);
      expect(walk.visits).toEqual(expectedVisits(from, r));
    });

    test.each(stretches)("takes the extra steps that it announces and reports: r = $r from $from", async ({ r, from }) => {
      const walk = new FakeWalk(from, from + r);
      await strategy.walk(walk);
      expect(walk.steps).toBe(r + strategy.extraSteps(r));
    });

    test.each(stretches)(
      "holds what it reports, beside a step's in- and output, and leaves nothing: r = $r from $from",
      async ({ r, from }) => {
        const walk = new FakeWalk(from, from + r);
        const { peakStates } = await strategy.walk(walk);
        expect(walk.alive).toBe(0);
        expect(walk.peakAlive).toBeLessThanOrEqual(peakStates + 2);
        expect(walk.peakAlive).toBeGreaterThanOrEqual(peakStates);
        expect(peakStates).toBeLessThanOrEqual(r);
      },
    );

    if (strategy.residualSteps)
      describe("keeps residuals", () => {
        const counts = [0, 1, 2, 5, 9, 20];
        test.each(counts)("of the last %d steps, for their visits, and nothing else changes", async residualSteps => {
          const [plain, walk] = [new FakeWalk(2, 11), new FakeWalk(2, 11, { residualSteps })],
            held = Math.min(residualSteps, 9);
          expect(await strategy.walk(walk)).toEqual(await strategy.walk(plain));
          const resumed = Array.from({ length: held }, (_, i) => 11 - i);
          expect(walk.resumed).toEqual(strategy.order === "ascending" ? resumed.reverse() : resumed);
          expect([walk.visits, walk.ends, walk.steps]).toEqual([plain.visits, plain.ends, plain.steps]);
          expect([walk.peakResiduals, walk.alive]).toEqual([held, 0]);
        });

        test("of no more steps than its bound and the room allow", () => {
          const steps = (room: number, bytes = 100) => strategy.residualSteps!(30, bytes, room);
          expect(steps(Infinity, 1)).toBe(30);
          expect(steps(Infinity, 1e10)).toBe(0);
          for (const room of [-1000, 0, 99]) expect(steps(room)).toBe(0);
          for (const room of [1000, 2000, 10_000]) expect(steps(room) * 100).toBeLessThan(room);
          expect(steps(1600)).toBeGreaterThan(5);
        });

        test.each(["forward", "atEnd", "visit"] as const)("and releases everything, whichever call of %s throws", async method => {
          for (const promises of [false, true])
            for (let failing = 1; failing <= 7; failing++) {
              const walk = new FakeWalk(1, 8, { promises, residualSteps: 4 });
              let calls = 0;
              const breaking =
                <A extends unknown[], B>(call: (...args: A) => B) =>
                (...args: A): B => {
                  if (++calls === failing) throw new Error("out of memory");
                  return call(...args);
                };
              Object.assign(walk, { [method]: breaking(walk[method].bind(walk) as (...args: unknown[]) => unknown) });
              if (method === "forward") Object.assign(walk.residuals!, { forward: breaking(walk.residuals!.forward) });
              const outcome = strategy.walk(walk);
              if (method === "atEnd" && failing > 1) await outcome;
              else await expect(outcome).rejects.toThrow("out of memory");
              expect(walk.alive).toBe(0);
            }
        });
      });

    test("does the same with steps that answer later", async () => {
      const [atOnce, later] = [new FakeWalk(2, 19), new FakeWalk(2, 19, { promises: true })];
      const reports = [await strategy.walk(atOnce), await strategy.walk(later)];
      expect(reports[1]).toEqual(reports[0]);
      expect(later.visits).toEqual(atOnce.visits);
      expect([later.ends, later.steps, later.peakAlive, later.alive]).toEqual([atOnce.ends, atOnce.steps, atOnce.peakAlive, 0]);
    });

    test("takes the end before the first visit", async () => {
      const walk = new FakeWalk(0, 9);
      const visit = walk.visit.bind(walk);
      walk.visit = (state, j) => {
        expect(walk.ends).toHaveLength(1);
        return visit(state, j);
      };
      await strategy.walk(walk);
      expect(walk.visits).toHaveLength(9);
    });

    test.each(["forward", "atEnd", "visit"] as const)("releases everything, whichever call of %s throws", async method => {
      for (const promises of [false, true]) {
        let calls = 0;
        for (let failing = 1; ; failing++) {
          const walk = new FakeWalk(1, 8, { promises });
          const original = walk[method].bind(walk) as (...args: unknown[]) => never;
          calls = 0;
          walk[method] = (...args: unknown[]) => {
            if (++calls === failing) throw new Error("out of memory");
            return original(...args);
          };
          const outcome = await strategy.walk(walk).then(
            () => "finished",
            (error: Error) => error.message,
          );
          expect(walk.alive).toBe(0);
          if (outcome === "finished") break;
          expect(outcome).toBe("out of memory");
          expect(calls).toBe(failing);
        }
        expect(calls).toBeGreaterThan(0);
      }
    });

    test.end();
  });
}
