import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InstalledCommand } from "../cli/command.js";
import { withoutLibrary } from "./available.js";

let installed: InstalledCommand;
beforeAll(async () => {
  installed = await InstalledCommand.make();
});
afterAll(() => installed.remove());

test("--native refuses a word that is no library, and another executor", async () => {
  const folder = await installed.project();
  const refused = async (...args: string[]) => {
    const { code, stderr } = await installed.start(folder, args);
    expect(code).toBe(2);
    return stderr.trim();
  };
  expect(await refused("run", "--native", "toy")).toBe(
    'ufom: --native must be the path of a library (….so, ….dylib, ….dll), or stand alone, as behind PROBLEM; received "toy".',
  );
  expect(await refused("inspect", "toy", "--executor", "reference", "--native")).toBe(
    'ufom: native goes with the executor wasm; received "reference".',
  );
});

describe.skipIf(withoutLibrary !== undefined)("with a library", () => {
  test("a run records it, goes on with it, and does not change it on the way", async () => {
    const folder = await installed.project(),
      start = (...args: string[]) => installed.start(folder, args),
      json = async (file: string) => JSON.parse(await readFile(join(folder, "run", file), "utf8")) as Record<string, unknown>;
    const first = await start("run", "toy", "--native", "--outer-steps", "2", "--out", "run", "--json");
    expect(first.code).toBe(0);
    expect(first.stderr).toContain("Native: ");
    const { native } = JSON.parse(first.stdout) as { native: { library: string; path: string } };
    expect(Object.keys(native)).toEqual(["library", "path", "threads", "threshold"]);
    expect((await json("config.json")).settings).toMatchObject({ native });
    expect((await json("result.json")).native).toEqual(native);
    const more = await start("run", "--resume", "run", "--outer-steps", "4", "--json");
    expect(more.code).toBe(0);
    expect(JSON.parse(more.stdout)).toMatchObject({ native, outerSteps: 4 });
    const changed = await start("run", "--resume", "run", "--native");
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain("which cannot change on the way; received --native.");
  });

  test("inspect tells of it", async () => {
    const { code, stdout } = await installed.start(await installed.project(), ["inspect", "toy", "--native", "--json"]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { executor: { reason: string } }).executor.reason).toMatch(
      /^native: products of at least \d+ multiplications by /,
    );
  });
});
