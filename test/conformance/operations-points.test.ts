import { afterAll, describe, expect, it } from "vitest";
import type { Executor } from "../../src/executors/executor.js";
import { trace } from "../../src/tensor/trace.js";
import { grad } from "../../src/tensor/transform.js";
import type { FloatType, HostArray, Type } from "../../src/tensor/types.js";
import { isFloat, sizeOf } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { casesOf } from "./cases.js";
import type { Case } from "./cases/case.js";
import { showShapes } from "./cases/case.js";
import { expectClose, flat, magnitude } from "./closeness.js";
import type { AtPoint } from "./points.js";
import { illConditioned, inputsAt, points, unbounded, valueAndGradient, withoutEmpty, withoutScalar } from "./points.js";
import type { Compiled, Traced } from "./run.js";
import { compileTraced, executors, traced } from "./run.js";

const precisions: readonly (readonly [FloatType, number])[] = [
  ["float64", 1e-12],
  ["float32", 1e-5],
];
const names = [...casesOf.keys()];

describe("the table of cases has for each function", () => {
  const typesOf = (c: Case): Type[] => [...c.inputs, trace(c.f, c.inputs, "float64").output as Type];
  const has = (of: string, fits: (type: Type) => boolean) => casesOf.get(of)!.some(c => typesOf(c).some(fits));

  it("an array without elements, or a reason", () => {
    expect(names.filter(of => !has(of, ({ shape }) => sizeOf(shape) === 0)).sort()).toEqual(Object.keys(withoutEmpty).sort());
  });
  it("a single number, or a reason", () => {
    expect(names.filter(of => !has(of, ({ shape }) => shape.length === 0)).sort()).toEqual(Object.keys(withoutScalar).sort());
  });
});

/** What is not a number, or infinite, in words that compare. */
const kinds = (numbers: readonly number[]) => numbers.map(v => (Number.isFinite(v) ? "finite" : String(v)));
const finite = (v: number) => (Number.isFinite(v) ? v : 0);

/** The same infinities and NaN, and close numbers. */
function same(found: readonly number[], expected: readonly number[], tolerance: number, what: string, scale: number): void {
  expect(kinds(found), what).toEqual(kinds(expected));
  expectClose(found.map(finite), expected.map(finite), tolerance, what, Math.max(scale, magnitude(expected)));
}

const floating = [...casesOf].flatMap(([of, group]) => {
  const usable = group.filter(c => c.inputs.some(x => isFloat(x) && x.data.length > 0));
  return usable.length > 0 ? [[of, usable] as const] : [];
});

const own = new Map<string, Executor>(Object.entries(executors).map(([name, { create }]) => [name, create()]));
afterAll(() => {
  for (const executor of own.values()) executor.dispose();
});
const compiled = <R>(name: string, program: Traced): Promise<Compiled<R>> =>
  compileTraced<R>(own.get(name)!, executors[name].prepare, program);

describe(`at ${Object.keys(points).join(", ")}`, () => {
  it.each(floating)(
    "%s gives the values of plain loops, one gradient on all executors, and a finite one unless it says so",
    async (of, group) => {
      for (const c of group)
        for (const [precision, unit] of precisions) {
          const tolerance = illConditioned.has(of) ? { float64: 1e-9, float32: Infinity }[precision] : unit;
          const program = traced(precision, valueAndGradient(c), c.inputs);
          const reference = await compiled<AtPoint>("reference", program);
          const wasm = await compiled<AtPoint>("wasm", program);
          for (const point of Object.keys(points)) {
            const inputs = inputsAt(c, point);
            const what = `${showShapes(c)} at ${point} in ${precision}`;
            const [expected, found] = [await reference(...inputs), await wasm(...inputs)];
            const [value, gradient] = [Array.from(expected.y.data), flat(expected.gradient ?? [])];
            same(Array.from(found.y.data), value, tolerance, `value, ${what}`, magnitude(flat(inputs)));
            same(flat(found.gradient ?? []), gradient, tolerance, `gradient, ${what}`, magnitude(flat(inputs)));
            if (unbounded[of] === undefined) expect(gradient.every(Number.isFinite), `gradient is finite, ${what}`).toBe(true);
            if (precision === "float64" && !illConditioned.has(of)) likeLoops(of, c, inputs, value, what);
          }
        }
    },
  );
});

/** The values where the loops, which know nothing of overflow, have one. */
function likeLoops(of: string, c: Case, inputs: readonly HostArray[], value: readonly number[], what: string): void {
  const expected = c.expected(...inputs.map(({ shape, data }) => ({ shape, data: Array.from(data) }))).data;
  const known = expected.flatMap((v, i) => (Number.isFinite(v) && !(of === "np.power" && Number.isNaN(value[i])) ? [i] : []));
  const at = (list: readonly number[]) => known.map(i => list[i]);
  expectClose(at(value), at(expected), 1e-11, `value of plain loops, ${what}`, magnitude(expected, flat(inputs)));
}

describe.each(Object.keys(executors))("kinks on %s", name => {
  const kinks = [...casesOf].flatMap(([of, group]) => group.flatMap(c => (c.kinks ?? []).map(kink => ({ ...kink, f: c.f, of }))));
  it.each(kinks)("$of: $name", async ({ f, inputs, value, gradient }) => {
    for (const [precision] of precisions) {
      const both = (...x: Value[]) => ({ y: f(...x), gradient: grad((z: Value[]) => f(...z).sum())(x) });
      const found = await (await compiled<Required<AtPoint>>(name, traced(precision, both, inputs)))(...inputs);
      const exact = precision === "float64" ? 1e-15 : 1e-6;
      expectClose(found.y.data, value, exact, `value in ${precision}`);
      expectClose(found.gradient[0].data, gradient, exact, `gradient in ${precision}`);
    }
  });
});
