import { expect, it } from "vitest";
import { np } from "../../src/index.js";
import { trace } from "../../src/tensor/trace.js";
import type { Value } from "../../src/tensor/value.js";
import { float } from "./evaluate.js";

it("the function that was called refuses, not the one that it is made of", () => {
  const on = (f: (x: Value, y: Value) => Value) => () => trace(f, [float(3, 4), float(5)]);
  expect(on((x, y) => np.clip(x, 0, y))).toThrow("ufom: clip needs shapes that broadcast; received float32[3,4] and float32[5].");
  expect(on((x, y) => np.clip(x, y, 1))).toThrow("ufom: clip needs shapes that broadcast; received float32[3,4] and float32[5].");
  expect(on((x, y) => np.dot(x, y))).toThrow("ufom: dot needs inner extents that agree; received float32[3,4] · float32[5].");
  expect(on((x, y) => x.matmul(y))).toThrow("ufom: matmul needs inner extents that agree; received float32[3,4] · float32[5].");
});
