import { describe, expect, it } from "vitest";
import { f32, full, i32, zeros } from "../../src/tensor/host.js";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import type { Value } from "../../src/tensor/value.js";
import { float, refusal, type } from "./evaluate.js";

/** What a function refuses with on values of these types. */
const on = (f: (...x: Value[]) => unknown, ...types: Parameters<typeof refusal>[1][]) => refusal(f, ...types);
const any = <T>(x: unknown) => x as T;

describe("refusals are one sentence with the rule and the shapes", () => {
  it("of shapes that do not broadcast", () => {
    expect([
      on((x, y) => x.add(y), float(2, 3), float(2)),
      on((x, y) => np.maximum(x, y), float(2, 3), float(4, 3)),
      on((x, y) => x.less(y), float(2), float(3)),
      on((c, x, y) => np.where(c, x, y), type("bool", 2), float(3), float(3)),
      on(x => np.broadcastTo(x, [2]), float(3)),
      on(x => np.broadcastTo(x, [3]), float(2, 3)),
      on(x => np.broadcastTo(x, [-1, 3]), float(3)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: add needs shapes that broadcast; received float32[2,3] and float32[2].",
        "ufom: maximum needs shapes that broadcast; received float32[2,3] and float32[4,3].",
        "ufom: less needs shapes that broadcast; received float32[2] and float32[3].",
        "ufom: where needs shapes that broadcast; received bool[2] and float32[3] and float32[3].",
        "ufom: broadcastTo repeats axes of extent 1 of float32[3]; received the shape [2].",
        "ufom: broadcastTo repeats axes of extent 1 of float32[2,3]; received the shape [3].",
        "ufom: broadcastTo takes whole, non-negative extents; received [-1, 3].",
      ]
    `);
  });

  it("of products", () => {
    expect([
      on((x, y) => np.matmul(x, y), float(20, 784), float(10, 784)),
      on((x, y) => np.matmul(x, y), float(3), float(4)),
      on((x, y) => np.matmul(x, y), float(), float(4)),
      on((x, y) => np.matmul(x, y), float(5, 2, 3), float(4, 3, 2)),
      on((x, y) => np.dot(x, y), float(3), float(4)),
      on((x, y) => np.dot(x, y), float(3), float(2, 3, 4)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: matmul needs inner extents that agree; received float32[20,784] · float32[10,784].",
        "ufom: matmul needs inner extents that agree; received float32[3] · float32[4].",
        "ufom: matmul takes arrays with at least one axis; received float32[] and float32[4].",
        "ufom: matmul needs shapes that broadcast; received float32[5,2,3] and float32[4,3,2].",
        "ufom: dot needs vectors of one length; received float32[3] · float32[4].",
        "ufom: dot takes a right operand of at most two axes (use matmul); received float32[2,3,4].",
      ]
    `);
  });

  it("of shapes and axes", () => {
    expect([
      on(x => x.reshape([4, 2]), float(2, 3)),
      on(x => x.reshape([-1, 4]), float(2, 3)),
      on(x => x.reshape([-1, -1]), float(2, 3)),
      on(x => x.reshape([0, -1]), float(0)),
      on(x => x.transpose([0, 0]), float(2, 3)),
      on(x => x.transpose([0]), float(2, 3)),
      on(x => np.moveaxis(x, 0, 2), float(2, 3)),
      on(x => np.moveaxis(x, -3, 0), float(2, 3)),
      on(x => np.expandDims(x, 3), float(2, 3)),
      on(x => np.squeeze(x, 0), float(2, 1)),
      on(x => np.flip(x, 2), float(2, 3)),
      on(x => x.sum(2), float(2, 3)),
      on(x => x.mean([0, -2]), float(2, 3)),
      on(x => x.max(0.5), float(2, 3)),
      on(x => nn.softmax(x), float()),
      on(x => np.pad(x, [[1, 2]]), float(2, 3)),
      on(x => np.pad(x, [[1, -2]]), float(2)),
      on((x, y) => np.concatenate([x, y]), float(2, 3), float(2, 4)),
      on((x, y) => np.concatenate([x, y], 2), float(2, 3), float(2, 3)),
      on((x, y) => np.concatenate([x, y]), float(), float()),
      on(() => np.concatenate([])),
      on((x, y) => np.stack([x, y]), float(2), float(3)),
      on(() => np.stack([])),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: reshape needs extents that fit the 6 elements of float32[2,3]; received [4,2].",
        "ufom: reshape needs extents that fit the 6 elements of float32[2,3]; received [-1,4].",
        "ufom: reshape needs extents that fit the 6 elements of float32[2,3]; received [-1,-1].",
        "ufom: reshape needs extents that fit the 0 elements of float32[0]; received [0,-1].",
        "ufom: transpose takes a permutation of the 2 axes of float32[2,3]; received [0, 0].",
        "ufom: transpose takes a permutation of the 2 axes of float32[2,3]; received [0].",
        "ufom: moveaxis takes an axis of float32[2,3]; received 2.",
        "ufom: moveaxis takes an axis of float32[2,3]; received -3.",
        "ufom: expandDims takes an axis of float32[2,3] or a place beside one; received 3.",
        "ufom: squeeze drops axes of extent 1; received axes [0] of float32[2,1].",
        "ufom: flip takes axes of float32[2,3], each once; received [2].",
        "ufom: sum takes axes of float32[2,3], each once; received [2].",
        "ufom: mean takes axes of float32[2,3], each once; received [0, -2].",
        "ufom: max takes axes of float32[2,3], each once; received [0.5].",
        "ufom: softmax takes axes of float32[], each once; received [-1].",
        "ufom: pad takes [before, after] for each axis of float32[2,3]; received [[1,2]].",
        "ufom: pad takes [before, after] for each axis of float32[2]; received [[1,-2]].",
        "ufom: concatenate takes arrays that agree in every axis but 0; received float32[2,3], float32[2,4].",
        "ufom: concatenate takes an axis of float32[2,3]; received 2.",
        "ufom: concatenate takes an axis of float32[]; received 0.",
        "ufom: concatenate takes at least one array; received none.",
        "ufom: stack takes arrays of one shape; received float32[2], float32[3].",
        "ufom: stack takes at least one array; received none.",
      ]
    `);
  });

  it("of the largest of nothing", () => {
    expect([on(x => x.max(), float(0)), on(x => x.min(1), float(2, 0)), on(x => nn.logsumexp(x), float(2, 0))]).toMatchInlineSnapshot(`
      [
        "ufom: max needs at least one element; received float32[0].",
        "ufom: min needs at least one element; received float32[2,0].",
        "ufom: max needs at least one element; received float32[2,0].",
      ]
    `);
  });

  it("of positions", () => {
    expect([
      on((x, i) => np.take(x, i), float(3), float(2)),
      on(x => np.take(x, 0.5), float(3)),
      on((x, i) => np.take(x, i, 1), float(3), type("int32")),
      on((x, i) => np.take(x, i, 0), float(0), type("int32", 2)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: take takes int32 positions; received float32[2].",
        "ufom: take takes int32 positions; received float32[].",
        "ufom: take takes an axis of float32[3]; received 1.",
        "ufom: take needs an axis that is not empty; received float32[0].",
      ]
    `);
  });

  it("of what is no value and no number", () => {
    expect([
      on(x => x.add(any("1")), float(2)),
      on(x => x.add(any(undefined)), float(2)),
      on(x => x.add(any(null)), float(2)),
      on(x => x.add(any(true)), float(2)),
      on(x => x.mul(any({})), float(2)),
      on(x => np.exp(any(() => 1)).add(x), float(2)),
      on(x => np.matmul(any(1n), x), float(2)),
      on(x => np.where(any(true), x, x), float(2)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: add takes traced values, numbers, lists of numbers and host arrays; received string.",
        "ufom: add takes traced values, numbers, lists of numbers and host arrays; received undefined.",
        "ufom: add takes traced values, numbers, lists of numbers and host arrays; received null.",
        "ufom: add takes traced values, numbers, lists of numbers and host arrays; received boolean.",
        "ufom: multiply takes traced values, numbers, lists of numbers and host arrays; received object.",
        "ufom: exp takes traced values, numbers, lists of numbers and host arrays; received function.",
        "ufom: matmul takes traced values, numbers, lists of numbers and host arrays; received bigint.",
        "ufom: where takes traced values, numbers, lists of numbers and host arrays; received boolean.",
      ]
    `);
  });

  it("of numbers that are not what they must be", () => {
    expect([
      on(x => x.pow(any("2")), float(2)),
      on((x, y) => np.power(x, y), float(2), float(3)),
      on(() => np.zeros([-1])),
      on(() => np.ones([2.5])),
      on(() => np.full([NaN], 1)),
      on(() => np.arange(1.5)),
      on(() => np.arange(3, "bool")),
      on(() => np.eye(-1)),
      on(() => np.array([[1, 2], [3]])),
      on(() => np.array([[1, 2], [3], [4, 5, 6]])),
      on(() => np.array(any([1, "2"]))),
      on(() =>
        np.array(
          any([
            [1, 2],
            [3, [4]],
          ]),
        ),
      ),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: power takes traced values, numbers, lists of numbers and host arrays; received string.",
        "ufom: power needs shapes that broadcast; received float32[2] and float32[3].",
        "ufom: zeros takes whole, non-negative extents; received [-1].",
        "ufom: ones takes whole, non-negative extents; received [2.5].",
        "ufom: full takes whole, non-negative extents; received [NaN].",
        "ufom: arange takes a whole, non-negative length; received 1.5.",
        "ufom: arange takes a dtype of numbers; received bool[3].",
        "ufom: eye takes whole, non-negative extents; received [-1].",
        "ufom: array takes lists of one shape beside each other (the shape [2] at [0]); received the shape [1] at [1].",
        "ufom: array takes lists of one shape beside each other (the shape [2] at [0]); received the shape [1] at [1].",
        "ufom: array takes numbers; received "2" at [1].",
        "ufom: array takes lists of one shape beside each other (one number at [1][0]); received the shape [1] at [1][1].",
      ]
    `);
  });

  it("of labels", () => {
    expect([
      on(x => nn.oneHot(x, 3), float(2)),
      on(x => nn.oneHot(x, -3), type("int32", 2)),
      on((x, y) => nn.crossEntropy(x, y), float(20, 10), float(20)),
      on((x, y) => nn.crossEntropy(x, y), float(20, 10), type("int32", 10)),
      on((x, y) => nn.crossEntropy(x, y), float(), type("int32")),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: oneHot takes int32 labels; received float32[2].",
        "ufom: oneHot takes whole, non-negative extents; received [-3].",
        "ufom: crossEntropy takes int32 classes, one a row, or rows of probabilities like the logits; received float32[20,10] and float32[20].",
        "ufom: crossEntropy takes int32 classes, one a row, or rows of probabilities like the logits; received float32[20,10] and int32[10].",
        "ufom: crossEntropy takes logits with an axis of classes; received float32[].",
      ]
    `);
  });

  it("of host arrays that do not fit", () => {
    const make = (f: () => unknown) => refusal(f);
    expect([make(() => f32([1, 2, 3], 2, 2)), make(() => i32([1], 0.5, 2)), make(() => zeros(-1)), make(() => full(1, 2, NaN))])
      .toMatchInlineSnapshot(`
      [
        "ufom: f32 needs as many numbers as the shape [2,2] has (4); received 3.",
        "ufom: i32 takes whole, non-negative extents; received [0.5, 2].",
        "ufom: zeros takes whole, non-negative extents; received [-1].",
        "ufom: full takes whole, non-negative extents; received [2, NaN].",
      ]
    `);
  });
});
