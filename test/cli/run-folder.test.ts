import { mkdirSync } from "node:fs";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FolderLock } from "../../cli/src/folder-lock.js";
import { placeNamed } from "../../cli/src/output-folder.js";
import type { StepRecord } from "../../cli/src/problems/problem-entry.js";
import { readState } from "../../src/files/saved-state.js";
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

describe("a run that another process writes", () => {
  it("is refused to --resume as long as that lives, and not afterwards", async () => {
    const project = await command.project({ "p.ts": slow });
    let refused: Promise<{ code: number | null; stderr: string }> | undefined;
    let pid: number | undefined;
    const first = await command.start(project, ["run", "p.ts", "--outer-steps", "100000", "--out", "r"], (stderr, child) => {
      pid = child.pid;
      if (refused || !/step \d+\/100,?000/.test(stderr)) return;
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
    const stale = JSON.stringify({ ...owner, pid: 2 ** 22 + 1 });
    for (const before of [undefined, "", ...Array.from({ length: 40 }, () => stale)]) {
      const where = await folder();
      if (before !== undefined) await writeFile(path.join(where, "run.lock"), before);
      const taken = await Promise.allSettled(
        Array.from({ length: 24 }, async (_, i) => {
          // One after another, so that some find what is being replaced.
          await sleep(i / 4);
          return FolderLock.take(where);
        }),
      );
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
      expect((await command.call(project, "run", "p.ts", "--outer-steps", "9", "--out", out)).code).toBe(0);
    const checkpoint = path.join(project, "parts/checkpoint.safetensors");
    const bytes = await readFile(checkpoint);
    bytes[bytes.length - 2] ^= 4;
    await writeFile(checkpoint, bytes);
    const { code, stderr } = await command.run(project, "run", "--resume", "parts");
    expect(stderr).toMatch(
      /^ufom: parts\/checkpoint\.safetensors must have the check sum [0-9a-f]{8} that it was written with; received a file that is damaged\. The run goes on from the state before, that of outer step 1 \(parts\/checkpoint\.previous\.safetensors\)\.\n/,
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
    expect((await command.call(project, "run", "p.ts", "--outer-steps", "3", "--out", "r")).code).toBe(0);
    expect((await command.call(project, "run", "--resume", "r", "--outer-steps", "4")).code).toBe(0);
    await writeFile(path.join(project, "data.json"), "[1, 2, 3.0000002]");
    const refused = await command.run(project, "run", "--resume", "r", "--outer-steps", "5");
    expect([refused.code, refused.stderr]).toEqual([
      2,
      "ufom: --resume needs the data of the run: the first tasks, or θ₀, are not those that r began with; --changed-data goes on with those of now.\n",
    ]);
    const allowed = await command.call(project, "run", "--resume", "r", "--outer-steps", "5", "--changed-data");
    expect([allowed.code, allowed.stderr]).toEqual([0, expect.stringContaining("it goes on with those of now, as --changed-data says.")]);
    expect((await command.call(project, "run", "--resume", "r", "--outer-steps", "6")).code).toBe(0);
    const alone = await command.call(project, "run", "p.ts", "--changed-data");
    expect([alone.code, alone.stderr]).toEqual([2, "ufom: --changed-data goes with --resume FOLDER; received it without.\n"]);
  });
});
