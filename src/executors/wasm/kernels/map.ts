import type { Local } from "../assembler.js";
import { collapse } from "../../../compiler/schedule/access.js";
import type { Code } from "../emit/code.js";
import { along, blocks, nest, overRuns } from "../emit/loops.js";
import type { Index } from "../emit/loops.js";
import { Elements } from "../emit/elements.js";
import { isElementary } from "../../../compiler/graph/tensor.js";
import type { MapTensor } from "../../../compiler/graph/tensor.js";
import { range } from "../../../compiler/graph/view.js";
import { crossedAxis, emitBlocks } from "./transpose.js";
import type { MapKernel } from "../../../compiler/schedule/kernel.js";

/** Vectors computed in one trip of the innermost loop: a divisor of their number, where a small one exists. Long bodies are not repeated. */
function unrolling(vectors: number, tensors: readonly MapTensor[]): number {
  const most = tensors.length > 12 || tensors.some(isElementary) ? 1 : tensors.length > 6 ? 2 : 5;
  const even = [5, 4, 3, 2].find(u => u <= most && vectors % u === 0);
  return even ?? (vectors > 8 ? Math.min(4, most) : 1);
}

/** Elementary functions that a loop may hold in place; of more, each is a call, since one in place is a kilobyte of code or two. */
const MOST_INLINE = 16;

/** Loops over a space of elements, vectors along the last axis. */
export function emitMap(code: Code, { shape, body }: Pick<MapKernel, "shape" | "body">): void {
  const elements = new Elements(code, body, [], { inline: body.filter(isElementary).length <= MOST_INLINE });
  emitElements(code, elements, shape, true);
}

/** `padded`: all that is written are whole tensors, whose memory may be written past the end up to a full vector. */
export function emitElements(code: Code, elements: Elements, space: readonly number[], padded: boolean): void {
  const { f } = code,
    { width } = elements,
    { shape } = collapse(space, elements.accesses()),
    last = shape.length - 1;
  if (shape.length === 0) {
    const { pointers, release } = elements.pointAt([]);
    elements.evaluate({ pointers, delta: [], vector: null }, 1, new Map()).release();
    release();
    return;
  }
  const crossed = crossedAxis(elements, shape);
  if (crossed !== null) {
    emitBlocks(code, elements, shape, crossed);
    return;
  }
  const index: Index = shape.map(() => null),
    n = shape[last];
  const overrun = padded && shape.length === 1 && elements.accesses().every(a => a.strides[0] === 0 || a.strides[0] === 1);
  const whole = overrun ? Math.ceil(n / width) : Math.floor(n / width),
    step = unrolling(whole, elements.tensors);
  nest(f, range(last), shape, index, () => {
    const given = new Map<string, Local>(),
      outer = elements.pointAt(index);
    for (const [key, a] of elements.reads) {
      if (a.strides[last] !== 0) continue;
      elements.read(a, { pointers: outer.pointers, delta: [], vector: last }, width);
      const value = f.local("v128");
      f.set(value);
      given.set(key, value);
    }
    outer.release();
    const tile = (vectors: number, count: number) => {
      const { pointers, release } = elements.pointAt(index);
      for (let v = 0; v < vectors; v++)
        elements.evaluate({ pointers, delta: along(shape, last, v * width), vector: last }, count, given).release();
      release();
    };
    overRuns(
      f,
      blocks(whole, step).map(r => ({ from: r.from * width, to: r.to * width, by: r.by * width })),
      index,
      last,
      by => {
        tile(by / width, width);
      },
    );
    if (whole * width < n)
      overRuns(f, [{ from: whole * width, to: n, by: n - whole * width }], index, last, by => {
        tile(1, by);
      });
    f.release(...given.values());
  });
}
