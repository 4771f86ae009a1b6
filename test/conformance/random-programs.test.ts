import { afterAll, describe, expect, it } from "vitest";
import { outputsOf } from "../../src/program/evaluate.js";
import { hashProgram } from "../../src/program/hash.js";
import { printProgram } from "../../src/program/print.js";
import type { Program } from "../../src/program/program.js";
import { deserializeProgram, serializeProgram } from "../../src/program/serialize.js";
import { typingRules } from "../../src/program/typing.js";
import { verifyProgram } from "../../src/program/verify.js";
import { showType } from "../../src/tensor/types.js";
import type { HostArray } from "../../src/tensor/types.js";
import { drawnOnce, DrawnProgram } from "../support/drawn-once.js";
import { randomProgram } from "../support/random-program.js";
import { compared, runOnce } from "./run.js";

/** UFOM_TEST_SEED=… tries other programs, UFOM_TEST_RUNS=… more of them. */
const numRuns = Number(process.env.UFOM_TEST_RUNS ?? 1_000),
  seed = Number(process.env.UFOM_TEST_SEED ?? 1);

/** What the results of a program may differ by: 1e-5 where float32 takes part, else 1e-12, of the largest number of any node. */
function tolerance(program: Program, values: readonly HostArray[]): number {
  let largest = 1;
  for (const { data } of values) for (const x of data) largest = Math.max(largest, Math.abs(x));
  return (program.nodes.some(node => node.dtype === "float32") ? 1e-5 : 1e-12) * largest;
}

function expectClose(actual: readonly HostArray[], expected: readonly HostArray[], allowed: number): void {
  expect(actual.map(showType)).toEqual(expected.map(showType));
  actual.forEach(({ dtype, data }, k) => {
    const margin = dtype === "float32" || dtype === "float64" ? allowed : 0;
    data.forEach((x, i) => {
      const right = expected[k].data[i];
      if (!(Math.abs(x - right) <= margin)) throw new Error(`output ${k}, element ${i} is ${x} instead of ${right} (allowed: ${margin})`);
    });
  });
}

/** Adds a program to what an error says. */
async function explained(program: Program, title: string, f: () => void | Promise<void>): Promise<void> {
  try {
    await f();
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${title}:\n${printProgram(program)}`, { cause: error });
  }
}

/** Runs a property over random programs, the same for all properties; what fails is shrunk, and the message holds seed and path to repeat it. */
const check = drawnOnce(randomProgram(), one => new DrawnProgram(one), { numRuns, seed });

/** Floats with some of them replaced by NaN, ∞ and −∞. */
const withSpecials = (x: HostArray, k: number): HostArray =>
  x.dtype === "float32" || x.dtype === "float64"
    ? { ...x, data: x.data.map((v, i) => [NaN, Infinity, -Infinity, v, v][(7 * i + k) % 5]) }
    : x;

/** Which numbers are NaN, and which infinite. */
const kindsOf = (arrays: readonly HostArray[]): string[] =>
  arrays.map(({ data }) => Array.from(data, x => (Number.isNaN(x) ? "n" : Number.isFinite(x) ? "." : "i")).join(""));

describe("random programs", () => {
  it("are well-typed and cover every primitive", async () => {
    const seen = new Set<string>();
    await check(({ program }) => {
      verifyProgram(program);
      for (const node of program.nodes) seen.add(node.op);
    });
    expect([...seen].sort()).toEqual(Object.keys(typingRules).sort());
  });

  it("compute the same after all passes", () =>
    check(({ program, inputs, values, results, optimized }) =>
      explained(optimized, "after the passes", () => expectClose(outputsOf(optimized, inputs), results, tolerance(program, values))),
    ));

  it("keep their NaN and infinities through all passes", () =>
    check(({ program, inputs, optimized }) => {
      const given = inputs.map(withSpecials);
      return explained(optimized, "after the passes", () =>
        expect(kindsOf(outputsOf(optimized, given))).toEqual(kindsOf(outputsOf(program, given))),
      );
    }));

  it("survive serialization", () =>
    check(({ program }) => {
      const back = deserializeProgram(serializeProgram(program));
      expect(back).toEqual(program);
      expect(hashProgram(back)).toBe(hashProgram(program));
    }));
});

describe.each(compared.map(([, { create }]) => create()))("random programs on the $name executor", executor => {
  afterAll(() => executor.dispose());

  it.each([
    ["as they are", (of: DrawnProgram) => of.program],
    ["after the passes", (of: DrawnProgram) => of.optimized],
  ] as const)("agree with the reference, %s", async (_, prepare) => {
    await check(async of => {
      const { program, inputs, values, results } = of,
        prepared = prepare(of);
      await explained(prepared, "run as", async () =>
        expectClose(await runOnce(executor, prepared, inputs), results, tolerance(program, values)),
      );
    });
    expect(executor.usage().buffers).toBe(0);
  });
});
