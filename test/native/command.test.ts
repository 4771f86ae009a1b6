import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leaves } from "../../src/core/trees/host-tree.js";
import { readState } from "../../src/files/saved-state.js";
import type { HostTree } from "../../src/index.js";
import { InstalledCommand } from "../cli/command.js";
import { withoutLibrary } from "./available.js";

/** A problem of products that a library takes. */
const wide = `import { defineProblem, np } from "ufom";
const loss = (phi, { x, y }) => np.square(np.tanh(np.matmul(x, phi)).sub(y)).mean();
export default defineProblem({
  theta: random => random.normal([300, 120], 0.05),
  task: random => ({ x: random.normal([90, 300]), y: random.normal([90, 120]) }),
  init: theta => theta,
  inner: { loss: (_, phi, task) => loss(phi, task), rate: 0.1, steps: 2 },
  outer: (_, phi, task) => loss(phi, task),
});
`;

let installed: InstalledCommand;
beforeAll(async () => {
  installed = await InstalledCommand.make();
});
afterAll(() => installed.remove());

test("--native refuses a word that is no library, and another executor", async () => {
  const folder = await installed.project();
  const refused = async (...args: string[]) => {
    const { code, stderr } = await installed.call(folder, ...args);
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

  test("compare computes with it, records it in every run, and goes on with it", async () => {
    const folder = await installed.project({ "wide.mjs": wide }),
      json = async (file: string) => JSON.parse(await readFile(join(folder, file), "utf8")) as Record<string, unknown>;
    interface Compared {
      readonly runs: readonly { readonly folder: string; readonly native?: object; readonly metrics: { readonly loss: number } }[];
    }
    const compared = async (...args: string[]) => {
      const all = ["compare", "./wide.mjs", "--estimators", "exact", "--seeds", "1", "--budget-evaluations", "12", "--json", ...args],
        { code, stdout, stderr } = await installed.start(folder, all);
      expect(code, stderr).toBe(0);
      return { stderr, ...(JSON.parse(stdout) as Compared) };
    };
    const plain = await compared("--out", "plain"),
      native = await compared("--out", "native", "--native");
    expect(native.stderr).toMatch(/^Native: .*the last bits of numbers depend on it/m);
    expect(plain.stderr).not.toContain("Native: ");
    for (const [k, run] of native.runs.entries()) {
      expect(plain.runs[k].native).toBeUndefined();
      expect(run.native).toMatchObject({ threshold: expect.any(Number) as number });
      // The library multiplied: to rounding the same, but not to the last bit of every number of θ.
      expect(Math.abs(run.metrics.loss / plain.runs[k].metrics.loss - 1)).toBeLessThan(1e-4);
      const thetaIn = async ({ folder: at }: { readonly folder: string }) => {
        const file = join(at, "checkpoint.safetensors"),
          { theta } = readState(await readFile(file), file) as unknown as { readonly theta: HostTree };
        return leaves(theta);
      };
      const [ours, theirs] = [await thetaIn(plain.runs[k]), await thetaIn(run)];
      expect(theirs.map(({ shape }) => shape)).toEqual(ours.map(({ shape }) => shape));
      expect(theirs).not.toEqual(ours);
    }
    expect(JSON.stringify(await json("native/config.json"))).toContain('"threshold"');
    expect(await readFile(join(folder, "native/report.html"), "utf8")).toMatch(
      /--inner-steps 2 --meta-batch 1 --dtype float32 --executor auto --native \S/,
    );
    // Its run is missing: it is made with the library again.
    await rm(native.runs[0].folder, { recursive: true });
    const config = join(folder, "native/config.json");
    await writeFile(config, (await readFile(config, "utf8")).replaceAll(/"library": ?"[^"]*"/g, '"library":"OldBLAS 0.1"'));
    const { code, stdout, stderr } = await installed.start(folder, ["compare", "--resume", "native", "--json"]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^native began with OldBLAS 0\.1, and goes on with .*: the last bits of its numbers may differ\.$/m);
    expect((JSON.parse(stdout) as Compared).runs).toMatchObject(native.runs.map(({ metrics }) => ({ metrics })));
  });

  test("inspect tells of it", async () => {
    const { code, stdout } = await installed.call(await installed.project(), "inspect", "toy", "--native", "--json");
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { executor: { reason: string } }).executor.reason).toMatch(
      /^native: products of at least \d+ multiplications by /,
    );
  });
});
