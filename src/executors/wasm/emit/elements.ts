import type { Local } from "../assembler.js";
import type { MapTensor, Tensor } from "../../../compiler/graph/tensor.js";
import type { View } from "../../../compiler/graph/view.js";
import { isWhole, keyOf, whole } from "../../../compiler/graph/view.js";
import { accessOf, pointAt, readAt, writeAt } from "./access.js";
import type { Access, Position } from "./access.js";
import type { Code } from "./code.js";
import type { Index } from "./loops.js";
import { operation, sigmoidPair } from "./operations.js";
import type { Argument } from "./argument.js";
import { constant, widthFor } from "./vector.js";
import type { Width } from "./vector.js";

/** Values in registers: tensors computed elsewhere in the kernel, or views read ahead of a loop (by key). */
export type Given = ReadonlyMap<Tensor | string, Local>;

/** The element-by-element tensors of a loop nest, with all that they read from memory and write there. */
export class Elements {
  readonly reads = new Map<string, Access>();
  readonly writes = new Map<Tensor, Access>();
  readonly width: Width;
  private readonly inline: boolean;
  /** Roots and tensors, in order. */
  private readonly computed: readonly Tensor[];
  /** Keys of views that several tensors read. */
  private readonly readOften = new Set<string>();
  /** Where operands are found: computed here, or read by key. */
  private readonly sources = new Map<View, Tensor | string>();
  /** Sigmoids whose argument is the negative of another's: by the one that is computed first. */
  private readonly pairs = new Map<Tensor, MapTensor>();

  /**
   * `roots` are computed by the kernel itself; they are stored here where another kernel reads them. `inline`: elementary functions
   * are written in place, which is faster and longer than calls.
   */
  constructor(
    private readonly code: Code,
    readonly tensors: readonly MapTensor[],
    roots: readonly Tensor[] = [],
    { width, inline = false }: { readonly width?: Width; readonly inline?: boolean } = {},
  ) {
    this.inline = inline;
    this.computed = [...roots, ...tensors];
    const own = new Set(this.computed);
    for (const v of tensors.flatMap(t => t.operands)) {
      if (v.tensor.kind === "literal") continue;
      if (own.has(v.tensor) && isWhole(v)) {
        this.sources.set(v, v.tensor);
        continue;
      }
      const key = keyOf(v);
      this.sources.set(v, key);
      if (this.reads.has(key)) this.readOften.add(key);
      else this.reads.set(key, accessOf(code, v));
    }
    this.findPairs();
    for (const t of this.computed) if (code.isStored(t)) this.writes.set(t, accessOf(code, whole(t)));
    this.width = width ?? widthFor(this.dtypes());
  }

  /** σ(x) and σ(−x) stand beside each other wherever a sigmoid is differentiated. */
  private findPairs(): void {
    const source = (t: MapTensor) => this.sources.get(t.operands[0]),
      negatives = this.tensors.filter(t => t.op === "negative"),
      negated = new Map<unknown, unknown>(negatives.map(n => [n, source(n)])),
      negativeOf = new Map<unknown, MapTensor>(negatives.map(n => [source(n), n])),
      seen = new Map<unknown, MapTensor>();
    for (const t of this.tensors) {
      if (t.op !== "sigmoid") continue;
      const own = source(t),
        first = seen.get(negated.get(own)) ?? seen.get(negativeOf.get(own));
      if (first && !this.pairs.has(first)) this.pairs.set(first, t);
      if (own !== undefined) seen.set(own, t);
    }
  }

  /** Element types that the nest touches. */
  dtypes(): Tensor["dtype"][] {
    return this.computed.flatMap(t => [t.dtype, ...t.operands.map(v => v.tensor.dtype)]);
  }

  accesses(): Access[] {
    return [...this.reads.values(), ...this.writes.values()];
  }

  pointAt(index: Index): ReturnType<typeof pointAt> {
    return pointAt(this.code.f, this.accesses(), index);
  }

  read(a: Access, position: Position, count: number): void {
    readAt(this.code.f, this.width, a, position, count);
  }

  /**
   * Computes `count` ≤ width elements of every tensor and writes what is stored. Returns the values by tensor, in locals that
   * `release` gives back.
   */
  evaluate(position: Position, count: number, given: Given): { readonly values: Given; release(): void } {
    const { f, math } = this.code,
      values = new Map(given),
      own: Local[] = [],
      late: Tensor[] = [];
    const keep = (what: Tensor | string) => {
      const value = f.local("v128");
      f.set(value);
      own.push(value);
      values.set(what, value);
      return value;
    };
    const argument = (v: View): Argument => {
      const { dtype } = v.tensor;
      if (v.tensor.kind === "literal") {
        const { value } = v.tensor;
        return { dtype, literal: value, push: () => constant(f, dtype, value) };
      }
      const key = this.sources.get(v)!;
      const push = () => {
        if (!values.has(key)) {
          this.read(this.reads.get(key as string)!, position, count);
          if (!this.readOften.has(key as string)) return;
          keep(key);
        }
        f.get(values.get(key)!);
      };
      return { dtype, literal: null, push };
    };
    for (const t of this.computed) {
      const other = this.pairs.get(t);
      if (other) {
        sigmoidPair({ f, math, inline: this.inline }, argument(t.operands[0]));
        keep(other);
        keep(t);
      } else if (!values.has(t)) {
        operation({ f, width: this.width, math, inline: this.inline }, t as MapTensor, t.operands.map(argument));
        keep(t);
      }
      if (!this.writes.has(t)) continue;
      if (this.code.isInPlace(t)) late.push(t);
      else writeAt(f, this.width, this.writes.get(t)!, position, count, values.get(t)!);
    }
    for (const t of late) writeAt(f, this.width, this.writes.get(t)!, position, count, values.get(t)!);
    return {
      values,
      release: () => {
        f.release(...own);
      },
    };
  }
}
