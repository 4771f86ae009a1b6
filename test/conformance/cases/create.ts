import * as np from "../../../src/tensor/np/index.js";
import { apply } from "../../../src/tensor/operation.js";
import { stopGradient } from "../../../src/tensor/transform.js";
import type { Case } from "./case.js";
import { inputsFor, shapes } from "./inputs.js";
import { tabulate, zip } from "./plain.js";

const { integers, real, truths } = inputsFor("create");

const constant = (of: string, f: Case["f"], expected: Case["expected"]): Case => ({ of, f, inputs: [], expected });

export const create: readonly Case[] = [
  ...shapes.flatMap(
    shape =>
      [
        constant(
          "np.zeros",
          () => np.zeros(shape),
          () => tabulate(shape, () => 0),
        ),
        constant(
          "np.ones",
          () => np.ones(shape),
          () => tabulate(shape, () => 1),
        ),
        constant(
          "np.full",
          () => np.full(shape, 0.1),
          () => tabulate(shape, () => 0.1),
        ),
        { of: "np.zerosLike", f: np.zerosLike, inputs: [real(...shape)], expected: () => tabulate(shape, () => 0) },
        { of: "np.onesLike", f: np.onesLike, inputs: [real(...shape)], expected: () => tabulate(shape, () => 1) },
        { of: "op.identity", f: x => apply("identity", [x], {}).mul(x), inputs: [real(...shape)], expected: x => zip(v => v * v, x) },
      ] as Case[],
  ),
  constant(
    "np.zeros",
    () => np.zeros([2], "int32"),
    () => tabulate([2], () => 0),
  ),
  constant(
    "np.ones",
    () => np.ones([2, 1], "bool"),
    () => tabulate([2, 1], () => 1),
  ),
  constant(
    "np.full",
    () => np.full([3], -7, "int32"),
    () => tabulate([3], () => -7),
  ),
  { of: "np.zerosLike", f: np.zerosLike, inputs: [integers(0, 9, 3)], expected: () => tabulate([3], () => 0) },
  { of: "np.onesLike", f: np.onesLike, inputs: [truths(3)], expected: () => tabulate([3], () => 1) },
  ...[0, 1, 5].flatMap(n => [
    constant(
      "np.arange",
      () => np.arange(n),
      () => tabulate([n], i => i),
    ),
    constant(
      "np.arange",
      () => np.arange(n, np.float32).mul(0.1),
      () => tabulate([n], i => i * 0.1),
    ),
    constant(
      "np.eye",
      () => np.eye(n),
      () => tabulate([n, n], (i, j) => +(i === j)),
    ),
  ]),
  constant(
    "op.iota",
    () => apply("iota", [], { axis: 1 }, { shape: [2, 3], dtype: "int32" }),
    () => tabulate([2, 3], (_, j) => j),
  ),
  constant(
    "np.array",
    () => np.array(0.1),
    () => ({ shape: [], data: [0.1] }),
  ),
  constant(
    "np.array",
    () =>
      np.array([
        [0.1, 2],
        [3, 4],
        [5, 6],
      ]),
    () => ({ shape: [3, 2], data: [0.1, 2, 3, 4, 5, 6] }),
  ),
  constant(
    "np.array",
    () => np.array([]),
    () => ({ shape: [0], data: [] }),
  ),
  constant(
    "np.array",
    () => np.array({ shape: [2], dtype: "int32", data: Int32Array.of(4, 5) }),
    () => ({ shape: [2], data: [4, 5] }),
  ),
  { of: "np.array", f: x => x.mul(np.array([1, 2, 3])), inputs: [real(3)], expected: x => tabulate([3], i => x.data[i] * (i + 1)) },
  { of: "np.astype", f: x => np.astype(x, np.int32), inputs: [real(2, 3)], expected: x => zip(Math.trunc, x) },
  { of: "np.astype", f: x => np.astype(x, np.bool), inputs: [integers(-1, 2, 5)], expected: x => zip(v => +(v !== 0), x) },
  { of: "np.astype", f: x => np.astype(x, np.float32), inputs: [integers(-1, 2, 5)], expected: x => x },
  { of: "np.astype", f: x => np.astype(np.astype(x, np.float64).mul(x), np.float32), inputs: [real(5)], expected: x => zip(v => v * v, x) },
  { of: "np.astype", f: x => np.astype(x, np.int32), inputs: [truths(5)], expected: x => x },
];

/** stopGradient differs from its value's derivative by design, so that differences say nothing: its tests are in test/tensor. */
export const stopped: Case = { of: "op.stopGradient", f: stopGradient, inputs: [truths(3)], expected: x => x };
