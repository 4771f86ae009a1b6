// Keys, bits and what is drawn from them.
import { nn, np, random } from "../../../src/index.js";
import { apply } from "../../../src/tensor/operation.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { float, int, precisions, traced } from "./case.js";
import { tame, wild } from "./numbers.js";

export const randomCases = (): readonly Case[] =>
  precisions.map(precision =>
    traced(
      "random numbers, dropout and shifts",
      precision,
      (key: Value, x: Value, places: Value) => {
        const [a, b] = [0, 1].map(i => random.split(key).slice(i));
        return [
          random.bits(a, [33, 7]),
          random.uniform(a, [101], -1, 3),
          random.normal(b, [101]),
          random.bernoulli(b, nn.sigmoid(x)),
          nn.dropout(x, 0.3, random.foldIn(key, places.slice(0))),
          apply("shiftRight", [np.astype(x, np.int32), places], {}),
          apply("shiftLeft", [places, places], {}),
        ];
      },
      [int(2), float(45), int(45)],
      ...[tame, wild].map(numbers => [
        wild({ shape: [2], dtype: "int32" }, 9),
        numbers({ shape: [45], dtype: precision }, 10),
        wild({ shape: [45], dtype: "int32" }, 11),
      ]),
    ),
  );
