import { expect, test } from "vitest";
import { quantity } from "../../src/tensor/quantity.js";

test("one of what is counted has no plural", () => {
  expect([quantity(1, "outer step"), quantity(0, "step"), quantity(2805, "outer step")]).toEqual([
    "1 outer step",
    "0 steps",
    "2,805 outer steps",
  ]);
});
