import { ProgramBuilder } from "../../../src/program/builder.js";
import type { Node, Primitive, Primitives } from "../../../src/program/program.js";
import { stream } from "../../../src/core/random/index.js";
import { rulesFor } from "../../../src/tensor/ops/index.js";
import type { DType, FloatType, HostArray, Shape, Type } from "../../../src/tensor/types.js";
import { allocate, sameShape, sizeOf } from "../../../src/tensor/types.js";
import type { RandomProgram } from "../random-program.js";

/** One decision after another: which move, which operands, and numbers for whatever else is to be decided. */
export interface Step {
  readonly move: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly p: readonly number[];
}

/** What is known of a node's numbers. */
export interface Fact {
  readonly value: HostArray;
  /** Largest and smallest magnitude. */
  readonly high: number;
  readonly low: number;
  /** Bound of the rounding error in it, whatever order an executor adds in. */
  readonly error: number;
  /** The numbers are whole multiples of this power of two, exactly: their sums and products are exact in float32. */
  readonly grid: number | undefined;
}

/** Rounding errors and tolerances: the test allows 1e-5 and 1e-12 of the largest number; the draft aims at less. */
const unit: Record<FloatType, number> = { float32: 2 ** -24, float64: 2 ** -53 };
const AIM: Record<FloatType, number> = { float32: 2e-6, float64: 2e-13 };

const LARGEST = 1e4,
  MOST_ELEMENTS = 4_000;
/** Numbers on a grid of up to this many steps add and multiply exactly. */
const STEPS = 2 ** 20;

export const isFloat = (dtype: DType): dtype is FloatType => dtype === "float32" || dtype === "float64";

/** The numbers of a node, by its operation's reference rule. */
const evaluate = (node: Node, operands: readonly HostArray[]): HostArray["data"] => rulesFor(node.op).evaluate(operands, node);

/** A program being written at random, together with its numbers: they say which operations are well-conditioned here. */
export class Draft {
  readonly builder = new ProgramBuilder();
  readonly facts: Fact[] = [];
  readonly values: HostArray[] = [];
  private readonly used = new Set<number>();
  /** The least exact float type so far. */
  private coarsest: FloatType;
  private largest: number;
  /** How many programs this one is within. */
  readonly depth: number;

  constructor(
    readonly float: FloatType,
    readonly seed: number,
    around?: Draft,
  ) {
    this.coarsest = around?.coarsest ?? float;
    this.largest = around?.largest ?? 1;
    this.depth = around ? around.depth + 1 : 0;
  }

  /** A draft of a program within this one. */
  within(seed: number): Draft {
    return new Draft(this.float, seed, this);
  }

  type(x: number): Type {
    return this.builder.nodes[x];
  }

  /** Picks a node that fits, the latest for 0; nothing if none does. */
  pick(choice: number, fits: (type: Type, fact: Fact) => boolean): number | undefined {
    const found = this.builder.nodes.flatMap((node, i) => (this.isUsable(i) && fits(node, this.facts[i]) ? [i] : []));
    if (found.length === 0) return undefined;
    // Some choices are among the last few, so that chains come about; some among the unused, so that little is left over.
    const unused = found.filter(i => !this.used.has(i)),
      from = [found.slice(-4), unused.length > 0 ? unused : found, found][choice % 3];
    return from[from.length - 1 - (Math.floor(choice / 3) % from.length)];
  }

  private isUsable(i: number): boolean {
    const { error } = this.facts[i];
    return error <= AIM[this.coarsest] * this.largest;
  }

  /** Random numbers: see `Recipe` for the kinds. */
  private numbers(kind: number, shape: Shape): HostArray {
    const dtype = ([this.float, this.float, "int32", "bool"] as const)[kind],
      data = allocate({ shape, dtype });
    const random = stream(this.seed, "numbers", this.facts.length);
    const draw = [() => 4 * random.next() - 2, () => (random.integer(65) - 32) / 8, () => random.integer(14) - 4, () => random.integer(2)][
      kind
    ];
    for (let i = 0; i < data.length; i++) data[i] = draw();
    return { shape, dtype, data };
  }

  input(kind: number, shape: Shape): number {
    const value = this.numbers(kind, shape);
    this.values.push(value);
    return this.know(this.builder.input(shape, value.dtype), value, 0, kind === 0 ? undefined : 1 / 8);
  }

  /** An input of which the numbers of one run are known. */
  given({ value, error, grid }: Fact): number {
    return this.know(this.builder.input(value.shape, value.dtype), value, error, grid);
  }

  constant(kind: number, shape: Shape): number {
    const value = this.numbers(kind, shape);
    return this.know(this.builder.constant(value), value, 0, kind === 0 ? undefined : 1 / 8);
  }

  literal(value: number, dtype: DType): number {
    const data = allocate({ shape: [], dtype }).fill(value);
    return this.know(this.builder.literal(value, dtype), { shape: [], dtype, data }, 0, Number.isInteger(value * 8) ? 1 / 8 : undefined);
  }

  /**
   * Adds a node, unless its numbers leave the tame range or their error the aim.
   * @param error how errors of the operands arrive in the result, without the operation's own rounding; none: exactly
   */
  add<P extends Primitive>(
    op: P,
    inputs: readonly number[],
    shape: Shape,
    dtype: DType,
    params: Primitives[P],
    error = 0,
    grid?: number,
  ): number | undefined {
    if (sizeOf(shape) > MOST_ELEMENTS || (isFloat(dtype) && inputs.some(i => this.facts[i].high > LARGEST))) return undefined;
    const operands = inputs.map(i => this.facts[i].value),
      value: HostArray = { shape, dtype, data: evaluate({ op, inputs, params, shape, dtype }, operands) };
    if (!value.data.every(x => Number.isFinite(x) && Math.abs(x) <= 100 * LARGEST)) return undefined;
    let high = 0;
    for (const x of value.data) high = Math.max(high, Math.abs(x));
    if (grid === undefined && isFloat(dtype) && error > 2 * AIM[this.coarsest] * Math.max(this.largest, high)) return undefined;
    return this.know(this.builder.add(op, inputs, shape, dtype, params), value, error, grid);
  }

  /** Whether numbers may be told to the test: tame ones whose error is within the aim. */
  isTame({ value, high, error }: Fact): boolean {
    return sizeOf(value.shape) <= MOST_ELEMENTS && (error === 0 || error <= 2 * AIM[this.coarsest] * Math.max(this.largest, high));
  }

  /** Adds a node of which the numbers are known. */
  result<P extends Primitive>(op: P, inputs: readonly number[], params: Primitives[P], { value, error, grid }: Fact): number {
    return this.know(this.builder.add(op, inputs, value.shape, value.dtype, params), value, error, grid);
  }

  private know(position: number, value: HostArray, error: number, grid: number | undefined): number {
    let high = 0,
      low = Infinity;
    for (const x of value.data) {
      high = Math.max(high, Math.abs(x));
      low = Math.min(low, Math.abs(x));
    }
    const isExact = !isFloat(value.dtype) || (grid !== undefined && high / grid <= STEPS);
    this.largest = Math.max(this.largest, high);
    for (const i of this.builder.nodes[position].inputs) this.used.add(i);
    if (value.dtype === "float32") this.coarsest = "float32";
    this.facts[position] = { value, high, low, error: isExact ? 0 : error, grid: isExact ? (grid ?? 1) : undefined };
    return position;
  }

  /** Rounding of one result: `ulps` units of its largest number. */
  rounding(dtype: DType, high: number, ulps = 1): number {
    return isFloat(dtype) ? ulps * unit[dtype] * high : 0;
  }

  reshape(x: number, shape: Shape): number {
    return sameShape(this.type(x).shape, shape) ? x : this.moved("reshape", x, shape, {});
  }

  broadcast(x: number, shape: Shape): number {
    return sameShape(this.type(x).shape, shape) ? x : this.moved("broadcast", x, shape, {});
  }

  /** Adds a node that only moves numbers about. */
  moved<P extends Primitive>(op: P, x: number, shape: Shape, params: Primitives[P]): number {
    const { error, grid, value } = this.facts[x];
    const data = evaluate({ op, inputs: [x], params, shape, dtype: value.dtype }, [value]);
    return this.know(this.builder.add(op, [x], shape, value.dtype, params), { shape, dtype: value.dtype, data }, error, grid);
  }

  /** Makes a value of another shape from x: axes come or go, extents are cut, repeated or padded. */
  fit(x: number, shape: Shape): number {
    const own = this.type(x).shape;
    if (sameShape(own, shape)) return x;
    if (sizeOf(own) === sizeOf(shape)) return this.reshape(x, shape);
    const extra = shape.length - own.length;
    if (extra >= 0 && own.every((d, i) => d === 1 || d === shape[i + extra])) return this.broadcast(x, shape);
    // The same rank first: surplus leading axes are merged, missing ones are 1.
    const surplus = Math.max(0, -extra),
      merged = surplus > 0 && shape.length > 0 ? [sizeOf(own.slice(0, surplus + 1)), ...own.slice(surplus + 1)] : own;
    if (shape.length === 0) return this.reshape(this.fit(this.reshape(x, [sizeOf(own)]), [1]), []);
    const ranked = [...new Array<number>(Math.max(0, extra)).fill(1), ...merged],
      y = this.reshape(x, ranked);
    const still = { start: shape.map(() => 0), stride: shape.map(() => 1) };
    const cut = ranked.map((d, i) => Math.min(d, d === 1 ? 1 : shape[i])),
      z = sameShape(cut, ranked) ? y : this.moved("slice", y, cut, still);
    const padded = cut.map((d, i) => (d === 1 && ranked[i] === 1 ? 1 : shape[i])),
      w = sameShape(padded, cut) ? z : this.moved("pad", z, padded, still);
    return this.broadcast(w, shape);
  }

  finish(outputs: readonly number[]): RandomProgram {
    // The last node, then unused ones, now and then any.
    const n = this.builder.nodes.length,
      unused = Array.from({ length: n }, (_, i) => n - 1 - i).filter(i => !this.used.has(i));
    const chosen = outputs.map((o, k) => (o % 5 < 4 ? unused[(k + (o >> 3)) % unused.length] : n - 1 - (o % n)));
    return { program: this.builder.build([n - 1, ...chosen.slice(1)]), inputs: this.values };
  }
}
