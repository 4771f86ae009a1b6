import * as fc from "../support/fast-check.js";
import { afterAll, describe, expect, it } from "vitest";
import { evaluateProgram } from "../../src/program/evaluate.js";
import { hashProgram } from "../../src/program/hash.js";
import { optimize } from "../../src/program/passes/index.js";
import { printProgram } from "../../src/program/print.js";
import type { Program } from "../../src/program/program.js";
import { deserializeProgram, serializeProgram } from "../../src/program/serialize.js";
import { typingRules } from "../../src/program/typing.js";
import { verifyProgram } from "../../src/program/verify.js";
import { showType } from "../../src/tensor/types.js";
import type { HostArray } from "../../src/tensor/types.js";
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

/** Runs a property over random programs; what fails is shrunk, and the message holds seed and path to repeat it. */
const check = (property: (program: Program, inputs: readonly HostArray[]) => void | Promise<void>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(randomProgram(), async ({ program, inputs }) => property(program, inputs)),
    { numRuns, seed },
  );

/** Floats with some of them replaced by NaN, ∞ and −∞. */
const withSpecials = (x: HostArray, k: number): HostArray =>
  x.dtype === "float32" || x.dtype === "float64"
    ? { ...x, data: x.data.map((v, i) => [NaN, Infinity, -Infinity, v, v][(7 * i + k) % 5]) }
    : x;

/** Which numbers are NaN, and which infinite. */
const kindsOf = (arrays: readonly HostArray[]): string[] =>
  arrays.map(({ data }) => Array.from(data, x => (Number.isNaN(x) ? "n" : Number.isFinite(x) ? "." : "i")).join(""));

const resultsOf = (program: Program, inputs: readonly HostArray[]): HostArray[] => {
  const values = evaluateProgram(program, inputs);
  return program.outputs.map(o => values[o]);
};

describe("random programs", () => {
  it("are well-typed and cover every primitive", async () => {
    const seen = new Set<string>();
    await check(program => {
      verifyProgram(program);
      for (const node of program.nodes) seen.add(node.op);
    });
    expect([...seen].sort()).toEqual(Object.keys(typingRules).sort());
  });

  it("compute the same after all passes", () =>
    check((program, inputs) => {
      const values = evaluateProgram(program, inputs),
        optimized = optimize(program);
      return explained(optimized, "after the passes", () =>
        expectClose(
          resultsOf(optimized, inputs),
          program.outputs.map(o => values[o]),
          tolerance(program, values),
        ),
      );
    }));

  it("keep their NaN and infinities through all passes", () =>
    check((program, inputs) => {
      const given = inputs.map(withSpecials),
        values = evaluateProgram(program, given),
        optimized = optimize(program);
      return explained(optimized, "after the passes", () =>
        expect(kindsOf(resultsOf(optimized, given))).toEqual(kindsOf(program.outputs.map(o => values[o]))),
      );
    }));

  it("survive serialization", () =>
    check(program => {
      const back = deserializeProgram(serializeProgram(program));
      expect(back).toEqual(program);
      expect(hashProgram(back)).toBe(hashProgram(program));
    }));
});

describe.each(compared.map(([, { create }]) => create()))("random programs on the $name executor", executor => {
  afterAll(() => executor.dispose());

  it.each([
    ["as they are", (p: Program) => p],
    ["after the passes", (p: Program) => optimize(p)],
  ] as const)("agree with the reference, %s", async (_, prepare) => {
    await check(async (program, inputs) => {
      const values = evaluateProgram(program, inputs),
        prepared = prepare(program);
      await explained(prepared, "run as", async () =>
        expectClose(
          await runOnce(executor, prepared, inputs),
          program.outputs.map(o => values[o]),
          tolerance(program, values),
        ),
      );
    });
    expect(executor.usage().buffers).toBe(0);
  });
});
