// Memory that nobody can use any more is given back: of executors, of problems, of runs, of shapes that came and went.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { expect, test } from "vitest";
import {
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  hypergradient,
  np,
  sgd,
  solve,
  stream,
  type Executor,
} from "../../src/index.js";
import { MOST_COMPILED } from "../../src/core/solve/compiled-cache.js";
import { longLoop } from "../support/long-loop.js";
import { everywhere } from "../support/problems.js";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Until it holds, or nothing more is to be expected. */
async function eventually(holds: () => boolean): Promise<boolean> {
  for (let i = 0; i < 100 && !holds(); i++) {
    gc();
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  return holds();
}

/** A problem that lives as long as this file. */
const lasting = everywhere.problem;

test.each([
  ["dispose", "disposed executors let go of their memory, though they, the problem, runs and buffers are still held", 15],
  ["forget", "executors that were let go of without being disposed are collected, though the problem lives on", 0],
] as const)("%s: %s", async (how, _, kept) => {
  // In a process of one plain file: a test runner holds on to things of its own.
  const folder = await mkdtemp(path.join(tmpdir(), "ufom-memories-")),
    script = path.join(folder, "executor-memories.mjs"),
    entryPoints = [fileURLToPath(new URL("../support/executor-memories.ts", import.meta.url))];
  try {
    await build({ entryPoints, bundle: true, platform: "node", format: "esm", outfile: script, logLevel: "error" });
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script, how]);
    expect(JSON.parse(stdout)).toEqual({ made: 5, alive: 0, kept });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** A problem whose tasks come in any size. */
const anySize = defineProblem({
  theta: random => random.normal([3]),
  task: random => ({ x: random.normal([4, 3]), y: random.normal([4]) }),
  init: theta => theta,
  inner: { loss: (_, w, { x, y }) => np.square(np.dot(x, w).sub(y)).mean(), rate: 0.1, steps: 3 },
  outer: (_, w, { x, y }) => np.square(np.dot(x, w).sub(y)).mean(),
});

test.each([createWasmExecutor, createReferenceExecutor])("%o: of any number of shapes of one problem, those used last stay", async make => {
  const executor = make(),
    of = (n: number, estimator = "exact") => {
      const random = stream(n, "data");
      return hypergradient(anySize, { executor, estimator, task: { x: random.normal([n, 3]), y: random.normal([n]) } });
    };
  const buffers: number[] = [],
    expected = [...(await of(1)).gradient.data];
  for (let n = 1; n <= 5 * MOST_COMPILED; n++) {
    await of(n);
    buffers.push(executor.usage().buffers);
  }
  expect(buffers[MOST_COMPILED - 1]).toBeGreaterThan(buffers[0]);
  expect(new Set(buffers.slice(MOST_COMPILED)).size).toBe(1);
  // What was given up is made again.
  expect([...(await of(1)).gradient.data]).toEqual(expected);
  // Those that are in use at once are not given up.
  const sizes = Array.from({ length: 2 * MOST_COMPILED }, (_, i) => 100 + i),
    alone: number[][] = [];
  for (const n of sizes) alone.push([...(await of(n)).gradient.data]);
  expect((await Promise.all(sizes.map(n => of(n)))).map(({ gradient }) => [...gradient.data])).toEqual(alone);
  await of(1);
  expect(executor.usage().buffers).toBe(buffers.at(-1));
});

test.each([createWasmExecutor, createReferenceExecutor])("%o: a run that nobody can go on with is given back", async make => {
  const executor: Executor = make();
  const abandon = async () => {
    const steps = solve(lasting, { estimator: "exact", outer: sgd(0.1), outerSteps: 30, executor })[Symbol.asyncIterator]();
    expect((await steps.next()).value).toMatchObject({ index: 1 });
  };
  await abandon();
  expect(executor.usage().buffers).toBeGreaterThan(0);
  expect(await eventually(() => executor.usage().buffers === 0)).toBe(true);
});

test("a problem that is being evaluated is not given back, though nobody else holds it", async () => {
  const executor = createWasmExecutor();
  let collections = 0;
  const timer = setInterval(() => {
    collections++;
    gc();
  }, 1);
  const { loss } = await hypergradient(longLoop(10_000_000), { executor, estimator: "first-order" });
  clearInterval(timer);
  expect(collections).toBeGreaterThan(0);
  expect(loss).toBeGreaterThan(0);
  expect(await eventually(() => executor.usage().buffers === 0)).toBe(true);
});
