import { effortOf } from "../../program/effort.js";
import { fail } from "../../tensor/error.js";
import { range } from "../../compiler/graph/view.js";
import type { Routine, RoutineCall, RoutineLoop, RoutineSequence, RoutineStep } from "../executor.js";
import { isLoop, isSequence, roundOf, sumOverCalls } from "../executor.js";
import { spaced } from "./alignment.js";
import { WasmExecutable } from "./executable.js";
import { bytesIn } from "./heap.js";
import type { Node, Rounds, Series } from "./routine-nodes.js";
import { isRounds, isSeries, STRETCH } from "./routine-nodes.js";
import { travels } from "./routine-travels.js";

/** Loops of no more calls are written out, where all in all not too many are: so a short plan is one list of calls. */
const SHORT_LOOP = 128;
const MOST_WRITTEN_OUT = 2 ** 13;

export const own = (executable: unknown): WasmExecutable =>
  executable instanceof WasmExecutable ? executable : fail("a routine", "calls executables of its own executor", "another's");

type AnyStep = RoutineStep | RoutineSequence;

/** A word of a table of pointers that moves on in loops: which, and the place that it points to, if it does. */
interface Word {
  readonly at: number;
  readonly place?: number;
}

/** A routine as words: where its places lie, the calls, their tables of pointers, and what moves on in loops. */
export class RoutineCode {
  /** Where the routine's own places lie, from the beginning of their memory: of that of results or, for all others, of the common one. */
  readonly offsets: Float64Array;
  readonly placeBytes: number;
  readonly resultBytes: number;
  /** Own places that lie in the memory of results: outputs that no loop passes over. */
  readonly isResult: Uint8Array;
  readonly parts: readonly (readonly Node[])[];
  /** Words that hold pointers to own places; relative to the beginning of the tables, as all such indices here. */
  readonly ownAt: number[] = [];
  /** The same for places among the results. */
  private readonly resultsAt: number[] = [];
  /** Words that hold the pointer of each input. */
  readonly inputsAt: readonly number[][];
  readonly executables = new Set<WasmExecutable>();
  /** Words that point to other words, in pairs. */
  private readonly inner: number[] = [];
  private readonly calls: number[] = [];
  private readonly tables: number[] = [];
  private readonly moves: number[] = [];

  constructor(private readonly routine: Routine) {
    const { inputs } = routine;
    let most = MOST_WRITTEN_OUT;
    const writtenOut = (steps: readonly AnyStep[]): readonly AnyStep[] =>
        steps.some(isLoop)
          ? steps.flatMap(step => {
              if (!isLoop(step)) return [step];
              const count = sumOverCalls([step], () => 1);
              if (count > SHORT_LOOP || count > most) return [step];
              most -= count;
              return range(step.times).flatMap(k => writtenOut(roundOf(step, k)));
            })
          : steps,
      parts = routine.parts.map(writtenOut);
    this.inputsAt = Array.from({ length: inputs }, () => []);
    const count = routine.places.length - inputs;
    this.offsets = new Float64Array(count);
    this.isResult = new Uint8Array(count);
    [this.resultBytes, this.placeBytes] = this.layOut(parts.flat());
    this.parts = parts.map(part => this.write(part));
  }

  /** Bytes of all but the places. */
  get bytes(): number {
    return 4 * (this.calls.length + this.tables.length + this.moves.length);
  }

  /** The index of the first word of the tables, of code that begins at a pointer. */
  tablesAt(pointer: number): number {
    return (pointer >>> 2) + this.calls.length;
  }

  /** Writes all into memory, for places and results that lie there. */
  into(words: Int32Array, pointer: number, places: number, results: number): void {
    const { calls, tables, moves } = this,
      first = this.tablesAt(pointer),
      moved = first + tables.length;
    for (let i = 0; i < calls.length; i += 2) {
      words[(pointer >>> 2) + i] = calls[i];
      words[(pointer >>> 2) + i + 1] = 4 * (first + calls[i + 1]);
    }
    words.set(tables, first);
    for (const at of this.ownAt) words[first + at] = tables[at] + places;
    for (const at of this.resultsAt) words[first + at] = tables[at] + results;
    for (let i = 0; i < this.inner.length; i += 2) words[first + this.inner[i]] = 4 * (first + this.inner[i + 1]);
    for (let i = 0; i < moves.length; i += 2) {
      words[moved + i] = 4 * (first + moves[i]);
      words[moved + i + 1] = moves[i + 1];
    }
  }

  /** Nodes with pointers, for code that begins at one. */
  nodesAt(pointer: number): readonly (readonly Node[])[] {
    const first = this.tablesAt(pointer),
      moved = 4 * (first + this.tables.length),
      at = (node: Node): Node => {
        if (isRounds(node)) return { ...node, times: node.times + first, body: node.body.map(at), moves: node.moves + moved };
        if (!isSeries(node)) return { ...node, pointer: node.pointer + pointer, end: node.end + pointer };
        const { kinds, order } = node;
        return { kinds: kinds.map(({ nodes, words }) => ({ nodes: nodes.map(at), words: words.map(word => word + first) })), order };
      };
    return this.parts.map(part => part.map(at));
  }

  /** Outputs one after another, as they are read; all else in order, as places move on. @returns the bytes of both */
  private layOut(steps: readonly AnyStep[]): [results: number, places: number] {
    const { places, inputs, outputs } = this.routine,
      { offsets, isResult } = this,
      passed = new Uint8Array(offsets.length);
    for (const { isPlace, low, high } of travels(steps))
      if (isPlace && low < high) passed.fill(1, Math.max(0, low - inputs), Math.min(passed.length, high - inputs + 1));
    const bytes: [number, number] = [0, 0],
      put = (place: number, memory: 0 | 1) => {
        offsets[place] = bytes[memory];
        const { shape, dtype } = places[inputs + place];
        bytes[memory] += spaced(bytesIn(shape, dtype));
      };
    for (const output of outputs) {
      const place = output - inputs;
      if (place < 0 || isResult[place] || passed[place]) continue;
      isResult[place] = 1;
      put(place, 0);
    }
    for (let place = 0; place < offsets.length; place++) if (!isResult[place]) put(place, 1);
    return bytes;
  }

  private write(steps: readonly AnyStep[], written: Word[] = []): Node[] {
    const nodes: Node[] = [],
      { calls } = this,
      here = () => 4 * calls.length;
    let pointer = here(),
      effort = 0;
    const cut = () => {
      if (here() > pointer) nodes.push({ pointer, end: here(), effort });
      effort = 0;
    };
    for (const step of steps) {
      const isCall = !isLoop(step) && !isSequence(step),
        more = isCall ? effortOf(step.executable.program) : 0;
      if (!isCall || (effort > 0 && effort + more > STRETCH)) {
        cut();
        if (!isCall) nodes.push(isLoop(step) ? this.writeLoop(step, written) : this.writeSequence(step));
        pointer = here();
      }
      if (isCall) this.writeCall(step, written);
      effort += more;
    }
    cut();
    return nodes;
  }

  private writeCall({ executable, inputs, outputs }: RoutineCall, written: Word[]): void {
    const { tables } = this,
      called = own(executable),
      indices: (readonly [at: number, index: number, word: number])[] = [];
    this.executables.add(called);
    this.calls.push(called.index, tables.length);
    for (const input of inputs) {
      if (typeof input === "number") this.writePlace(input, written);
      else {
        indices.push([tables.length, input.index, written.length]);
        written.push({ at: -1 });
        tables.push(0);
      }
    }
    for (const output of outputs) this.writePlace(output, written);
    for (const [at, index, word] of indices) {
      this.inner.push(at, tables.length);
      written[word] = { at: tables.length };
      tables.push(index);
    }
  }

  private writePlace(place: number, written: Word[]): void {
    const { tables } = this,
      { inputs } = this.routine,
      at = tables.length;
    written.push({ at, place });
    if (place < inputs) this.inputsAt[place].push(at);
    else (this.isResult[place - inputs] ? this.resultsAt : this.ownAt).push(at);
    tables.push(place < inputs ? 0 : this.offsets[place - inputs]);
  }

  private writeLoop({ times, body, strides }: RoutineLoop, written: Word[]): Rounds {
    const at = this.tables.length,
      words: Word[] = [];
    this.tables.push(times);
    written.push({ at });
    const nodes = this.write(body, words),
      moves = words.flatMap((word, i) => (strides[i] ? [word.at, this.moveOf(word, strides[i])] : [])),
      from = 4 * this.moves.length;
    written.push(...words);
    // A list has at least one entry.
    this.moves.push(...(moves.length ? moves : [at, 0]));
    const [first] = nodes,
      short = nodes.length === 1 && !isRounds(first) && !isSeries(first) && first.effort <= STRETCH;
    return {
      times: at,
      body: nodes,
      moves: from,
      moveBytes: 4 * this.moves.length - from,
      together: short ? Math.max(1, Math.floor(STRETCH / first.effort)) : 0,
    };
  }

  private writeSequence({ kinds, order }: RoutineSequence): Series {
    const each = kinds.map(kind => {
      const words: Word[] = [],
        nodes = this.write([kind], words);
      return { nodes, words: words.filter(({ place }) => place === undefined).map(({ at }) => at) };
    });
    return { kinds: each, order };
  }

  private moveOf({ place }: Word, stride: number): number {
    const { inputs } = this.routine;
    return place === undefined ? stride : this.offsets[place + stride - inputs] - this.offsets[place - inputs];
  }
}
