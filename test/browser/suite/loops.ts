// Loops in a program, and a choice: values and gradients, the carries kept or computed anew.
import { lax, nn, np, valueAndGrad, vmap } from "../../../src/index.js";
import type { Value } from "../../../src/tensor/value.js";
import type { FloatType } from "../../../src/tensor/types.js";
import type { Case } from "./case.js";
import { float, precisions, traced } from "./case.js";
import { tame } from "./numbers.js";

const units = 7;
const shapes = [[3, 3 * units], [units, 3 * units], [3 * units], [3 * units], [11, 2, 3]] as const;

const recurrent = (precision: FloatType, memory: "store" | "checkpoint=3", reverse: boolean): Case => {
  const loss = ([input, hidden, inputBias, hiddenBias, x]: Value[]) => {
    const step = (h: Value, row: Value) => {
      const next = nn.gru({ input, hidden, inputBias, hiddenBias }, h, row);
      return [next, next.sum(-1)] as const;
    };
    const [last, ys] = lax.scan(step, np.zeros([2, units]), x, { memory, reverse });
    return np.square(last).sum().add(np.sin(ys).sum());
  };
  const f = (...inputs: Value[]) => valueAndGrad(loss)(inputs);
  const numbers = shapes.map((shape, i) => tame({ shape, dtype: precision }, i));
  return traced(
    `a recurrent loop by ${memory}${reverse ? ", reversed" : ""}`,
    precision,
    f,
    shapes.map(shape => float(...shape)),
    numbers,
  );
};

const counted = (precision: FloatType): Case => {
  const f = (x: Value) => {
    const one = (v: Value) =>
      lax.fori(
        0,
        9,
        (i, h) =>
          lax.cond(
            h.sum().greater(0),
            y => np.sin(y).sub(i.astype("float32").mul(0.1)),
            y => np.exp(y).mul(0.5),
            h,
          ),
        v,
      );
    return [one(x.slice(0)), vmap(one)(x)];
  };
  return traced("a counted loop with a choice", precision, f, [float(4, 5)], [tame({ shape: [4, 5], dtype: precision }, 3)]);
};

export const loopCases = (): readonly Case[] =>
  precisions.flatMap(precision => [
    recurrent(precision, "store", false),
    recurrent(precision, "store", true),
    recurrent(precision, "checkpoint=3", false),
    recurrent(precision, "checkpoint=3", true),
    counted(precision),
  ]);
