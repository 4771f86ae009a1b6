import { expect, test } from "vitest";
import { counted } from "../../src/tensor/counted.js";

test("one of what is counted has no plural", () => {
  expect([counted(1, "outer step"), counted(0, "step"), counted(2805, "outer step")]).toEqual([
    "1 outer step",
    "0 steps",
    "2,805 outer steps",
  ]);
});
