import * as np from "../../../src/tensor/np/index.js";
import type { Case } from "./case.js";
import { binary, unary } from "./elementwise.js";
import { inputsFor, vector } from "./inputs.js";
import { zip } from "./plain.js";

const { grid, integers, nonzero, positive, real, truths } = inputsFor("rounding");

/** Half to even. */
const rounded = (x: number) => {
  const low = Math.floor(x);
  const y = x - low > 0.5 || (x - low === 0.5 && low % 2 !== 0) ? low + 1 : low;
  return y === 0 && x < 0 ? -0 : y;
};
const modulo = (x: number, y: number) => x - Math.floor(x / y) * y;
const offGrid = (...shape: number[]) => grid(0.05, ...shape);
/** Between −1.05 and 0.93, far from the poles of the tangent. */
const small = (...shape: number[]) => {
  const { data, ...type } = offGrid(...shape);
  return { ...type, data: Float64Array.from(data, v => Math.fround(0.6 * v)) };
};
const ties = vector(-2.5, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3.5, 2 ** 23 + 1, -(2 ** 24), Infinity, -Infinity, NaN, 0.4375);

export const rounding: readonly Case[] = [
  ...unary("np.ceil", np.ceil, Math.ceil, (j, x) => j.np.ceil(x)),
  ...unary("np.trunc", np.trunc, Math.trunc, (j, x) => j.np.trunc(x)),
  ...unary("np.round", x => np.round(x), rounded, undefined, offGrid, [
    {
      name: "halves go to the even number, large numbers stay",
      inputs: [ties],
      value: [...ties.data].map(rounded),
      gradient: [...ties.data].map(() => 0),
    },
  ]),
  { of: "np.round", f: x => np.round(x), inputs: [integers(-99, 99, 5)], expected: x => x },
  { of: "np.round", f: x => np.round(x), inputs: [truths(4)], expected: x => x },
  { of: "np.round", f: x => np.round(x, -1), inputs: [integers(-99, 99, 9)], expected: x => zip(v => rounded(v / 10) * 10, x) },
  {
    of: "np.round",
    f: x => np.round(x, 1),
    inputs: [vector(1.23, -5.68, 0.12, 99.97)],
    expected: x => zip(v => rounded(v * 10) / 10, x),
  },
  { of: "np.ceil", f: x => np.ceil(x), inputs: [integers(-9, 9, 4)], expected: x => x },
  { of: "np.trunc", f: x => np.trunc(x), inputs: [integers(-9, 9, 4)], expected: x => x },
  ...binary("np.mod", np.mod, modulo, undefined, [offGrid, nonzero], undefined, nonzero),
  { of: "np.mod", f: np.mod, inputs: [integers(-99, 99, 40), integers(1, 9, 40)], expected: (x, y) => zip(modulo, x, y) },
  { of: "np.mod", f: np.mod, inputs: [integers(-99, 99, 40), integers(-9, 0, 40)], expected: (x, y) => zip(modulo, x, y) },
  { of: "np.mod", f: x => np.mod(x, 0), inputs: [integers(-99, 99, 4)], expected: x => zip(() => 0, x) },
  ...unary("np.log2", np.log2, Math.log2, (j, x) => j.np.log2(x), positive),
  ...unary("np.log10", np.log10, Math.log10, (j, x) => j.np.log10(x), positive),
  ...unary("np.tan", np.tan, Math.tan, (j, x) => j.np.tan(x), small),
  ...unary("np.isFinite", np.isFinite, x => +Number.isFinite(x)),
  ...unary("np.isNaN", np.isNaN, x => +Number.isNaN(x)),
  ...[vector(1, NaN, Infinity, -Infinity, -0, 1e38), integers(-9, 9, 3), truths(3)].flatMap((input): Case[] => [
    { of: "np.isFinite", f: np.isFinite, inputs: [input], expected: x => zip(v => +Number.isFinite(v), x) },
    { of: "np.isNaN", f: np.isNaN, inputs: [input], expected: x => zip(v => +Number.isNaN(v), x) },
  ]),
  { of: "np.log2", f: np.log2, inputs: [integers(1, 9, 3)], expected: x => zip(Math.log2, x) },
  { of: "np.trunc", f: np.trunc, inputs: [real(2)], expected: x => zip(Math.trunc, x) },
];
