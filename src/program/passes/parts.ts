import type { Shape } from "../../tensor/types.js";
import { sizeOf } from "../../tensor/types.js";
import type { Node } from "../program.js";

/** Where a part lies in an array: `length` elements from `start` on, along one axis of the shape `along`. */
export interface Place {
  /** The axis of the array; null: along all elements, in row-major order. */
  readonly axis: number | null;
  readonly along: Shape;
  readonly start: number;
  readonly length: number;
}

/** A part and its numbers: the position of a node. */
export interface Part extends Place {
  readonly value: number;
}

/** Where `pad` puts its operand, if that is one run of elements, or of slices along one axis; else nothing. */
export function placeOf({ shape, params: { start, stride } }: Node<"pad">, own: Shape): Place | undefined {
  const isWhole = (a: number) => own[a] === shape[a],
    isRun = (a: number) => stride[a] === 1 || own[a] === 1;
  if (sizeOf(own) === 0 || !own.every((_, a) => isRun(a))) return undefined;
  const cut = own.map((_, a) => a).filter(a => !isWhole(a)),
    first = own.findIndex(d => d !== 1),
    behind = first < 0 ? own.length : first;
  if (cut.every(a => a <= behind)) {
    let offset = 0;
    for (let a = 0; a < shape.length; a++) offset = offset * shape[a] + start[a];
    return { axis: null, along: [sizeOf(shape)], start: offset, length: sizeOf(own) };
  }
  return cut.length === 1 ? { axis: cut[0], along: shape, start: start[cut[0]], length: own[cut[0]] } : undefined;
}

/** Parts as lists of some that do not overlap, each in ascending order; parts in one place are added up in their order. */
export function layersOf(parts: readonly Part[], add: (a: number, b: number) => number): Part[][] {
  const together = new Map<string, Part>();
  for (const part of parts) {
    const key = `${part.start} ${part.length}`,
      before = together.get(key);
    together.set(key, before ? { ...part, value: add(before.value, part.value) } : part);
  }
  const layers: Part[][] = [],
    ends: { readonly end: number; readonly layer: number }[] = [];
  for (const part of [...together.values()].sort((a, b) => a.start - b.start || a.length - b.length)) {
    // The layer that ends first, of a heap of them.
    const layer = ends.length > 0 && ends[0].end <= part.start ? ends[0].layer : layers.push([]) - 1;
    layers[layer].push(part);
    const entry = { end: part.start + part.length, layer };
    if (layer === ends[0]?.layer) sink(ends, entry);
    else rise(ends, entry);
  }
  return layers;
}

/** Replaces the first entry of a heap. */
function sink(heap: { readonly end: number; readonly layer: number }[], entry: { readonly end: number; readonly layer: number }): void {
  let i = 0;
  for (let child = 1; child < heap.length; child = 2 * i + 1) {
    if (child + 1 < heap.length && heap[child + 1].end < heap[child].end) child++;
    if (heap[child].end >= entry.end) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = entry;
}

/** Adds an entry to a heap. */
function rise(heap: { readonly end: number; readonly layer: number }[], entry: { readonly end: number; readonly layer: number }): void {
  let i = heap.length;
  heap.push(entry);
  for (let parent = (i - 1) >> 1; i > 0 && heap[parent].end > entry.end; parent = (i - 1) >> 1) {
    heap[i] = heap[parent];
    i = parent;
  }
  heap[i] = entry;
}
