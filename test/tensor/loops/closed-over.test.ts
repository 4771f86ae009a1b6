import { expect, it } from "vitest";
import { customGradient, grad, jvp, lax } from "../../../src/index.js";
import type { Value } from "../../../src/tensor/value.js";
import { f64 } from "../../../src/index.js";
import { float, numbers, refusal } from "../evaluate.js";

/** x·w with a rule for x alone: w is used from outside. */
const scaled = (w: Value) =>
  customGradient(
    (x: Value) => x.mul(w),
    (g, _) => g.mul(w),
  );
const loop = (w: Value, h: Value) => lax.scan((c: Value) => [scaled(w)(c), null], h, null, { length: 3 })[0];
const choice = (w: Value, h: Value) => lax.cond(h.greater(0), scaled(w), v => v, h);

it.each([
  ["a loop", loop],
  ["a choice", choice],
])("%s refuses what its function with a derivative of its own would lose", (_, f) => {
  const rule = /^ufom: customGradient takes what is differentiated as its argument/;
  expect(refusal((w: Value, h: Value) => grad((v: Value) => f(v, h))(w), float(), float())).toMatch(rule);
  expect(refusal((w: Value, h: Value) => jvp((v: Value) => f(v, h), w, w), float(), float())).toMatch(rule);
});

it("passes where that is not differentiated", () => {
  const one = f64([2], 1).data,
    at = [f64(one.slice()), f64([0.5])];
  expect(numbers((w: Value, h: Value) => grad((v: Value) => loop(w.sum(), v.sum()))(h), at)).toEqual([8]);
  expect(numbers((w: Value, h: Value) => grad((v: Value) => choice(w.sum(), v.sum()))(h), at)).toEqual([2]);
});

it("refuses what reaches it from step to step", () => {
  const carried = (w: Value, h: Value) =>
    lax.scan(({ a, b }: { a: Value; b: Value }) => [{ a: a.mul(w), b: scaled(a)(b) }, null], { a: h, b: h.mul(0).add(1) }, null, {
      length: 2,
    })[0].b;
  expect(refusal((w: Value, h: Value) => grad((v: Value) => carried(v, h))(w), float(), float())).toMatch(/^ufom: customGradient takes/);
});
