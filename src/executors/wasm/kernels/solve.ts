import { unsigned } from "../assembler.js";
import type { Local } from "../assembler.js";
import type { Code } from "../emit/code.js";
import { fold } from "../emit/fold.js";
import { memory, simd } from "../emit/instructions.js";
import { constant } from "../emit/vector.js";
import type { Solve } from "../../../compiler/graph/tensor.js";
import { rowBytes } from "./workspace.js";
import type { SolveKernel } from "../../../compiler/schedule/kernel.js";
import { RowCode } from "./rows.js";
import type { Part, Rows } from "./rows.js";

/** Scalar instructions by element type. */
const scalar = {
  float32: { load: 0x2a, abs: 0x8b, greater: 0x5e, kind: "f32" },
  float64: { load: 0x2b, abs: 0x99, greater: 0x64, kind: "f64" },
} as const;
const SELECT = 0x1b;

/** Factorizes or solves one matrix after another, in a workspace of padded rows. */
export function emitSolve(code: Code, { root }: SolveKernel): void {
  const solver = new Solver(code, root),
    { f } = code,
    batch = f.local("i32");
  f.loop(batch, 0, root.count, 1, () => {
    solver.emit();
  });
  f.release(batch);
}

class Solver extends RowCode {
  private readonly a: Rows;
  private readonly b: Rows;
  private readonly result: Rows;
  private readonly work: Rows;

  constructor(
    code: Code,
    private readonly root: Solve,
  ) {
    super(code, root);
    const { n, columns } = root,
      [a, b = a] = root.operands;
    const rows = (at: { base: Local; offset: number }, bytes: number): Rows => {
      const pointer = this.f.local("i32");
      this.f.get(at.base).set(pointer);
      return { pointer, offset: at.offset, bytes };
    };
    this.a = rows(code.addressOf(a.tensor), n * this.size);
    this.b = rows(code.addressOf(b.tensor), columns * this.size);
    this.result = rows(code.addressOf(root), columns * this.size);
    this.work = rows(code.workspaceOf(root), rowBytes(root));
  }

  /** One matrix, and on to the next. */
  emit(): void {
    const { f, a, b, result, size } = this,
      { n, columns, method } = this.root;
    if (method === "cholesky") this.factorize();
    else if (method === "substitution") this.solveTriangular();
    else this.eliminate();
    f.increment(a.pointer, n * n * size)
      .increment(b.pointer, n * columns * size)
      .increment(result.pointer, n * columns * size);
  }

  private vectors(columns: number): number {
    return Math.ceil(columns / this.width);
  }

  /** Row by row of the transpose: L[i, j] = (A[i, j] − Σ_{k<j} L[i, k] L[j, k]) / L[j, j]; what is not yet there is zero. */
  private factorize(): void {
    const { f, number, work, a } = this,
      { n } = this.root;
    const [i, j, rowI, rowJ] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")],
      [rest, diagonal] = [f.local("v128"), f.local("v128")];
    this.clear();
    const remainder = () => {
      this.row(rowI, work, i);
      this.element(a, i, j);
      f.set(rest);
      const sum = this.product(rowI, rowJ, j);
      f.get(rest).get(sum).simd(number.subtract).set(rest).release(sum);
    };
    f.loop(j, 0, n, 1, () => {
      this.row(rowJ, work, j);
      f.get(j).set(i);
      remainder();
      f.get(rest).simd(number.sqrt);
      constant(f, this.dtype, NaN);
      f.get(rest);
      constant(f, this.dtype, 0);
      f.simd(number.greater).get(rest);
      constant(f, this.dtype, Infinity);
      f.simd(number.less).simd(simd.and).simd(simd.select).set(rest);
      this.setElement(work, j, j, rest);
      this.element(work, j, j);
      f.set(diagonal);
      this.between(
        i,
        () => f.get(j).i32(1).add(),
        () => f.i32(n),
        () => {
          remainder();
          f.get(rest).get(diagonal).simd(number.divide).set(rest);
          this.setElement(work, i, j, rest);
        },
      );
    });
    this.copy(n, n, this.result, work, "dense");
    f.release(i, j, rowI, rowJ, rest, diagonal);
  }

  private clear(): void {
    const { f, work } = this,
      to = f.local("i32"),
      zero = f.local("v128"),
      step = f.local("i32");
    f.get(work.pointer).set(to);
    constant(f, this.dtype, 0);
    f.set(zero);
    f.loop(step, 0, this.root.n * work.bytes, 16, () => {
      f.get(to).get(zero).simdMemory(memory.store, work.offset).increment(to, 16);
    });
    f.release(to, zero, step);
  }

  /** The inner product of two rows up to column j, in the first lane. */
  private product(x: Local, y: Local, j: Local): Local {
    const { f, number, work, size } = this,
      sum = f.local("v128"),
      at = f.local("i32"),
      end = f.local("i32");
    constant(f, this.dtype, 0);
    f.set(sum).get(j).i32(size).mul().i32(1).add().set(end);
    f.loop(at, 0, end, 16, () => {
      f.get(sum);
      this.vector(x, work.offset, at);
      this.vector(y, work.offset, at);
      f.simd(number.multiply).simd(number.add).set(sum);
    });
    f.release(at, end);
    return fold(f, this.width, this.dtype, number.add, [sum]);
  }

  private solveTriangular(): void {
    const { n, columns, triangle } = this.root,
      part = { offset: this.work.offset, vectors: this.vectors(columns) };
    this.copy(n, columns, this.b, this.work, "padded");
    this.substitute(this.a, part, triangle!);
    this.copy(n, columns, this.result, this.work, "dense");
  }

  /** Row by row: what is solved for is subtracted from the rows that are still to come. */
  private substitute(a: Rows, part: Part, { lower, transpose, unitDiagonal }: NonNullable<Solve["triangle"]>): void {
    const { f, work } = this,
      { n } = this.root,
      forwards = lower !== transpose;
    const [step, k, i, rowK, rowI] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")],
      factor = f.local("v128");
    f.loop(step, 0, n, 1, () => {
      if (forwards) f.get(step).set(k);
      else this.fromEnd(k, n, step);
      this.row(rowK, work, k);
      if (!unitDiagonal) {
        this.element(a, k, k);
        f.set(factor);
        this.divide(rowK, part, factor);
      }
      const first = () => (forwards ? f.get(k).i32(1).add() : f.i32(0)),
        last = () => (forwards ? f.i32(n) : f.get(k));
      this.between(i, first, last, () => {
        this.row(rowI, work, i);
        if (transpose) this.element(a, k, i);
        else this.element(a, i, k);
        f.set(factor);
        this.subtract(rowI, rowK, part, factor);
      });
    });
    f.release(step, k, i, rowK, rowI, factor);
  }

  /** Gauss's elimination of rows [A | B] with partial pivoting, then substitution. */
  private eliminate(): void {
    const { f, number, work } = this,
      { n, columns } = this.root,
      matrix = { offset: work.offset, vectors: this.vectors(n) };
    const right = { offset: work.offset + 16 * matrix.vectors, vectors: this.vectors(columns) },
      all = { offset: work.offset, vectors: matrix.vectors + right.vectors };
    const [k, i, pivot, rowK, rowI] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")],
      factor = f.local("v128");
    this.copy(n, n, this.a, work, "padded");
    this.copy(n, columns, this.b, { ...work, offset: right.offset }, "padded");
    f.loop(k, 0, n, 1, () => {
      this.row(rowK, work, k);
      this.findPivot(k, i, pivot);
      this.row(rowI, work, pivot);
      this.exchange(rowI, rowK, all);
      this.between(
        i,
        () => f.get(k).i32(1).add(),
        () => f.i32(n),
        () => {
          this.row(rowI, work, i);
          this.element(work, i, k);
          this.element(work, k, k);
          f.simd(number.divide).set(factor);
          this.subtract(rowI, rowK, all, factor);
        },
      );
    });
    f.release(k, i, pivot, rowK, rowI, factor);
    this.substitute(work, right, { lower: false, transpose: false, unitDiagonal: false });
    this.copy(n, columns, this.result, { ...work, offset: right.offset }, "dense");
  }

  /** The row from k on with the largest element in column k, the first of equals. */
  private findPivot(k: Local, i: Local, pivot: Local): void {
    const { f, work, size } = this,
      { load, abs, greater, kind } = scalar[this.dtype],
      [value, best] = [f.local(kind), f.local(kind)];
    const magnitude = (row: Local) => {
      f.get(work.pointer).get(row).i32(work.bytes).mul().add().get(k).i32(size).mul().add();
      f.op(load, 0, ...unsigned(work.offset), abs);
    };
    magnitude(k);
    f.set(best).get(k).set(pivot);
    this.between(
      i,
      () => f.get(k).i32(1).add(),
      () => f.i32(this.root.n),
      () => {
        magnitude(i);
        f.set(value);
        f.get(i).get(pivot).get(value).get(best).op(greater, SELECT).set(pivot);
        f.get(value).get(best).get(value).get(best).op(greater, SELECT).set(best);
      },
    );
    f.release(value, best);
  }

  private exchange(x: Local, y: Local, part: Part): void {
    const { f } = this,
      value = f.local("v128");
    this.overVectors(part, at => {
      this.vector(x, part.offset, at);
      f.set(value).get(x).get(at).add();
      this.vector(y, part.offset, at);
      f.simdMemory(memory.store, part.offset);
      f.get(y).get(at).add().get(value).simdMemory(memory.store, part.offset);
    });
    f.release(value);
  }
}
