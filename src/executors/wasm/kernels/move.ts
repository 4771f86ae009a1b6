import { unsigned } from "../assembler.js";
import type { Local } from "../assembler.js";
import { accessOf, pointerTo } from "../emit/access.js";
import type { Access } from "../emit/access.js";
import type { Address, Code } from "../emit/code.js";
import { Elements } from "../emit/elements.js";
import { arithmetic, floats, storedBytes } from "../emit/instructions.js";
import type { NumberType } from "../emit/instructions.js";
import { blocks, nest, overRuns } from "../emit/loops.js";
import type { Index } from "../emit/loops.js";
import { constant, load, store, widthFor } from "../emit/vector.js";
import type { Assemble, Gather, MapTensor, Scatter, Tensor } from "../../../compiler/graph/tensor.js";
import { pick, range, whole } from "../../../compiler/graph/view.js";
import type { MoveKernel } from "../../../compiler/schedule/kernel.js";
import { addExactly, addLost, clearLost } from "./long-sums.js";
import { emitElements } from "./map.js";
import { emitSort } from "./sort.js";
import { arrayBytes, scatterKeepsLost } from "./workspace.js";

/** Instructions on i32. */
const LOAD = 0x28,
  SELECT = 0x1b,
  LESS = 0x48,
  GREATER = 0x4a;

/** Kernels that move elements. */
export function emitMove(code: Code, { root }: MoveKernel): void {
  switch (root.kind) {
    case "gather":
      emitIndexed(code, root, "gather");
      break;
    case "scatter":
      fillZero(code, root);
      emitScatter(code, root);
      break;
    case "assemble":
      emitAssemble(code, root);
      break;
    case "sort":
      emitSort(code, root);
      break;
  }
}

/** Zeros over a whole tensor, to the end of its last vector. */
export function fillZero(code: Code, t: Tensor): void {
  const { f } = code,
    { pointer, offset } = pointerTo(f, accessOf(code, whole(t)), []),
    zero = f.local("v128"),
    i = f.local("i32");
  const bytes = t.shape.reduce((n, d) => n * d, 1) * storedBytes[t.dtype];
  constant(f, "bool", 0);
  f.set(zero);
  f.loop(i, 0, Math.ceil(bytes / 16) * 16, 16, () => {
    f.get(pointer).get(zero).simdMemory(0x0b, offset).increment(pointer, 16);
  });
  f.release(pointer, zero, i);
}

/** Code for a copy that no plan knows. */
const partOf = (code: Code): Code => ({
  f: code.f,
  addressOf: t => code.addressOf(t),
  workspaceOf: t => code.workspaceOf(t),
  loopOf: kernel => code.loopOf(kernel),
  math: code.math,
  isStored: () => false,
  isInPlace: () => false,
});

/** Copies of the operands into their parts. */
function emitAssemble(code: Code, root: Assemble): void {
  if (!root.covered) fillZero(code, root);
  const { base, offset } = code.addressOf(root);
  root.operands.forEach((v, p) => {
    const part = root.parts[p],
      axes = range(v.shape.length).filter(i => v.shape[i] !== 1);
    const copy: MapTensor = {
      id: -1,
      kind: "map",
      op: "copy",
      dtype: root.dtype,
      shape: axes.map(i => v.shape[i]),
      operands: [pick(v, axes)],
    };
    const target: Access = {
      base,
      offset: offset + part.offset * storedBytes[root.dtype],
      dtype: root.dtype,
      strides: axes.map(i => part.strides[i]),
    };
    const elements = new Elements(partOf(code), [copy]);
    elements.writes.set(copy, target);
    emitElements(code, elements, copy.shape, false);
  });
}

/** Adds rows at their indices. Of many, what rounding takes off is added up beside the result. */
function emitScatter(code: Code, root: Scatter): void {
  if (!scatterKeepsLost(root)) {
    emitIndexed(code, root, "scatter");
    return;
  }
  const { f } = code,
    lost = code.workspaceOf(root),
    bytes = arrayBytes(root);
  clearLost(f, lost, bytes);
  emitIndexed(code, root, "scatter", lost);
  addLost(f, floats[root.dtype as "float32"], code.addressOf(root), lost, bytes);
}

/** The loops that gather and scatter share: rows of `inner` elements at a clamped index. */
function emitIndexed(code: Code, root: Gather | Scatter, how: "gather" | "scatter", lost?: Address): void {
  const { f } = code,
    { outer, extent, count, inner } = root,
    size = storedBytes[root.dtype],
    width = widthFor([root.dtype]);
  const [data, indices] = root.operands.map(v => accessOf(code, v)),
    result = accessOf(code, whole(root));
  const many = { ...(how === "gather" ? result : data), strides: [count * inner, inner, 1] };
  const chosen = { ...(how === "gather" ? data : result), strides: [extent * inner, 0, 1] },
    at = { ...indices, strides: [0, 1, 0] };
  const shape = [outer, count, inner],
    index: Index = [null, null, null],
    row = f.local("i32");
  nest(f, [0, 1], shape, index, () => {
    const { pointer, offset } = pointerTo(f, at, index);
    clampedIndex(code, pointer, offset, extent);
    f.i32(inner * size)
      .mul()
      .set(row)
      .release(pointer);
    const move = (lanes: number) => {
      const pm = pointerTo(f, many, index),
        pc = pointerTo(f, chosen, index),
        value = f.local("v128");
      f.get(pc.pointer).get(row).add().set(pc.pointer);
      const [from, to] = how === "gather" ? [pc, pm] : [pm, pc];
      load(f, width, root.dtype, from.pointer, from.offset, 1, lanes, true);
      if (lost) {
        const pl = pointerTo(f, { ...chosen, ...lost }, index),
          [total, rest] = [f.local("v128"), f.local("v128")];
        f.set(value).get(pl.pointer).get(row).add().set(pl.pointer);
        load(f, width, root.dtype, to.pointer, to.offset, 1, lanes, true);
        f.set(total);
        load(f, width, root.dtype, pl.pointer, pl.offset, 1, lanes, true);
        f.set(rest);
        addExactly(f, floats[root.dtype as "float32"], total, value, rest);
        store(f, width, root.dtype, pl.pointer, pl.offset, 1, lanes, rest);
        f.get(total).release(pl.pointer, total, rest);
      } else if (how === "scatter") {
        load(f, width, root.dtype, to.pointer, to.offset, 1, lanes, true);
        f.simd(arithmetic[root.dtype as NumberType].add);
      }
      f.set(value);
      store(f, width, root.dtype, to.pointer, to.offset, 1, lanes, value);
      f.release(pm.pointer, pc.pointer, value);
    };
    for (const run of blocks(inner, width)) overRuns(f, [run], index, 2, move);
  });
  f.release(row);
}

/** Pushes an index, moved into 0 … extent − 1. */
function clampedIndex({ f }: Code, pointer: Local, offset: number, extent: number): void {
  const i = f.local("i32");
  const keep = (limit: number, comparison: number) => {
    f.get(i).i32(limit).get(i).i32(limit).op(comparison, SELECT).set(i);
  };
  f.get(pointer)
    .op(LOAD, 2, ...unsigned(offset))
    .set(i);
  keep(extent - 1, LESS);
  keep(0, GREATER);
  f.get(i).release(i);
}
