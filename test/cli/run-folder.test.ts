import { mkdirSync } from "node:fs";
import { appendFile, open, readFile, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FolderLock } from "../../cli/src/folder-lock.js";
import { History } from "../../cli/src/history.js";
import { readMetrics } from "../../cli/src/metrics-file.js";
import { placeNamed } from "../../cli/src/output-folder.js";
import type { StepRecord } from "../../cli/src/problems/problem-entry.js";
import { readState, writeState, type Saved } from "../../src/files/saved-state.js";
import { InstalledCommand, source } from "./command.js";
import { writePreload } from "./preload.js";

let command: InstalledCommand;
let preload: string;
beforeAll(async () => {
  command = await InstalledCommand.make();
  preload = await writePreload();
});
afterAll(() => command.remove());

/** Waits in every step, so that there is time to do something. */
const slow = source({ task: "async random => { await new Promise(done => setTimeout(done, 25)); return { x: random.normal([3]) }; }" });
const lastLine = (text: string) => text.trimEnd().split("\n").at(-1)!;

/** At once: the next write must see it. */
const mkdirNow = (folder: string): boolean => mkdirSync(folder, { recursive: true }) !== undefined;

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

describe("a run that another process writes", () => {
  it("is refused to --resume as long as that lives, and not afterwards", async () => {
    const project = await command.project({ "p.ts": slow });
    let refused: Promise<{ code: number | null; stderr: string }> | undefined;
    let pid: number | undefined;
    const first = await command.start(project, ["run", "p.ts", "--outer-steps", "1000", "--out", "r"], (stderr, child) => {
      pid = child.pid;
      if (refused || !/step \d+\/1000/.test(stderr)) return;
      refused = command.run(project, "run", "--resume", "r");
      void refused.then(() => child.kill("SIGKILL"));
    });
    expect(first.code).toBeNull();
    const { code, stderr } = await refused!;
    expect([code, stderr]).toEqual([2, `ufom: r must not be written by two processes; process ${pid} writes there.\n`]);
    // Its lock is still there, and nobody's.
    expect(await readdir(path.join(project, "r"))).toContain("run.lock");
    const second = await command.run(project, "run", "--resume", "r", "--outer-steps", "4");
    expect([second.code, second.stdout]).toEqual([0, expect.stringContaining("All 4 outer steps are done")]);
    expect(await readdir(path.join(project, "r"))).not.toContain("run.lock");
  });

  it("has one of several that begin in the same folder, the others are told", async () => {
    const project = await command.project({ "p.ts": slow });
    const all = await Promise.all(
      Array.from({ length: 4 }, () => command.run(project, "run", "p.ts", "--outer-steps", "20", "--out", "r")),
    );
    expect(all.map(({ code }) => code).sort()).toEqual([0, 2, 2, 2]);
    for (const { code, stderr } of all) {
      if (code !== 0)
        expect(lastLine(stderr)).toMatch(
          /^ufom: r must (not be written by two processes; process \d+ writes there|be a new or an empty folder; it holds .*)\.$/,
        );
    }
    expect((await readFile(path.join(project, "r/metrics.jsonl"), "utf8")).trim().split("\n")).toHaveLength(20);
  });

  it("has a folder of its own where none was named, though all begin in the same second", async () => {
    const project = await command.project({ "p.ts": source() });
    const all = await Promise.all(Array.from({ length: 4 }, () => command.run(project, "run", "p.ts", "--outer-steps", "3", "--json")));
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const folders = new Set(all.map(({ stdout }) => (JSON.parse(stdout) as { folder: string }).folder));
    expect(folders.size).toBe(4);
    expect(await readdir(path.join(project, "runs"))).toHaveLength(4);
    const now = new Date();
    const cwd = process.cwd();
    process.chdir(project);
    try {
      const places = await Promise.all(Array.from({ length: 40 }, () => placeNamed("p", "exact", now)));
      expect(new Set(places.map(place => place.path)).size).toBe(40);
    } finally {
      process.chdir(cwd);
    }
  });
});

describe("a lock", () => {
  const folder = () => command.project();
  const owner = { pid: process.pid, host: hostname(), began: undefined, id: "another" };

  it.each([
    ["of a process that has ended", { ...owner, pid: 2 ** 22 + 1 }],
    ["of an earlier process with this one's number", owner],
    ["of an earlier process with the number of another", { ...owner, pid: process.ppid, began: "then:1" }],
    ["that is no lock", "{"],
    ["that is empty", ""],
  ])("%s is taken over", async (_, content) => {
    const where = await folder();
    await writeFile(path.join(where, "run.lock"), typeof content === "string" ? content : JSON.stringify(content));
    const lock = await FolderLock.take(where);
    await lock.check();
    expect(JSON.parse(await readFile(lock.file, "utf8"))).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(await readdir(where)).toEqual([]);
  });

  it.each([
    [
      "of a process that runs",
      { ...owner, pid: process.ppid },
      /^ufom: .* must not be written by two processes; process \d+ writes there\.$/,
    ],
    [
      "of another machine",
      { ...owner, host: "elsewhere" },
      /process \d+ of elsewhere \(if that one has ended, remove .*run\.lock\) writes there\.$/,
    ],
  ])("%s is not", async (_, content, sentence) => {
    const where = await folder();
    await writeFile(path.join(where, "run.lock"), JSON.stringify(content));
    await expect(FolderLock.take(where)).rejects.toThrow(sentence);
    expect(JSON.parse(await readFile(path.join(where, "run.lock"), "utf8"))).toMatchObject({ id: "another" });
  });

  it("has one owner, however many want it at once and whatever was there before", async () => {
    for (const before of [undefined, "", JSON.stringify({ ...owner, pid: 2 ** 22 + 1 })]) {
      const where = await folder();
      if (before !== undefined) await writeFile(path.join(where, "run.lock"), before);
      const taken = await Promise.allSettled(Array.from({ length: 24 }, () => FolderLock.take(where)));
      const owners = taken.flatMap(one => (one.status === "fulfilled" ? [one.value] : []));
      expect(owners).toHaveLength(1);
      await owners[0].check();
      await owners[0].release();
      expect(await readdir(where)).toEqual([]);
    }
  });

  it("that is another's by now is noticed before anything is written", async () => {
    const where = await folder();
    const lock = await FolderLock.take(where);
    await writeFile(lock.file, JSON.stringify(owner));
    await expect(lock.check()).rejects.toThrow(/must stay this process's while it writes there; it is process \d+'s\.$/);
    await lock.release();
    expect(await readdir(where)).toEqual(["run.lock"]);
    await rm(lock.file);
    await expect(lock.check()).rejects.toThrow(/it is gone\.$/);
  });
});

describe("a damaged state", () => {
  it("is told, and the run goes on from the one before to the same numbers", async () => {
    const project = await command.project({ "p.ts": source() });
    for (const out of ["whole", "parts"])
      expect((await command.run(project, "run", "p.ts", "--outer-steps", "9", "--out", out)).code).toBe(0);
    const checkpoint = path.join(project, "parts/checkpoint.safetensors");
    const bytes = await readFile(checkpoint);
    bytes[bytes.length - 2] ^= 4;
    await writeFile(checkpoint, bytes);
    const { code, stderr } = await command.run(project, "run", "--resume", "parts");
    expect(stderr).toMatch(
      /^ufom: parts\/checkpoint\.safetensors must have the check sum [0-9a-f]{8} that it was written with; it is damaged\. The run goes on from the state before, that of outer step 1 \(parts\/checkpoint\.previous\.safetensors\)\.\n/,
    );
    expect(code).toBe(0);
    const thetaOf = async (out: string) => {
      const state = readState(await readFile(path.join(project, out, "checkpoint.safetensors")), out) as unknown as {
        theta: { center: { data: Float32Array } };
      };
      return [...state.theta.center.data];
    };
    expect(await thetaOf("parts")).toEqual(await thetaOf("whole"));
    const steps = async (out: string) =>
      (await readFile(path.join(project, out, "metrics.jsonl"), "utf8"))
        .trim()
        .split("\n")
        .map(text => ({ ...(JSON.parse(text) as object), seconds: 0 }));
    expect(await steps("parts")).toEqual(await steps("whole"));
  });
});

describe("metrics", () => {
  it("that are cut off, damaged or missing are told, and the run goes on", async () => {
    const project = await command.project({ "p.ts": source() });
    const resumed = async (steps: number, change: (file: string) => Promise<void>) => {
      await rm(path.join(project, "r"), { recursive: true, force: true });
      expect((await command.run(project, "run", "p.ts", "--outer-steps", "8", "--out", "r")).code).toBe(0);
      const file = path.join(project, "r/metrics.jsonl");
      await change(file);
      const { code, stderr } = await command.run(project, "run", "--resume", "r", "--outer-steps", String(steps));
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
    expect((await command.run(project, "run", "p.ts", "--outer", "sgd:0.01", "--outer-steps", "4", "--out", "r")).code).toBe(0);
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

describe("a full disk", () => {
  it("makes a run wait until there is room, and nothing is lost", async () => {
    const project = await command.project({ "p.ts": slow });
    const full = path.join(project, "full");
    let [filled, freed] = [false, false];
    const { code, stdout, stderr } = await command.start(
      project,
      ["run", "p.ts", "--outer-steps", "12", "--out", "r"],
      text => {
        if (!filled && /step [2-9]\/12/.test(text)) filled = mkdirNow(full);
        if (!freed && text.includes("waits until there is room")) {
          freed = true;
          setTimeout(() => void rm(full, { recursive: true }), 300);
        }
      },
      { NODE_OPTIONS: preload, FULL_WHILE: full },
    );
    expect([filled, freed]).toEqual([true, true]);
    expect(stderr).toMatch(
      /ufom: r\/metrics\.jsonl cannot be written: the disk is full \(ENOSPC\)\. The run waits until there is room; Ctrl-C ends it\./,
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining("All 12 outer steps are done")]);
    const indices = (await readFile(path.join(project, "r/metrics.jsonl"), "utf8"))
      .trimEnd()
      .split("\n")
      .map(text => (JSON.parse(text) as StepRecord).index);
    expect(indices).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it("lets Ctrl-C end the wait, with what is safe", async () => {
    const project = await command.project({ "p.ts": slow });
    const full = path.join(project, "full");
    let [filled, sent] = [false, false];
    const { code, stderr } = await command.start(
      project,
      ["run", "p.ts", "--outer-steps", "12", "--out", "r"],
      (text, child) => {
        if (!filled && /step [2-9]\/12/.test(text)) filled = mkdirNow(full);
        if (!sent && text.includes("waits until there is room")) sent = child.kill("SIGINT");
      },
      { NODE_OPTIONS: preload, FULL_WHILE: full },
    );
    expect(sent).toBe(true);
    expect([code, lastLine(stderr)]).toEqual([
      1,
      "ufom: r/metrics.jsonl cannot be written: the disk is full (ENOSPC). r holds the state after outer step 1: ufom run --resume r",
    ]);
    await rm(full, { recursive: true });
    expect((await command.run(project, "run", "--resume", "r")).code).toBe(0);
  });
});

describe("changed data", () => {
  it("are noticed, and used only if that is asked for", async () => {
    const module = source({
      task: `() => ({ x: f32(JSON.parse(readFileSync("data.json", "utf8"))) })`,
      head: `import { readFileSync } from "node:fs";`,
    });
    const project = await command.project({ "p.ts": module, "data.json": "[1, 2, 3]" });
    expect((await command.run(project, "run", "p.ts", "--outer-steps", "3", "--out", "r")).code).toBe(0);
    expect((await command.run(project, "run", "--resume", "r", "--outer-steps", "4")).code).toBe(0);
    await writeFile(path.join(project, "data.json"), "[1, 2, 3.0000002]");
    const refused = await command.run(project, "run", "--resume", "r", "--outer-steps", "5");
    expect([refused.code, refused.stderr]).toEqual([
      2,
      "ufom: --resume needs the data of the run: the first tasks, or θ₀, are not those that r began with; --changed-data goes on with those of now.\n",
    ]);
    const allowed = await command.run(project, "run", "--resume", "r", "--outer-steps", "5", "--changed-data");
    expect([allowed.code, allowed.stderr]).toEqual([0, expect.stringContaining("it goes on with those of now, as --changed-data says.")]);
    expect((await command.run(project, "run", "--resume", "r", "--outer-steps", "6")).code).toBe(0);
    const alone = await command.run(project, "run", "p.ts", "--changed-data");
    expect([alone.code, alone.stderr]).toEqual([2, "ufom: --changed-data goes with --resume FOLDER; received it without.\n"]);
  });
});
