import { describe, expect, it } from "vitest";
import type { HostArray } from "../../src/tensor/types.js";
import { isFloat, showType } from "../../src/tensor/types.js";
import { casesOf } from "./cases.js";
import { showShapes } from "./cases/case.js";
import { expectClose } from "./closeness.js";
import type { Derivatives } from "./derivatives.js";
import { firstDerivative } from "./derivatives.js";
import type { Mapped, Nested } from "./lanes.js";
import { innerSize, inputsOf, lane, mapped, mappingsOf, nested, outerSize, stack } from "./lanes.js";
import { compileReference } from "./run.js";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

function same(found: HostArray, expected: HostArray, what: string): void {
  expect(showType(found), what).toBe(showType(expected));
  expectClose(found.data, expected.data, 1e-12, what);
}

/** Sums arrays element by element. */
const sum = (arrays: readonly HostArray[]): HostArray => ({
  ...arrays[0],
  data: arrays[0].data.map((_, i) => arrays.reduce((total, { data }) => total + data[i], 0)),
});

const mappable = [...casesOf]
  .map(([of, group]) => [of, group.filter(c => c.inputs.length > 0)] as const)
  .filter(([, group]) => group.length > 0);

describe.each(mappable)("vmap of %s", (_, group) => {
  it("over each operand alone and all together, over the first and the last axis, with gradients inside and outside, equals the loop", async () => {
    for (const c of group) {
      const once = await compileReference<Derivatives>(firstDerivative(c), c.inputs);
      const { gradient } = await once(...c.inputs);
      const which = gradient ? c.inputs.flatMap((x, i) => (isFloat(x) ? [i] : [])) : [];
      // Over whichever axis they are mapped, the lanes are the same.
      const known = new Map<string, Derivatives[]>();
      const lanesOf = (operands: readonly number[]): Promise<Derivatives[]> =>
        Promise.all(range(innerSize).map(b => once(...c.inputs.map((x, i) => (operands.includes(i) ? lane(x, b) : x)))));
      for (const mapping of mappingsOf(c)) {
        const { operands, where } = mapping;
        const what = `operands ${operands.join(" and ")}, ${where} axis, ${showShapes(c)}`;
        const inputs = inputsOf(c, mapping);
        const found = await (await compileReference<Mapped>(mapped(c, mapping, which), inputs))(...inputs);
        const lanes = known.get(operands.join()) ?? (await lanesOf(operands));
        known.set(operands.join(), lanes);
        same(
          found.y,
          stack(
            lanes.map(l => l.y),
            "first",
          ),
          what,
        );
        for (const [k, i] of which.entries()) {
          const each = lanes.map(l => l.gradient![k]);
          same(found.gradients![k], stack(each, "first"), `gradient of operand ${i}, ${what}`);
          const expected = operands.includes(i) ? stack(each, where) : sum(each);
          same(found.gradientOfSum![k], expected, `gradient of the sum for operand ${i}, ${what}`);
        }
      }
    }
  });

  it("nested, over all operands and over one each, equals two loops", async () => {
    for (const c of group) {
      const once = await compileReference<{ y: HostArray }>((...x) => ({ y: c.f(...x) }), c.inputs);
      const grids = c.inputs.map(x =>
        stack(
          range(outerSize).map(a =>
            stack(
              range(innerSize).map(b => lane(x, a * innerSize + b)),
              "first",
            ),
          ),
          "first",
        ),
      );
      const [x, ...rest] = c.inputs;
      const first = stack(
        range(outerSize).map(a => lane(x, a)),
        "first",
      );
      const others = rest.map(y =>
        stack(
          range(innerSize).map(b => lane(y, b)),
          "first",
        ),
      );
      const run = await compileReference<Nested>(nested(c), [grids, first, others]);
      const { both, crossed } = await run(grids, first, others);
      const loop = async (at: (a: number, b: number) => HostArray[]) => {
        const rows = await Promise.all(
          range(outerSize).map(async a => {
            const row = await Promise.all(range(innerSize).map(b => once(...at(a, b))));
            return stack(
              row.map(r => r.y),
              "first",
            );
          }),
        );
        return stack(rows, "first");
      };
      same(both, await loop((a, b) => c.inputs.map(input => lane(input, a * innerSize + b))), showShapes(c));
      if (crossed) same(crossed, await loop((a, b) => [lane(x, a), ...rest.map(y => lane(y, b))]), `crossed, ${showShapes(c)}`);
    }
  });
});
