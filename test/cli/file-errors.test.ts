import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSentence, isSystemError, type SystemError } from "../../cli/src/file-errors.js";
import { InstalledCommand, source } from "./command.js";
import { writePreload } from "./preload.js";

let command: InstalledCommand;
let preload: string;
beforeAll(async () => {
  command = await InstalledCommand.make();
  preload = await writePreload();
});
afterAll(() => command.remove());

/** One sentence on standard error, the last line, and no stack. */
function sentenceOf({ stderr }: { readonly stderr: string }): string {
  const lines = stderr.trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(/^ufom: [^\n]*\.$/);
  expect(stderr).not.toMatch(/should not have happened|^\s+at |node:internal/m);
  return lines.at(-1)!;
}

const long = "a".repeat(300);

describe("what the system refuses is a sentence", () => {
  it.each<[string[], RegExp]>([
    [["run", "p.ts", "--out", ""], /^ufom: --out must be the name of a folder; received ""\.$/],
    [["run", "--resume", ""], /^ufom: --resume must be the name of a folder; received ""\.$/],
    [["compare", "p.ts", "--out", ""], /^ufom: --out must be the name of a folder; received ""\.$/],
    [["new", ""], /^ufom: new takes the name of a TypeScript file \(my-problem\.ts\); received ""\.$/],
    [["run", ""], /^ufom: there is no problem named ""/],
    [["run", "p.ts", "--out", "p.ts"], /^ufom: p\.ts must be a new or an empty folder; it is a file: give another --out\.$/],
    [["run", "p.ts", "--out", "p.ts/r"], /^ufom: p\.ts\/r cannot be made: a part of that path is a file and no folder \(ENOTDIR\)\.$/],
    [["compare", "p.ts", "--out", "p.ts/r"], /^ufom: p\.ts\/r cannot be made: .* \(ENOTDIR\)\.$/],
    [["run", "p.ts", "--out", long], /^ufom: a+ cannot be (made|read): that name is too long for the file system \(ENAMETOOLONG\)\.$/],
    [["run", `./${long}.ts`], /^ufom: a+\.ts cannot be read: that name is too long for the file system \(ENAMETOOLONG\)\.$/],
    [["new", long], /^ufom: a+\.ts cannot be written: that name is too long for the file system \(ENAMETOOLONG\)\.$/],
    [["new", "p.ts/q"], /^ufom: p\.ts\/q\.ts cannot be written: a part of that path is a file and no folder \(ENOTDIR\)\.$/],
    [["run", "./folder/"], /^ufom: \.\/folder\/ must be a module; it is a folder\.$/],
    [["run", "--resume", "p.ts"], /^ufom: --resume needs the folder of a run \(with config\.json\); p\.ts is not one\.$/],
    [["run", "--resume", "broken"], /^ufom: broken\/config\.json cannot be read: it is a folder \(EISDIR\)\.$/],
  ])("%j", async (args, sentence) => {
    const project = await command.project({ "p.ts": source() });
    await mkdir(path.join(project, "folder"));
    await mkdir(path.join(project, "broken/config.json"), { recursive: true });
    const ended = await command.call(project, ...args);
    expect([ended.code, sentenceOf(ended)]).toEqual([2, expect.stringMatching(sentence)]);
    expect((await readdir(project)).sort()).toEqual(["broken", "folder", "p.ts"]);
  });

  const codes = ["EACCES", "ENOTDIR", "ENAMETOOLONG", "ENOSPC", "EROFS", "EISDIR", "EMFILE", "EDQUOT", "EIO", "EPERM", "ELOOP", "ETXTBSY"];
  const refusals: [args: string[], call: string, within: string][] = [
    [["run", "p.ts", "--out", "r", "--outer-steps", "3"], "mkdir", "r"],
    [["run", "p.ts", "--out", "r", "--outer-steps", "3"], "open", "run.lock"],
    [["run", "p.ts", "--out", "r", "--outer-steps", "3"], "open", "config.json"],
    [["run", "p.ts", "--out", "r", "--outer-steps", "3"], "rename", "config.json"],
    [["compare", "p.ts", "--out", "r"], "open", "config.json"],
    [["run", "--resume", "done"], "readFile", "config.json"],
    [["run", "--resume", "done"], "readFile", "checkpoint"],
    [["new", "q.ts"], "copyFile", ""],
  ];
  it.each(refusals)("%j, where the system refuses %s of %s", async (args, call, within) => {
    const project = await command.project({ "p.ts": source() });
    if (args.includes("done")) expect((await command.call(project, "run", "p.ts", "--out", "done", "--outer-steps", "2")).code).toBe(0);
    for (const code of codes) {
      // To node a file below a file is one that is not there.
      if (call === "readFile" && code === "ENOTDIR") continue;
      const env = { NODE_OPTIONS: preload, FAIL: `${call}:${code}`, FAIL_IN: within },
        ended = await command.callWith(env, project, args);
      expect([code, ended.code, sentenceOf(ended)]).toEqual([code, 2, expect.stringContaining(`(${code}).`)]);
      if (code !== codes[0]) continue;
      // One of them in a process of its own, which ends as the served one says, but for the number of the process and the name of its draft.
      const alike = (text: string) => text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "draft").replace(/\d+/g, "n"),
        own = await command.start(project, args, undefined, env);
      expect([own.code, alike(sentenceOf(own))]).toEqual([2, alike(sentenceOf(ended))]);
    }
  });

  it("while a run is under way with exit code 1, and what is safe", async () => {
    const project = await command.project({ "p.ts": source() });
    const args = ["run", "p.ts", "--outer-steps", "5", "--out"];
    const last = await command.start(project, [...args, "a"], undefined, {
      NODE_OPTIONS: preload,
      FAIL: "rename:EIO",
      FAIL_IN: "result.json",
    });
    expect([last.code, last.stderr.trimEnd().split("\n").at(-1)]).toEqual([
      1,
      "ufom: a/result.json cannot be written: the disk failed (EIO). a holds the state after outer step 5: ufom run --resume a",
    ]);
    expect((await command.call(project, "run", "--resume", "a")).code).toBe(0);
    const first = await command.start(project, [...args, "b"], undefined, {
      NODE_OPTIONS: preload,
      FAIL: "open:EACCES",
      FAIL_IN: "metrics",
    });
    expect([first.code, sentenceOf(first)]).toEqual([1, "ufom: b/metrics.jsonl cannot be opened: this user may not (EACCES)."]);
  });

  it("also where the working directory was removed", async () => {
    const project = await command.project({ "p.ts": source() });
    const gone = path.join(project, "gone");
    const inGone = (...args: string[]) => {
      const line = [process.execPath, command.main, ...args].map(word => `'${word}'`).join(" ");
      const child = spawn("sh", ["-c", `mkdir '${gone}' && cd '${gone}' && rmdir '${gone}' && ${line}`], {
        env: { ...process.env, NODE_OPTIONS: "" },
      });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.stdout.resume();
      return new Promise<{ code: number | null; stderr: string }>(resolve => child.on("close", code => resolve({ code, stderr })));
    };
    for (const args of [
      ["run", "toy"],
      ["run", "./p.ts"],
      ["new", "p.ts"],
      ["compare", "toy"],
      ["run", "--resume", "r"],
    ]) {
      const ended = await inGone(...args);
      expect([ended.code, sentenceOf(ended)]).toEqual([
        2,
        expect.stringMatching(/working directory must be there|cannot be|is not one|needs the folder of p\.ts to be there/),
      ]);
    }
    expect((await inGone("list")).code).toBe(0);
    expect((await inGone("run", "toy", "--outer-steps", "3", "--out", path.join(project, "r"))).code).toBe(0);
    expect(await readdir(path.join(project, "r"))).toContain("result.json");
  });

  it("for every code that there is", () => {
    const error = (code: string, more: object) => Object.assign(new Error("words"), { code, syscall: "open", ...more }) as SystemError;
    expect(fileSentence(error("ENOSPC", { syscall: "write", path: "/a/b" }))).toBe(
      "ufom: /a/b cannot be written: the disk is full (ENOSPC).",
    );
    expect(fileSentence(error("ECONNREFUSED", { syscall: "connect" }))).toBe(
      "ufom: the system's connect cannot be done: connection refused (ECONNREFUSED).",
    );
    expect(isSystemError(new Error("ENOSPC"))).toBe(false);
  });
});

describe("a closed pipe", () => {
  /** Runs with one of the streams closed at once. */
  function closed(project: string, stream: "stdout" | "stderr", args: readonly string[]): Promise<number | null> {
    const child = spawn(process.execPath, [command.main, ...args], { cwd: project, env: { ...process.env, NODE_OPTIONS: "" } });
    child[stream].destroy();
    child[stream === "stdout" ? "stderr" : "stdout"].resume();
    return new Promise(resolve => child.on("close", resolve));
  }
  const slow = source({ task: "async random => { await new Promise(done => setTimeout(done, 20)); return { x: random.normal([3]) }; }" });

  it.each(["stdout", "stderr"] as const)("%s: the run is finished and its folder complete", async stream => {
    const project = await command.project({ "p.ts": slow });
    expect(await closed(project, stream, ["run", "p.ts", "--outer-steps", "30", "--out", "r"])).toBe(0);
    expect(JSON.parse(await readFile(path.join(project, "r/result.json"), "utf8"))).toMatchObject({ outcome: "finished", outerSteps: 30 });
    expect(await readdir(path.join(project, "r"))).toEqual(expect.arrayContaining(["report.html", "checkpoint.safetensors"]));
    expect(await closed(project, stream, ["run", "p.ts", "--outer", "sgd:1e30", "--outer-steps", "9", "--out", "d"])).toBe(1);
    expect(JSON.parse(await readFile(path.join(project, "d/result.json"), "utf8"))).toMatchObject({ outcome: "diverged" });
    expect(await closed(project, stream, ["compare", "toy", "--budget-evaluations", "200", "--seeds", "1", "--out", "c"])).toBe(0);
    expect(await closed(project, stream, ["list"])).toBe(0);
    expect(await closed(project, stream, ["run", "nothing"])).toBe(2);
  });

  it.skipIf(process.platform !== "linux")("results that cannot be delivered are told, and the run is finished", async () => {
    const project = await command.project({ "p.ts": source() });
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, [command.main, "run", "p.ts", "--outer-steps", "3", "--out", "r", "--json"], {
      cwd: project,
      env: { ...process.env, NODE_OPTIONS: "" },
      stdio: ["ignore", full, "pipe"],
    });
    closeSync(full);
    let stderr = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const code = await new Promise(resolve => child.on("close", resolve));
    expect([code, stderr.trimEnd().split("\n").at(-1)]).toEqual([1, "ufom: standard output cannot be written: the disk is full (ENOSPC)."]);
    expect(await readdir(path.join(project, "r"))).toContain("result.json");
  });
});
