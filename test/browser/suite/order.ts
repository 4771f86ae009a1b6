// Sorting, with NaN and equal numbers, and its gradient.
import { grad, np } from "../../../src/index.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { float, int, precisions, traced } from "./case.js";
import { tame, wild } from "./numbers.js";

export const orderCases = (): readonly Case[] =>
  precisions.map(precision =>
    traced(
      "sorting and its gradient",
      precision,
      (x: Value, i: Value) => [
        np.argsort(x, 0),
        np.sort(x),
        grad((z: Value) => np.square(np.sort(z, 0)).sum())(x),
        np.argsort(i),
        np.sort(i),
      ],
      [float(13, 21), int(50)],
      ...[tame, wild].map(numbers => [numbers({ shape: [13, 21], dtype: precision }, 20), numbers({ shape: [50], dtype: "int32" }, 21)]),
    ),
  );
