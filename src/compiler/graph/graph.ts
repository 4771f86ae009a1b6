import { sameShape, sizeOf } from "../../tensor/types.js";
import type { DType, HostArray, Shape } from "../../tensor/types.js";
import type { Target } from "../target.js";
import { isLeaf, storageOf } from "./tensor.js";
import type { MapOp, Spec, Tensor } from "./tensor.js";
import { broadcastTo, denseStrides, keyOf, pick, range, reshaped, stridesOf, unsqueezed, whole } from "./view.js";
import type { View } from "./view.js";

/** Names a tensor by its content; JSON has no −0, infinities or NaN. */
const nameOf = ({ operands, ...rest }: Spec): string =>
  rest.kind === "literal"
    ? `literal ${rest.dtype} ${Object.is(rest.value, -0) ? "-0" : rest.value}`
    : `${JSON.stringify(rest)} ${operands.map(keyOf).join(" ")}`;

/** Tensors under construction; equal ones are made once. */
export class Graph {
  readonly tensors: Tensor[] = [];
  private readonly known = new Map<string, Tensor>();

  constructor(readonly target: Target) {}

  /** @param name of the content, if that is shorter to say than to write down */
  add(spec: Spec, name?: string): Tensor {
    const key = spec.kind === "constant" ? null : (name ?? nameOf(spec)),
      old = key === null ? undefined : this.known.get(key);
    if (old) return old;
    const tensor = { ...spec, id: this.tensors.length } as Tensor;
    this.tensors.push(tensor);
    if (key !== null) this.known.set(key, tensor);
    return tensor;
  }

  input(index: number, dtype: DType, shape: Shape): View {
    return unsqueezed(this.add({ kind: "input", dtype, shape: shape.filter(n => n !== 1), operands: [], index }), shape);
  }

  constant({ data, dtype, shape }: HostArray): View {
    return unsqueezed(this.add({ kind: "constant", dtype, shape: shape.filter(n => n !== 1), operands: [], data }), shape);
  }

  literal(value: number, dtype: DType, shape: Shape = []): View {
    return broadcastTo(whole(this.add({ kind: "literal", dtype, shape: [], operands: [], value })), shape);
  }

  /**
   * An element-by-element operation; axes along which nothing varies are not computed. The axes of the largest operand are stored in
   * the order in which they lie in memory, so that most reading is along unit strides; the others stay in their places.
   */
  map(op: MapOp, dtype: DType, operands: readonly View[], shape: Shape): View {
    const beneath = this.beneathShape(op, dtype, operands, shape);
    if (beneath) return beneath;
    const size = (v: View) => v.axes.reduce<number>((n, a, i) => (a === null ? n : n * v.shape[i]), 1);
    const lead = stridesOf(operands.reduce((a, b) => (size(b) > size(a) ? b : a))).map(Math.abs);
    const used = range(shape.length).filter(i => operands.some(v => v.axes[i] !== null));
    const sorted = used.filter(i => lead[i] > 0).sort((a, b) => lead[b] - lead[a] || a - b);
    const order = used.map(i => (lead[i] > 0 ? sorted.shift()! : i));
    return this.mapInOrder(op, dtype, operands, shape, order);
  }

  /**
   * The operation on a computed tensor that an operand is only another shape of, if the other operands can be read in that tensor's
   * shape too: then both can be computed together. Else null.
   */
  private beneathShape(op: MapOp, dtype: DType, operands: readonly View[], shape: Shape): View | null {
    const own = shape.filter(n => n !== 1);
    for (const v of operands) {
      const base = storageOf(v.tensor);
      if (isLeaf(base) || !isInOrder(v) || sameShape(base.shape, own)) continue;
      const moved = operands.map(w => this.inShape(w, base.shape));
      if (!moved.every(w => w !== null)) continue;
      return this.reshape(this.mapInOrder(op, dtype, moved, base.shape, range(base.shape.length)), shape);
    }
    return null;
  }

  /** A view in another shape, if that costs nothing. */
  private inShape(v: View, shape: Shape): View | null {
    const free = reshaped(v, shape),
      base = storageOf(v.tensor);
    if (free || !isInOrder(v)) return free;
    if (sameShape(base.shape, shape)) return whole(base);
    return isLeaf(base) ? this.reshape(v, shape) : null;
  }

  /** The same with the stored axes given. */
  mapInOrder(op: MapOp, dtype: DType, operands: readonly View[], shape: Shape, order: readonly number[]): View {
    const tensor = this.add({ kind: "map", op, dtype, shape: order.map(i => shape[i]), operands: operands.map(v => pick(v, order)) });
    return restored(tensor, shape, order);
  }

  /** A view laid out as its shape says: dense and row-major. */
  dense(v: View): Tensor {
    const own = v.shape.filter(n => n !== 1);
    if (v.tensor.kind !== "literal" && isInOrder(v)) return this.alias(storageOf(v.tensor), own);
    const order = range(v.shape.length).filter(i => v.shape[i] !== 1);
    return this.mapInOrder("copy", v.tensor.dtype, [v], v.shape, order).tensor;
  }

  reshape(v: View, shape: Shape): View {
    const own = shape.filter(n => n !== 1),
      restores = isInOrder(v) && sameShape(storageOf(v.tensor).shape, own);
    return (restores ? null : reshaped(v, shape)) ?? unsqueezed(this.alias(storageOf(this.dense(v)), own), shape);
  }

  /** A tensor's memory with another shape. */
  private alias(tensor: Tensor, shape: Shape): Tensor {
    return sameShape(tensor.shape, shape) ? tensor : this.add({ kind: "alias", dtype: tensor.dtype, shape, operands: [whole(tensor)] });
  }
}

/** Whether a view reads all of a tensor's memory, element after element. */
function isInOrder(v: View): boolean {
  const { shape, axes, tensor } = v,
    dense = denseStrides(shape),
    strides = stridesOf(v);
  return sizeOf(shape) === sizeOf(tensor.shape) && shape.every((n, i) => n === 1 || (axes[i] !== null && strides[i] === dense[i]));
}

/** The view of a tensor whose axis i is axis order[i] of `shape`; the other axes are repeated. */
export function restored(tensor: Tensor, shape: Shape, order: readonly number[]): View {
  const repeated = pick(
    whole(tensor),
    shape.map((_, i) => (order.includes(i) ? order.indexOf(i) : null)),
  );
  return broadcastTo(repeated, shape);
}
