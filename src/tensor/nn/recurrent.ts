import { fail } from "../error.js";
import type { Initializer, RandomSource } from "../initializers.js";
import { lecunNormal, orthogonal, zeros } from "../initializers.js";
import { sigmoid, tanh } from "../np/functions.js";
import * as np from "../np/index.js";
import { checkOptions } from "../options.js";
import type { HostArray } from "../types.js";
import { showType } from "../types.js";
import type { Value } from "../value.js";

/** How the weights of a cell begin: those of the input by `lecunNormal`, those of the state by `orthogonal`, gate by gate; biases at 0. */
export interface CellOptions {
  readonly weights?: Initializer;
  readonly recurrent?: Initializer;
}

/** Weights of a GRU cell; the gates r, z and n stand side by side. */
export interface GruParameters<T = Value> {
  /** [inputs, 3·units] */
  readonly input: T;
  /** [units, 3·units] */
  readonly hidden: T;
  /** [3·units] */
  readonly inputBias: T;
  /** [3·units] */
  readonly hiddenBias: T;
}

/** Weights of an LSTM cell; the gates i, f, g and o stand side by side. */
export interface LstmParameters<T = Value> {
  /** [inputs, 4·units] */
  readonly input: T;
  /** [units, 4·units] */
  readonly hidden: T;
  /** [4·units] */
  readonly bias: T;
}

/** The gates of a cell, which stand side by side along the last axis. */
function gatesOf(who: string, x: Value, count: number, units: number): Value[] {
  if (x.shape[x.ndim - 1] !== count * units) fail(who, `takes weights of ${count} gates of ${units} units each`, showType(x));
  return np.split(x, count, -1);
}

const unitsOf = (who: string, h: Value): number => h.shape[h.ndim - 1] ?? fail(who, "takes a state […, units]", showType(h));

/**
 * One step of a gated recurrent unit: r = σ(…), z = σ(…) and n = tanh(x W_n + b_n + r·(h U_n + c_n)), h′ = (1 − z)·n + z·h.
 * `nn.gru.init(random, inputs, units)` makes its parameters; the first state is zeros.
 * @param parameters { input: [inputs, 3·units], hidden: [units, 3·units], inputBias, hiddenBias: [3·units] }, gates in the order r, z, n
 * @param h the state […, units]
 * @param x the input […, inputs]
 * @returns the next state […, units]
 * @throws if the shapes do not fit
 *
 * Source: K. Cho et al., Learning phrase representations using RNN encoder–decoder, EMNLP 2014, with the reset after the product.
 */
export function gru({ input, hidden, inputBias, hiddenBias }: GruParameters, h: Value, x: Value): Value {
  const units = unitsOf("gru", h),
    [rx, zx, nx] = gatesOf("gru", np.matmul(x, input).add(inputBias), 3, units),
    [rh, zh, nh] = gatesOf("gru", np.matmul(h, hidden).add(hiddenBias), 3, units),
    z = sigmoid(zx.add(zh)),
    n = tanh(nx.add(sigmoid(rx.add(rh)).mul(nh)));
  return n.add(z.mul(h.sub(n)));
}

/** The parameters of a GRU cell. @throws on extents that are not whole and ≥ 0 */
gru.init = (random: RandomSource, inputs: number, units: number, options?: CellOptions): GruParameters<HostArray> => {
  const made = cell("gru.init", random, [inputs, units, 3], options);
  return { ...made, inputBias: zeros(random, [3 * units]), hiddenBias: zeros(random, [3 * units]) };
};

/**
 * One step of a long short-term memory: i = σ(…), f = σ(…), g = tanh(…), o = σ(…) of x W + h U + b; c′ = f·c + i·g, h′ = o·tanh(c′).
 * `nn.lstm.init(random, inputs, units)` makes its parameters; the first h and c are zeros.
 * @param parameters { input: [inputs, 4·units], hidden: [units, 4·units], bias: [4·units] }, gates in the order i, f, g, o
 * @param state { h, c }, […, units] each
 * @param x the input […, inputs]
 * @returns the next state
 * @throws if the shapes do not fit
 *
 * Source: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9(8), 1997, with the forget gate of F. Gers et al., 2000.
 */
export function lstm(
  { input, hidden, bias }: LstmParameters,
  { h, c }: { readonly h: Value; readonly c: Value },
  x: Value,
): { h: Value; c: Value } {
  const all = np.matmul(x, input).add(np.matmul(h, hidden)).add(bias),
    [i, f, g, o] = gatesOf("lstm", all, 4, unitsOf("lstm", h)),
    next = sigmoid(f)
      .mul(c)
      .add(sigmoid(i).mul(tanh(g)));
  return { h: sigmoid(o).mul(tanh(next)), c: next };
}

/** The parameters of an LSTM cell. @throws on extents that are not whole and ≥ 0 */
lstm.init = (random: RandomSource, inputs: number, units: number, options?: CellOptions): LstmParameters<HostArray> => ({
  ...cell("lstm.init", random, [inputs, units, 4], options),
  bias: zeros(random, [4 * units]),
});

/** The weights of all gates, each gate's drawn by itself. */
function cell(
  who: string,
  random: RandomSource,
  [inputs, units, gates]: readonly [number, number, number],
  options?: CellOptions,
): { input: HostArray; hidden: HostArray } {
  const { weights = lecunNormal, recurrent = orthogonal } = checkOptions<CellOptions>(who, options, { weights: true, recurrent: true });
  const beside = (rows: number, make: Initializer): HostArray => {
    const parts = Array.from({ length: gates }, () => make(random, [rows, units])),
      data = new Float32Array(rows * units * gates);
    parts.forEach((part, g) => {
      for (let i = 0; i < rows; i++) data.set(part.data.subarray(i * units, (i + 1) * units), (i * gates + g) * units);
    });
    return { shape: [rows, gates * units], dtype: "float32", data };
  };
  return { input: beside(inputs, weights), hidden: beside(units, recurrent) };
}
