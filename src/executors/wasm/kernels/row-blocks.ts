import type { Code } from "../emit/code.js";
import { Elements } from "../emit/elements.js";
import { storedBytes } from "../emit/instructions.js";
import { blocks } from "../emit/loops.js";
import type { Local } from "../assembler.js";
import type { Tensor } from "../../../compiler/graph/tensor.js";
import { denseStrides } from "../../../compiler/graph/view.js";
import { computedBy } from "../../../compiler/schedule/kernel.js";
import type { DotKernel, RowKernel, RowsKernel } from "../../../compiler/schedule/kernel.js";
import { blockingFor } from "./blocking.js";
import type { Panels } from "./blocking.js";
import { BlockedProduct } from "./dot-blocked.js";
import { emitLibraryDot } from "./dot-library.js";
import { emitElements, emitMap } from "./map.js";
import { fillZero } from "./move.js";
import { emitReduce } from "./reduce.js";

/** Writes the code of a product, but for what follows it. */
type EmitProduct = (code: Code, kernel: DotKernel) => void;

/** Kernels that take turns on blocks of rows. Arrays that have the rows are addressed from the first row of the block on. */
export function emitRowBlocks(code: Code, kernel: RowsKernel, emitProduct: EmitProduct): void {
  const { f } = code,
    { parts, rows, block } = kernel,
    sums = parts.flatMap(part => (part.axis === null ? [part.kernel as DotKernel] : []));
  const products = sums.map(sum => summed(code, sum));
  for (const product of products) product.begin();
  for (const { from, to, by } of blocks(rows, block)) {
    const first = f.local("i32");
    const one = () => {
      const { code: inside, release } = blockAt(code, kernel, first);
      for (const part of parts) {
        if (part.axis === null) summed(inside, part.kernel as DotKernel).add(by);
        else emitPart(inside, narrowed(part.kernel, part.axis, by), emitProduct);
      }
      release();
    };
    f.loop(first, from, to, by, one);
    f.release(first);
  }
  for (const product of products) product.end();
  for (const { shape, body } of sums) if (body.length > 0) emitMap(code, { shape, body });
}

/** A product that is summed over rows. */
interface Summed {
  begin(): void;
  /** Adds the products of so many rows. */
  add(rows: number): void;
  end(): void;
}

function summed(code: Code, sum: DotKernel): Summed {
  const alone = { ...sum, body: [] };
  if (sum.root.form === "library")
    return {
      begin: () => {
        fillZero(code, sum.root);
      },
      add: rows => {
        emitLibraryDot(code, alone, rows);
      },
      end() {},
    };
  const product = new BlockedProduct(code, alone, blockingFor(sum.root) as Panels);
  return {
    begin: () => {
      product.begin();
    },
    add: rows => {
      product.emit(rows);
    },
    end: () => {
      product.end();
    },
  };
}

/** A kernel of so many rows. */
function narrowed(kernel: RowKernel, axis: number, rows: number): RowKernel {
  const short = (shape: readonly number[], axis: number) => shape.map((n, i) => (i === axis ? rows : n)),
    shape = short(kernel.shape, axis);
  return kernel.kind === "reduce" ? { ...kernel, shape, space: short(kernel.space, kernel.kept[axis]) } : { ...kernel, shape };
}

function emitPart(code: Code, kernel: RowKernel, emitProduct: EmitProduct): void {
  // Behind a block lies the next one: nothing is written past the end.
  const elements = ({ shape, body }: Pick<RowKernel, "shape" | "body">) => {
    emitElements(code, new Elements(code, body, [], { inline: true }), shape, false);
  };
  if (kernel.kind === "map") elements(kernel);
  else if (kernel.kind === "reduce") emitReduce(code, kernel);
  else if (!kernel.bodyAfterwards) emitProduct(code, kernel);
  else {
    emitProduct(code, { ...kernel, body: [] });
    if (kernel.body.length > 0) elements(kernel);
  }
}

/** Code that sees arrays from a row on. */
function blockAt(code: Code, { parts, axes }: RowsKernel, row: Local): { readonly code: Code; release(): void } {
  const { f } = code,
    bases = new Map<Tensor, Local>();
  const touched = parts.flatMap(({ kernel }) => computedBy(kernel).flatMap(t => [t, ...t.operands.map(v => v.tensor)]));
  const isStored = (t: Tensor) => (t.kind !== "map" && t.kind !== "reduce" && t.kind !== "dot" ? true : code.isStored(t));
  for (const t of new Set(touched)) {
    const axis = axes.get(t);
    if (axis === undefined || !isStored(t)) continue;
    const base = f.local("i32");
    f.get(code.addressOf(t).base)
      .get(row)
      .i32(denseStrides(t.shape)[axis] * storedBytes[t.dtype])
      .mul()
      .add()
      .set(base);
    bases.set(t, base);
  }
  return {
    code: {
      ...code,
      addressOf(t) {
        const { base, offset } = code.addressOf(t);
        return { base: bases.get(t) ?? base, offset };
      },
    },
    release: () => {
      f.release(...bases.values());
    },
  };
}
