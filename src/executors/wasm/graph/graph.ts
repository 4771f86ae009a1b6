import type { DType, HostArray, Shape } from "../../../tensor/types.js";
import type { Spec, Tensor } from "./tensor.js";
import type { View } from "./view.js";
import { broadcastTo, isWhole, keyOf, pick, range, reshaped, stridesOf, unsqueezed, whole } from "./view.js";
import type { MapOp } from "./tensor.js";

/** Names a tensor by its content; JSON has no −0, infinities or NaN. */
const describe = ({ operands, ...rest }: Spec): string =>
  rest.kind === "literal"
    ? `literal ${rest.dtype} ${Object.is(rest.value, -0) ? "-0" : rest.value}`
    : `${JSON.stringify(rest)} ${operands.map(keyOf).join(" ")}`;

/** Tensors under construction; equal ones are made once. */
export class Graph {
  readonly tensors: Tensor[] = [];
  private readonly known = new Map<string, Tensor>();

  add(spec: Spec): Tensor {
    const key = spec.kind === "constant" ? null : describe(spec),
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
   * An element-by-element operation. Its axes are stored in the order in which the largest operand lies in memory, so that most
   * reading is along unit strides; axes along which nothing varies are not computed.
   */
  map(op: MapOp, dtype: DType, operands: readonly View[], shape: Shape): View {
    const size = (v: View) => v.axes.reduce<number>((n, a, i) => (a === null ? n : n * v.shape[i]), 1);
    const lead = stridesOf(operands.reduce((a, b) => (size(b) > size(a) ? b : a))).map(Math.abs);
    const used = range(shape.length).filter(i => operands.some(v => v.axes[i] !== null));
    const order = [...used.filter(i => lead[i] === 0), ...used.filter(i => lead[i] > 0).sort((a, b) => lead[b] - lead[a] || a - b)];
    return this.mapInOrder(op, dtype, operands, shape, order);
  }

  /** The same with the stored axes given. */
  mapInOrder(op: MapOp, dtype: DType, operands: readonly View[], shape: Shape, order: readonly number[]): View {
    const tensor = this.add({ kind: "map", op, dtype, shape: order.map(i => shape[i]), operands: operands.map(v => pick(v, order)) });
    return restored(tensor, shape, order);
  }

  /** A view laid out as its shape says: dense and row-major. */
  dense(v: View): Tensor {
    const order = range(v.shape.length).filter(i => v.shape[i] !== 1),
      squeezed = pick(v, order);
    if (isWhole(squeezed) && v.tensor.kind !== "literal") return v.tensor;
    return this.mapInOrder("copy", v.tensor.dtype, [v], v.shape, order).tensor;
  }

  reshape(v: View, shape: Shape): View {
    const free = reshaped(v, shape);
    if (free) return free;
    const tensor = this.dense(v);
    const alias = this.add({ kind: "alias", dtype: tensor.dtype, shape: shape.filter(n => n !== 1), operands: [whole(tensor)] });
    return unsqueezed(alias, shape);
  }
}

/** The view of a tensor whose axis i is axis order[i] of `shape`; the other axes are repeated. */
export function restored(tensor: Tensor, shape: Shape, order: readonly number[]): View {
  const repeated = pick(
    whole(tensor),
    shape.map((_, i) => (order.includes(i) ? order.indexOf(i) : null)),
  );
  return broadcastTo(repeated, shape);
}
