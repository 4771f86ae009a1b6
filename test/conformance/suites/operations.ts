import { afterAll, describe, expect } from "vitest";
import type { Executor } from "../../../src/executors/executor.js";
import type { Program } from "../../../src/program/program.js";
import type { FloatType, HostArray } from "../../../src/tensor/types.js";
import { isFloat, sizeOf } from "../../../src/tensor/types.js";
import { casesOf } from "../cases.js";
import type { Case } from "../cases/case.js";
import { showShapes } from "../cases/case.js";
import { expectClose, flat, magnitude } from "../closeness.js";
import type { Derivatives } from "../derivatives.js";
import { derivatives } from "../derivatives.js";
import type { Mapped } from "../lanes.js";
import { inputsOf, mapped, mappingsOf } from "../lanes.js";
import type { Traced } from "../run.js";
import { compileOwnRules, compileTraced, traced } from "../run.js";
import { suiteTests, type SuiteOptions } from "./skip.js";

const precisions: readonly (readonly [FloatType, number])[] = [
  ["float64", 1e-12],
  ["float32", 2e-6],
];

/** Arrays of a result in the order of their names. */
const arraysOf = (result: object): HostArray[] =>
  Object.keys(result)
    .sort()
    .flatMap(name => (result as Record<string, HostArray | readonly HostArray[]>)[name]);

/** What a case claims in float64 by the operations' own rules, and what an executor must compute to claim the same. */
interface Claim {
  readonly what: string;
  /** Traced once for all executors. */
  readonly programs: Readonly<Record<FloatType, Traced>>;
  readonly inputs: readonly HostArray[];
  readonly expected: readonly HostArray[];
}

/** A claim, and what the operations' own rules give. */
async function claimOf<R extends object>(
  what: string,
  f: (...inputs: never[]) => unknown,
  inputs: readonly HostArray[],
): Promise<readonly [Claim, R]> {
  const [float64, float32] = [traced("float64", f, inputs), traced("float32", f, inputs)],
    found = await (await compileOwnRules<R>(float64))(...inputs);
  return [{ what, programs: { float64, float32 }, inputs, expected: arraysOf(found) }, found];
}

async function claimsOf(c: Case): Promise<Claim[]> {
  const [claim, { gradient }] = await claimOf<Derivatives>(showShapes(c), derivatives(c), c.inputs);
  const which = gradient ? c.inputs.flatMap((x, i) => (isFloat(x) ? [i] : [])) : [];
  const together = mappingsOf(c).at(-2);
  if (!together) return [claim];
  const [vmapped] = await claimOf<Mapped>(`vmap at ${showShapes(c)}`, mapped(c, together, which), inputsOf(c, together));
  return [claim, vmapped];
}

const known = new Map<Case, Promise<Claim[]>>();
const once = (c: Case): Promise<Claim[]> => {
  const claims = known.get(c) ?? claimsOf(c);
  known.set(c, claims);
  return claims;
};

export interface OperationOptions extends SuiteOptions {
  readonly create: () => Executor;
  /** What a program goes through before this executor compiles it. */
  readonly prepare: (program: Program) => Program;
}

/** What every executor computes: the cases of the conformance suite in both precisions. */
export function runOperationTests(name: string, { create, prepare, skip }: OperationOptions): void {
  describe(name, () => {
    const test = suiteTests(skip);
    const executor = create();
    afterAll(() => {
      const { buffers, bytes } = executor.usage();
      executor.dispose();
      expect([buffers, bytes]).toEqual([0, 0]);
    });

    describe.each(precisions)("in %s", (precision, tolerance) => {
      test.each([...casesOf])("%s: values, derivatives and vmap are those of float64 by the operations' own rules", async ([, group]) => {
        for (const c of group) {
          for (const { what, programs, inputs, expected } of await once(c)) {
            const run = await compileTraced<object>(executor, prepare, programs[precision]);
            const found = arraysOf(await run(...inputs));
            // Rounding is relative to the largest number on the way, of which these are the ones that can be seen.
            const scale =
              magnitude(flat(expected), flat(inputs)) * Math.max(1, Math.sqrt(Math.max(...inputs.map(x => sizeOf(x.shape)), 1)));
            expected.forEach((e, k) => {
              const { dtype, shape } = found[k];
              expect([isFloat(e) ? precision : e.dtype, e.shape], what).toEqual([dtype, shape]);
              expectClose(found[k].data, e.data, isFloat(e) ? tolerance : 0, `result ${k}, ${what}`, scale);
            });
          }
        }
      });
    });

    test.end();
  });
}
