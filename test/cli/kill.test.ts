import { spawn } from "node:child_process";
import path from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRun, RunFolder } from "../../cli/src/run-folder.js";
import { InstalledCommand } from "./command.js";
import { writePreload } from "./preload.js";

let command: InstalledCommand;
let preload: string;
let saver: string;
const saves = 3;

/** Saves a run's state three times and says so each time. What it does with files is the command's own code. */
const saverSource = `
import { writeSync } from "node:fs";
import { RunFolder } from "./run-folder.js";
import { placeAt } from "./output-folder.js";
const folder = await RunFolder.create(await placeAt(process.argv[2]), { version: 1 });
folder.patience = { signal: new AbortController().signal, say: text => writeSync(2, text) };
const theta = { shape: [600], dtype: "float64", data: new Float64Array(600) };
for (let index = 1; index <= ${saves}; index++) {
  theta.data.fill(index);
  folder.addStep({ index, loss: index, probability: 1, counts: { step: index, product: 0, outer: 0 }, gradientNorm: 1, peakStates: 1, seconds: index });
  await folder.saveCheckpoint({ index, theta });
  await folder.saveBest({ theta, index, criterion: "outer loss", value: index });
  writeSync(1, index + "\\n");
}
await folder.saveResult({ done: true });
await folder.close();
await folder.release();
`;

beforeAll(async () => {
  command = await InstalledCommand.make();
  preload = await writePreload();
  saver = path.join(command.scratch, "saver.mjs");
  // One file: a hundred processes load it.
  const stdin = { contents: saverSource, resolveDir: path.dirname(command.main) };
  await build({ stdin, bundle: true, format: "esm", platform: "node", target: "node20", outfile: saver, logLevel: "error" });
});
afterAll(() => command.remove());

interface Ended {
  readonly signal: string | null;
  readonly code: number | null;
  /** The last state that was said to be saved. */
  readonly saved: number;
  readonly stderr: string;
}

function save(folder: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  const child = spawn(process.execPath, [preload, saver, folder], { env: { ...process.env, NODE_OPTIONS: "", ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, saved: Number(stdout.trim().split("\n").at(-1)), stderr }));
  });
}

const nobody = { signal: new AbortController().signal, say: () => {} };

describe("a process that is killed at any moment of a save", () => {
  it("loses nothing that it said to be saved, and another goes on from there", async () => {
    const whole = await save(path.join(await command.project(), "r"), { TELL_CALLS: "1" });
    expect([whole.code, whole.saved]).toEqual([0, saves]);
    const calls = /calls: (.+)/.exec(whole.stderr)![1].split(" ");
    expect(calls.length).toBeGreaterThan(15 * saves);
    let moments = 0;
    let lost = 0;
    let older = 0;
    const parent = await command.project();
    for (const half of ["", "1"]) {
      for (let at = 1; at <= calls.length; at++) {
        // Only what writes can be done by half.
        if (half && !calls[at - 1].startsWith("write")) continue;
        const folder = path.join(parent, `r${half}-${at}`);
        const { signal, saved } = await save(folder, { KILL_AT: String(at), KILL_HALF: half });
        expect(signal).toBe("SIGKILL");
        moments++;
        const told: string[] = [];
        const found = await openRun(folder, text => told.push(text)).catch((error: Error) => error);
        if (found instanceof Error) {
          // Nothing was said to be saved yet.
          expect([saved, found.message]).toEqual([0, expect.stringMatching(/^ufom: --resume needs the (state|folder) of a run/)]);
          lost++;
          continue;
        }
        const { index, theta } = found.state as unknown as { index: number; theta: { data: Float64Array } };
        expect(index, `killed at call ${at}, ${calls[at - 1]}`).toBeGreaterThanOrEqual(saved);
        expect(index).toBeLessThanOrEqual(saved + 1);
        expect(new Set(theta.data)).toEqual(new Set([index]));
        older += Number(told.some(text => text.includes("goes on from the state before")));
        const run = await RunFolder.reopen(found, { version: 1 }, text => told.push(text));
        expect(run.history.steps.map(step => step.index)).toEqual(Array.from({ length: index }, (_, i) => i + 1));
        run.patience = nobody;
        run.addStep({ ...run.history.steps[0], index: index + 1 });
        await run.saveCheckpoint({ index: index + 1, theta: found.state.theta } as typeof found.state);
        await run.close();
        await run.release();
        const again = await openRun(folder, text => told.push(text));
        expect([again.state.index, again.newest]).toEqual([index + 1, true]);
        await again.place.lock.release();
      }
    }
    expect(moments).toBeGreaterThan(calls.length);
    // Between two renames the newest has no name: then it is the one before.
    expect(older).toBeGreaterThan(0);
    expect(lost).toBeLessThan(moments / 2);
  });
});
