import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { createReferenceExecutor, createWasmExecutor, defineProblem, f32, lax, np, sgd, solve } from "../../src/index.js";
import type { Executor, Value } from "../../src/index.js";
import type { ScanOptions } from "../../src/tensor/lax.js";

// Where a run stopped being finite within loops and choices: the operation inside and its line, not the loop.

/** The line of this file that holds a text. */
async function lineOf(text: string): Promise<number> {
  const lines = (await readFile(new URL(import.meta.url), "utf8")).split("\n");
  return lines.findIndex(line => line.includes(text) && !line.includes("lineOf(")) + 1;
}

type Loss = (w: Value) => Value;
const square: Loss = w => np.square(w).sum();

const problemOf = (inner: Loss, outer: Loss = square) =>
  defineProblem({
    theta: () => f32([1, 2]),
    task: () => ({}),
    init: t => ({ w: t }),
    inner: { loss: (_, { w }) => inner(w), rate: 0.1, steps: 4 },
    outer: (_, { w }) => outer(w),
  });

async function message(inner: Loss, outer: Loss, make: () => Executor): Promise<string> {
  const executor = make();
  const { outcome, message: said } = await solve(problemOf(inner, outer), {
    estimator: "exact",
    outer: sgd(0.1),
    outerSteps: 3,
    executor,
  }).result();
  executor.dispose();
  expect(outcome).toBe("diverged");
  return said;
}

const series = () => np.stack([np.ones([2]), np.ones([2]), np.zeros([2])]);

/** 1 / 0 in the third step. */
const dividing =
  (options?: ScanOptions): Loss =>
  w =>
    lax
      .scan(
        (h: Value, x: Value) => {
          const next = h.add(w.div(x)); // a step
          return [next, next];
        },
        np.zeros([2]),
        series(),
        options,
      )[1]
      .sum();

const inALoop = (rows: Value): Value => lax.scan((h: Value, x: Value) => [h.add(np.log(x)), null], np.zeros([2]), rows)[0]; // a loop within

const nested: Loss = w => lax.fori(0, 2, (_, h) => h.add(inALoop(np.stack([np.square(w), w.mul(0)]))), np.zeros([2])).sum();

const chosen: Loss = w =>
  lax.cond(
    w.sum().greater(0),
    () => np.sqrt(w.sub(9)).sum(), // a way
    () => w.sum(),
  );

/** Finite, but its derivative is not. */
const steep: Loss = w =>
  lax
    .scan(
      (h: Value, x: Value) => {
        const root = np.sqrt(w.mul(x)); // a root
        return [h.add(root), null];
      },
      np.zeros([2]),
      series(),
    )[0]
    .sum();

describe.each([
  ["wasm", createWasmExecutor],
  ["reference", createReferenceExecutor],
] as const)("%s names the line within", (_, make) => {
  test.each([
    ["a step", "divide gave Infinity", dividing()],
    ["a step", "divide gave Infinity", dividing({ memory: "checkpoint=2" })],
    ["a loop within", "log gave -Infinity", nested],
    ["a way", "sqrt gave NaN", chosen],
  ])("%s: %s in the outer loss", async (what, how, outer) => {
    expect(await message(square, outer, make)).toContain(
      `: ${how}, divergence-in-loops.test.ts:${await lineOf(`// ${what}`)}); θ is that of`,
    );
  });

  test.each([
    ["a step", "divide gave Infinity", dividing()],
    ["a step", "divide gave Infinity", dividing({ memory: "checkpoint=2" })],
    ["a step", "divide gave Infinity", dividing({ reverse: true })],
  ])("%s: %s in an inner step", async (what, how, inner) => {
    expect(await message(inner, square, make)).toContain(
      `phi.w stops being finite in inner step 1 of 4 (${how}, divergence-in-loops.test.ts:${await lineOf(`// ${what}`)})`,
    );
  });

  test("a root: the derivative of a step whose values are finite", async () => {
    expect(await message(square, steep, make)).toMatch(
      new RegExp(
        `the derivative of the outer loss with respect to phi\\.w \\(\\w+ gave (NaN|-?Infinity), divergence-in-loops\\.test\\.ts:${await lineOf("// a root")}\\)`,
      ),
    );
  });
});

describe("a mistake in a body names its line", () => {
  const bad = (w: Value): Value => np.matmul(w, np.zeros([3, 3])); // a product

  test.each<[string, Loss]>([
    ["scan", w => lax.scan((h: Value) => [bad(h), null], w, null, { length: 2 })[0].sum()],
    ["scan's y", w => lax.scan((h: Value) => [h, bad(h)], w, null, { length: 2 })[1].sum()],
    ["fori", w => lax.fori(0, 2, (_, h) => bad(h), w).sum()],
    [
      "cond, if true",
      w =>
        lax
          .cond(
            w.sum().greater(0),
            () => bad(w),
            () => w,
          )
          .sum(),
    ],
    [
      "cond, if false",
      w =>
        lax
          .cond(
            w.sum().greater(0),
            () => w,
            () => bad(w),
          )
          .sum(),
    ],
  ])("of %s", async (_, loss) => {
    expect(() => problemOf(loss)).toThrow(
      new RegExp(`^ufom: matmul .*; received .* \\(inner\\.loss, divergence-in-loops\\.test\\.ts:${await lineOf("// a product")}\\)\\.$`),
    );
  });
});
