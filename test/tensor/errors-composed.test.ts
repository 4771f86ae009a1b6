import { describe, expect, it } from "vitest";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import type { Value } from "../../src/tensor/value.js";
import { float, refusal, type } from "./evaluate.js";

/** What a function refuses with on values of these types. */
const on = (f: (...x: Value[]) => unknown, ...types: Parameters<typeof refusal>[1][]) => refusal(f, ...types);
const int = (...shape: number[]) => type("int32", ...shape);

describe("refusals of composed functions are one sentence with the rule and the shapes", () => {
  it("of products and sums along axes", () => {
    expect([on(x => np.prod(x, 2), float(2, 3)), on(x => np.cumsum(x, 1), float(3)), on(x => np.cumsum(x, 0), float())])
      .toMatchInlineSnapshot(`
      [
        "ufom: prod takes axes of float32[2,3], each once; received [2].",
        "ufom: cumsum takes an axis of float32[3]; received 1.",
        "ufom: cumsum takes an axis of float32[]; received 0.",
      ]
    `);
  });

  it("of positions of extrema and of order", () => {
    expect([
      on(x => np.argmax(x), float(0)),
      on(x => np.argmin(x, 1), float(2, 0)),
      on(x => np.argmax(x, 2), float(2, 3)),
      on(x => np.sort(x), float()),
      on(x => np.argsort(x, 1), float(3)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: argmax needs at least one element; received float32[0].",
        "ufom: argmin needs at least one element; received float32[2,0].",
        "ufom: argmax takes an axis of float32[2,3]; received 2.",
        "ufom: sort takes an axis of float32[]; received -1.",
        "ufom: argsort takes an axis of float32[3]; received 1.",
      ]
    `);
  });

  it("of einsum", () => {
    expect([
      on((x, y) => np.einsum("ij,jk->ik", x, y), float(2, 3), float(4, 2)),
      on((x, y) => np.einsum("ij,jk->ik", x, y), float(2, 3), float(3)),
      on((x, y) => np.einsum("ii,ij->j", x, y), float(2, 2), float(2, 3)),
      on((x, y) => np.einsum("i,j->k", x, y), float(2), float(2)),
      on((x, y) => np.einsum("i,j->ii", x, y), float(2), float(2)),
      on((x, y) => np.einsum("...i,ij", x, y), float(2), float(2, 2)),
      on(x => np.einsum("ii", x, x), float(2, 2)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: einsum needs axes of one letter to have one extent; received "ij,jk->ik" for float32[2,3] and float32[4,2].",
        "ufom: einsum takes a letter for each axis; received "ij,jk->ik" for float32[2,3] and float32[3].",
        "ufom: einsum takes each letter once an operand and once in the result; received "ii,ij->j".",
        "ufom: einsum takes letters of the result from those of the operands; received "i,j->k".",
        "ufom: einsum takes each letter once an operand and once in the result; received "i,j->ii".",
        "ufom: einsum takes letters for the axes of two operands, as in "ij,jk->ik"; received "...i,ij".",
        "ufom: einsum takes letters for the axes of two operands, as in "ij,jk->ik"; received "ii".",
      ]
    `);
  });

  it("of parts", () => {
    expect([
      on(x => np.split(x, 2), float(3)),
      on(x => np.split(x, 0), float(3)),
      on(x => np.split(x, [2, 1]), float(3)),
      on(x => np.split(x, [4]), float(3)),
      on(x => np.split(x, [1.5]), float(3)),
      on(x => np.split(x, 3, 1), float(3)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: split takes a number of parts that divides axis 0 of float32[3]; received 2.",
        "ufom: split takes a number of parts that divides axis 0 of float32[3]; received 0.",
        "ufom: split takes ascending positions inside axis 0 of float32[3]; received [2, 1].",
        "ufom: split takes ascending positions inside axis 0 of float32[3]; received [4].",
        "ufom: split takes ascending positions inside axis 0 of float32[3]; received [1.5].",
        "ufom: split takes an axis of float32[3]; received 1.",
      ]
    `);
  });

  it("of positions", () => {
    expect([
      on((x, i) => np.takeAlongAxis(x, i, 0), float(3), float(2)),
      on((x, i) => np.takeAlongAxis(x, i, 0), float(3, 2), int(3)),
      on((x, i) => np.takeAlongAxis(x, i, 0), float(3, 2), int(3, 3)),
      on((x, i) => np.takeAlongAxis(x, i, 0), float(0, 2), int(3, 2)),
      on((x, i) => np.scatterAdd(x, i, 1), float(3), float(2)),
      on((x, i, u) => np.scatterAdd(x, i, u), float(3, 2), int(4), float(4)),
      on((x, i) => np.scatterAdd(x, i, 1, 1), float(3), int(4)),
      on((x, i) => np.scatterAdd(x, i, 1), float(0), int(4)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: takeAlongAxis takes int32 positions with as many axes as float32[3]; received float32[2].",
        "ufom: takeAlongAxis takes int32 positions with as many axes as float32[3,2]; received int32[3].",
        "ufom: takeAlongAxis needs shapes that broadcast; received float32[3,2] and int32[3,3].",
        "ufom: takeAlongAxis needs an axis that is not empty; received float32[0,2].",
        "ufom: scatterAdd takes int32 positions; received float32[2].",
        "ufom: scatterAdd takes updates of the shape [4,2], one for each position, or a number; received float32[4].",
        "ufom: scatterAdd takes an axis of float32[3]; received 1.",
        "ufom: scatterAdd needs an axis that is not empty; received float32[0].",
      ]
    `);
  });

  it("of windows", () => {
    const images = float(2, 3, 5, 5);
    expect([
      on(x => nn.maxPool(x, { window: [] }), images),
      on(x => nn.maxPool(x, { window: [2, 0] }), images),
      on(x => nn.avgPool(x, { window: [2, 2], strides: [1] }), images),
      on(x => nn.avgPool(x, { window: [6, 2] }), images),
      on(x => nn.maxPool(x, { window: [2], padding: "FULL" as "SAME" }), images),
      on(x => nn.maxPool(x, { window: [2, 2] }), float(3)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: maxPool takes whole windows and strides ≥ 1 for as many of the last axes of float32[2,3,5,5]; received {"window":[],"strides":[]}.",
        "ufom: maxPool takes whole windows and strides ≥ 1 for as many of the last axes of float32[2,3,5,5]; received {"window":[2,0],"strides":[2,0]}.",
        "ufom: avgPool takes whole windows and strides ≥ 1 for as many of the last axes of float32[2,3,5,5]; received {"window":[2,2],"strides":[1]}.",
        "ufom: avgPool takes windows that fit into float32[2,3,5,5] (or the padding "SAME"); received [6,2].",
        "ufom: maxPool takes the padding "VALID" or "SAME"; received "FULL".",
        "ufom: maxPool takes whole windows and strides ≥ 1 for as many of the last axes of float32[3]; received {"window":[2,2],"strides":[2,2]}.",
      ]
    `);
  });

  it("of layers", () => {
    expect([
      on((x, a) => nn.batchNorm(x, a, a), float(8, 3, 5, 5), float(8)),
      on((x, a) => nn.batchNorm(x, a, a, { axes: 4 }), float(8, 3), float(3)),
      on((x, a) => nn.layerNorm(x, a, a), float(8, 3), float(8)),
      on((q, k) => nn.attention(q, k, k), float(2, 3), float(4, 2)),
      on((q, k, v) => nn.attention(q, k, v), float(2, 3), float(4, 3), float(5, 3)),
      on((q, k) => nn.attention(q, k, k), float(3), float(4, 3)),
      on((q, k) => nn.attention(q, k, k), float(2, 3), float(0, 3)),
      on((q, mask) => nn.attention(q, q, q, { mask }), float(2, 3), type("int32", 2, 2)),
      on((x, key) => nn.dropout(x, 1, key), float(2), int(2)),
      on((x, key) => nn.dropout(x, 0.5, key), float(2), float(2)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: batchNorm takes a scale and a shift of the shape [3] for float32[8,3,5,5]; received float32[8].",
        "ufom: batchNorm takes axes of float32[8,3], each once; received [4].",
        "ufom: layerNorm takes a scale and a shift of the shape [3] for float32[8,3]; received float32[8].",
        "ufom: attention takes queries [n, d], keys [m, d] and values [m, e], each with leading axes; received float32[2,3], float32[4,2], float32[4,2].",
        "ufom: attention takes queries [n, d], keys [m, d] and values [m, e], each with leading axes; received float32[2,3], float32[4,3], float32[5,3].",
        "ufom: attention takes arrays with at least two axes; received float32[3], float32[4,3], float32[4,3].",
        "ufom: attention takes at least one key; received float32[2,3], float32[0,3], float32[0,3].",
        "ufom: attention takes a mask of truth values, or of floating point numbers that are added to the scores; received int32[2,2].",
        "ufom: dropout takes a rate in [0, 1); received 1.",
        "ufom: dropout takes a key, int32[2]; received float32[2].",
      ]
    `);
  });
});
