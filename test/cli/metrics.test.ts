import { appendFile, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import * as fc from "../support/fast-check.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { History } from "../../cli/src/history.js";
import { readMetrics } from "../../cli/src/metrics-file.js";
import type { StepRecord } from "../../cli/src/problems/problem-entry.js";
import { readState, writeState, type Saved } from "../../src/files/saved-state.js";
import { InstalledCommand, source } from "./command.js";

let command: InstalledCommand;
beforeAll(async () => {
  command = await InstalledCommand.make();
});
afterAll(() => command.remove());

const step = (index: number, more: Partial<StepRecord> = {}): StepRecord => ({
  index,
  loss: 1 / index,
  probability: 1,
  counts: { step: index, product: index, outer: index },
  gradientNorm: 1,
  peakStates: 1,
  seconds: index / 100,
  ...more,
});
const line = (index: number) => `${JSON.stringify(step(index))}\n`;

describe("metrics", () => {
  it("that are cut off, damaged or missing are told, and the run goes on", async () => {
    const project = await command.project({ "p.ts": source() });
    const resumed = async (steps: number, change: (file: string) => Promise<void>) => {
      await rm(path.join(project, "r"), { recursive: true, force: true });
      expect((await command.call(project, "run", "p.ts", "--outer-steps", "8", "--out", "r")).code).toBe(0);
      const file = path.join(project, "r/metrics.jsonl");
      await change(file);
      const { code, stderr } = await command.call(project, "run", "--resume", "r", "--outer-steps", String(steps));
      expect([code, stderr]).toEqual([0, expect.any(String)]);
      const indices = (await readFile(file, "utf8"))
        .trimEnd()
        .split("\n")
        .map(text => (JSON.parse(text) as StepRecord).index);
      return { stderr, indices };
    };
    const missing = (n: number) =>
      `ufom: r/metrics.jsonl must have a line for each of the 8 outer steps done; ${n} of them are missing or damaged. The run goes on, with a gap in its plots.\n`;
    const cut = await resumed(10, async file => truncate(file, (await readFile(file)).length - 5));
    expect(cut.stderr).toContain(missing(1));
    expect(cut.indices).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 10]);
    const damaged = await resumed(10, async file => writeFile(file, (await readFile(file, "utf8")).replace('"index":4', '"inde\0:4')));
    expect(damaged.stderr).toContain(missing(1));
    expect(damaged.indices).toEqual([1, 2, 3, 5, 6, 7, 8, 9, 10]);
    const gone = await resumed(10, file => rm(file));
    expect(gone.stderr).toContain(missing(8));
    expect(gone.indices).toEqual([9, 10]);
    // Lines of steps after the checkpoint, the last of them cut off, are those of a process that was killed.
    const more = await resumed(10, file => appendFile(file, line(9) + line(10) + line(11) + line(12).slice(0, 20)));
    expect(more.stderr).not.toContain("missing");
    expect(more.indices).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("are read whatever bytes are in them: whole lines of steps in order, and nothing else", async () => {
    const folder = await command.project();
    const file = path.join(folder, "metrics.jsonl");
    const piece = fc.oneof(
      { weight: 5, arbitrary: fc.constant("good") },
      fc.constantFrom(
        "skip",
        "\n",
        "null\n",
        "{}\n",
        "[1]\n",
        '{"index":1.5}\n',
        '{"index":3}\n',
        "\u0000\u0000\n",
        "{\n",
        `${"x".repeat(70_000)}\n`,
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), fc.boolean(), async (pieces, cutOff) => {
        let next = 1;
        const good: number[] = [];
        let text = "";
        for (const one of pieces) {
          if (one === "good") {
            good.push(next);
            text += line(next++);
          } else if (one === "skip") next++;
          else text += one;
        }
        await writeFile(file, cutOff ? text + line(next).slice(0, -1) : text);
        const seen: number[] = [];
        const { found, end } = await readMetrics(file, 25, ({ index }) => seen.push(index));
        expect(seen).toEqual(good.filter(index => index <= 25));
        expect(found).toBe(seen.length);
        if (end !== undefined) expect(text.slice(0, end)).toBe(seen.map(line).join(""));
      }),
      { numRuns: 150, seed: 4 },
    );
  });

  it("of a million steps are read in little memory", async () => {
    const project = await command.project({ "p.ts": source() });
    expect((await command.call(project, "run", "p.ts", "--outer", "sgd:0.01", "--outer-steps", "4", "--out", "r")).code).toBe(0);
    const n = 1_000_000;
    const checkpoint = path.join(project, "r/checkpoint.safetensors");
    const state = readState(await readFile(checkpoint), "c") as Record<string, Saved>;
    await writeFile(checkpoint, writeState({ ...state, index: n }));
    const metrics = await open(path.join(project, "r/metrics.jsonl"), "w");
    for (let k = 0; k < n; k += 10_000) await metrics.write(Array.from({ length: 10_000 }, (_, i) => line(k + i + 1)).join(""));
    const { size } = await metrics.stat();
    await metrics.close();
    expect(size).toBeGreaterThan(100e6);
    const resume = ["run", "--resume", "r", "--outer-steps", String(n + 3), "--json"];
    const { code, stdout, stderr } = await command.start(project, resume, undefined, { NODE_OPTIONS: "--max-old-space-size=80" });
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("missing")]);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "finished", outerSteps: n + 3 });
    expect((await readFile(path.join(project, "r/report.html"))).length).toBeLessThan(2e6);
    await rm(path.join(project, "r"), { recursive: true });
  });
});

describe("the steps of a report", () => {
  it("are all of them as long as they can be drawn, then every second, fourth …, the same wherever a run was stopped", () => {
    const history = new History();
    for (let index = 1; index <= 15_000; index++) history.add(step(index));
    expect(history.steps).toHaveLength(15_000);
    for (let index = 15_001; index <= 300_001; index++) history.add(step(index, index % 999 === 0 ? { tracked: { a: 1 } } : {}));
    const kept = history.steps.map(({ index }) => index);
    expect(kept.length).toBeLessThan(20_001);
    expect(kept.length).toBeGreaterThan(9_000);
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
    expect(kept.slice(0, 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(kept.at(-1)).toBe(300_001);
    expect(kept).toEqual(expect.arrayContaining([15_984, 299_700]));
  });
});
