import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, vi } from "vitest";
import { runTests, standstill, unfinished } from "../../scripts/gates/tests.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folders: string[] = [];

/** A folder with tests of its own, inside the checkout, so that vitest is found. */
function folderWith(tests: Readonly<Record<string, string>>): string {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache/test-gate-"));
  folders.push(folder);
  writeFileSync(
    join(folder, "vitest.config.mjs"),
    `export default { test: { include: ["*.test.mjs"], maxWorkers: 1, fileParallelism: false } };`,
  );
  for (const [name, body] of Object.entries(tests))
    writeFileSync(join(folder, `${name}.test.mjs`), `import { expect, it } from "vitest";\n${body}\n`);
  return folder;
}
const good = `it("is good", () => expect(1).toBe(1));`,
  bad = `it("is bad", () => expect(1).toBe(2));`,
  killed = `it("takes everything down", async () => { process.kill(process.ppid, "SIGKILL"); await new Promise(() => setTimeout(() => {}, 60_000)); });`;

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe("the gate of the tests names what failed", () => {
  it("where a test failed, and where a file did not load", async () => {
    const { ok, output, tests } = await runTests({ folder: folderWith({ a: good, b: bad, c: `import "./nothing.mjs";` }) });
    expect([ok, tests]).toEqual([false, { passed: 1, failed: 2 }]);
    expect(output.split("\n").filter(line => line.startsWith("failed: "))).toEqual([
      "failed: b.test.mjs: is bad",
      "failed: c.test.mjs: did not load",
    ]);
  });

  it("where the error came from outside of every test", async () => {
    const late = `it("is good", async () => { setTimeout(() => { throw new Error("late"); }, 10); await new Promise(r => setTimeout(r, 100)); expect(1).toBe(1); });`;
    const { ok, output, tests } = await runTests({ folder: folderWith({ a: late }) });
    expect([ok, tests]).toEqual([false, { passed: 1, failed: 1 }]);
    expect(output).toContain("late");
    expect(output).toContain("from outside of every test");
  });

  it("where the process of a file died, that file", async () => {
    const died = `it("dies", async () => { process.kill(process.pid, "SIGKILL"); await new Promise(() => setTimeout(() => {}, 60_000)); });`;
    const { ok, output, tests } = await runTests({ folder: folderWith({ a: bad, b: died }) });
    expect([ok, tests]).toEqual([false, { passed: 0, failed: 2 }]);
    expect(output).toContain("failed: a.test.mjs: is bad");
    expect(output.split("\n")).toContain("had started and not ended: b.test.mjs");
  });

  it("where vitest itself is killed: the tests that had failed, and the files that had not reported", async () => {
    const { ok, output, tests } = await runTests({ folder: folderWith({ a: bad, b: killed, c: good }) });
    expect([ok, tests]).toEqual([false, { passed: 0, failed: 1 }]);
    expect(output).toContain("vitest left no report");
    const named = output.split("\n").filter(line => /^(failed|had)/.test(line));
    expect(named.length).toBeGreaterThan(1);
    // It is killed at once: whether word of its start had come before is chance.
    expect(named.filter(line => /^had (started and not ended|not started): b\.test\.mjs$/.test(line))).toHaveLength(1);
  });

  it("where a test ran when everything ended, that test", () => {
    const file = "/here/a.test.ts",
      [one, two] = ["the first", "the second"];
    const lines = [
      { kind: "planned", file } as const,
      { kind: "started", file } as const,
      ...(
        [
          ["running", one],
          ["passed", one],
          ["running", two],
        ] as const
      ).map(([kind, test]) => ({ kind, file, test })),
    ];
    expect(unfinished(lines, "/here")).toEqual(["was running: a.test.ts: the second", "had started and not ended: a.test.ts"]);
  });

  it("stops what stands still, and not what is slow", () => {
    vi.useFakeTimers();
    try {
      const file = join(folderWith({}), "progress"),
        stopped: string[] = [];
      const end = standstill(file, 20)(why => stopped.push(why));
      for (let line = 0; line < 10; line++) {
        writeFileSync(file, "x".repeat(line + 1));
        vi.advanceTimersByTime(19 * 60_000);
      }
      expect(stopped).toEqual([]);
      vi.advanceTimersByTime(2 * 60_000);
      expect(stopped[0]).toBe("ended no test for 20 minutes");
      end();
    } finally {
      vi.useRealTimers();
    }
  });

  it("where nothing is wrong, nothing", async () => {
    const { ok, note } = await runTests({ folder: folderWith({ a: good }) });
    expect([ok, note]).toEqual([true, "1 tests in 1 files"]);
  });
});
