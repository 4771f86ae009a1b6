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
import type { Compiled } from "../run.js";
import { compile, compileReference } from "../run.js";
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
  readonly f: (...inputs: never[]) => unknown;
  readonly inputs: readonly HostArray[];
  readonly expected: readonly HostArray[];
}

async function claimsOf(c: Case): Promise<Claim[]> {
  const own = await compileReference<Derivatives>(derivatives(c), c.inputs);
  const claims: Claim[] = [{ what: showShapes(c), f: derivatives(c), inputs: c.inputs, expected: arraysOf(await own(...c.inputs)) }];
  const { gradient } = await own(...c.inputs);
  const which = gradient ? c.inputs.flatMap((x, i) => (isFloat(x) ? [i] : [])) : [];
  const together = mappingsOf(c).at(-2);
  if (together) {
    const inputs = inputsOf(c, together);
    const f = mapped(c, together, which);
    const run: Compiled<Mapped> = await compileReference<Mapped>(f, inputs);
    claims.push({ what: `vmap at ${showShapes(c)}`, f, inputs, expected: arraysOf(await run(...inputs)) });
  }
  return claims;
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
          for (const { what, f, inputs, expected } of await once(c)) {
            const run = await compile<object>(executor, prepare, precision, f, inputs);
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
