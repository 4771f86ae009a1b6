import { reshape } from "../np/shape.js";
import { apply } from "../operation.js";
import { partsOf } from "../ops/loops.js";
import type { Type } from "../types.js";
import { isFloat } from "../types.js";
import type { Value } from "../value.js";
import { zerosLike } from "../np/create.js";
import type { Body } from "./body.js";
import { bodyOf, orZeros, placeholder, pullBody } from "./body.js";
import type { MakeScan, ScanValue } from "./scan-value.js";
import { byKind, byResult, histories, lastCarry, rowsOfY } from "./scan-value.js";

/** What goes back from step to step: cotangents of the carry, and sums of those of the constants; of floats only. */
interface Back {
  readonly carry: readonly Value[];
  readonly constants: readonly Value[];
}

/** Some steps in a row, in the order of the rows: x, cotangents of y (null where there is none), and the carry before each of them. */
interface Steps {
  readonly length: number;
  readonly constants: readonly Value[];
  readonly xs: readonly Value[];
  readonly ys: readonly (Value | null)[];
}

const floats = <T extends Type>(list: readonly T[]): T[] => list.filter(isFloat);

/** Rows from `start`, `length` of them. */
function rows(x: Value, start: number, length: number): Value {
  if (start === 0 && length === x.shape[0]) return x;
  const first = x.shape.map((_, a) => (a === 0 ? start : 0));
  return apply("slice", [x], { start: first, stride: x.shape.map(() => 1) }, { shape: [length, ...x.shape.slice(1)] });
}

/**
 * Cotangents of a loop's operands. With `every` = 1 one loop goes back over the carries that were kept. Otherwise the steps between two kept
 * carries are a segment; one loop goes back over segments, and in each of them computes its carries anew, then goes back over them as above. Both ways
 * run the same body in the same order, so they give the same bits.
 */
export function pullScan(scan: ScanValue, cotangent: Value, make: MakeScan): (Value | null)[] {
  const { length, reverse, every, value } = scan,
    operands = byKind(scan, value.inputs),
    given = byResult(scan, partsOf(cotangent)),
    kept = histories(scan),
    ys = given.ys.map((g, k) => (isFloat(scan.body.outputs[scan.carry + k]) ? g : null));
  const carries = scan.body.outputs.slice(0, scan.carry);
  let back: Back = {
    carry: carries.flatMap((c, k) => (isFloat(c) ? [orZeros(given.carry[k], c)] : [])),
    constants: floats(operands.constants).map(zerosLike),
  };
  const pulled = pullBackOf(scan, ys);
  const stepsIn = (start: number, n: number): Steps => ({
    length: n,
    constants: operands.constants,
    xs: operands.xs.map(x => rows(x, start, n)),
    ys: ys.map(y => y && rows(y, start, n)),
  });
  const seeds = given.histories.filter((_, k) => isFloat(carries[k]));
  const finish = (xs: readonly Value[]): (Value | null)[] => {
    let [c, k, x] = [0, 0, 0];
    return [
      ...operands.constants.map(v => (isFloat(v) ? back.constants[c++] : null)),
      ...operands.carry.map(v => (isFloat(v) ? back.carry[k++] : null)),
      ...operands.xs.map(v => (isFloat(v) ? xs[x++] : null)),
    ];
  };

  if (every === 1) {
    const result = goBack(scan, pulled, stepsIn(0, length), kept, seeds, back, make);
    ({ back } = result);
    return finish(result.xs);
  }
  // The last steps, which may be fewer than a segment has, lie at the first rows where the loop goes from the last to the first.
  const rest = length % every,
    segments = (length - rest) / every,
    [whole, part] = reverse ? [rest, 0] : [0, length - rest],
    [wholeRow, partRow] = reverse && rest > 0 ? [1, 0] : [0, segments];
  const segment = (steps: Steps, start: readonly Value[], from: Back, seeded: readonly (Value | null)[]) => {
    const again = make({ ...scan, length: steps.length, every: 1 }, [...steps.constants, ...start, ...steps.xs]);
    const result = goBack(
      scan,
      pulled,
      steps,
      histories(again),
      seeded.map(() => null),
      from,
      make,
    );
    return { ...result, back: { ...result.back, carry: result.back.carry.map((c, k) => plus(c, seeded[k])) } };
  };
  const rowAt = (x: Value, i: number): Value => reshape(rows(x, i, 1), x.shape.slice(1));
  const parts: (readonly Value[])[] = [];
  if (rest > 0) {
    const result = segment(
      stepsIn(part, rest),
      kept.map(h => rowAt(h, partRow)),
      back,
      seeds.map(h => h && rowAt(h, partRow)),
    );
    ({ back } = result);
    parts.push(result.xs);
  }
  if (segments > 0) {
    const folded = (x: Value): Value => reshape(rows(x, whole, segments * every), [segments, every, ...x.shape.slice(1)]);
    const someYs = ys.filter(y => y !== null),
      someSeeds = seeds.filter(h => h !== null);
    const xs = [...operands.xs.map(folded), ...someYs.map(folded), ...[...kept, ...someSeeds].map(h => rows(h, wholeRow, segments))];
    const first = [...back.carry, ...back.constants];
    const body = bodyOf([...first, ...xs.map(x => ({ shape: x.shape.slice(1), dtype: x.dtype }))], inputs => {
      const take = taker(inputs);
      const from: Back = { carry: take(back.carry.length), constants: take(back.constants.length) };
      const x = take(operands.xs.length),
        y = take(someYs.length),
        start = take(kept.length),
        seeded = take(someSeeds.length);
      const steps: Steps = { length: every, constants: operands.constants, xs: x, ys: placed(ys, y) };
      const result = segment(steps, start, from, placed(seeds, seeded));
      return [...result.back.carry, ...result.back.constants, ...result.xs];
    });
    const all = make({ body, constants: 0, carry: first.length, length: segments, reverse: !reverse, every: 1 }, [...first, ...xs]);
    const take = taker(lastCarry(all));
    back = { carry: take(back.carry.length), constants: take(back.constants.length) };
    parts.push(rowsOfY(all).map(x => reshape(x, [segments * every, ...x.shape.slice(2)])));
  }
  if (!reverse) parts.reverse();
  return finish(parts[0].map((_, k) => joined(parts.map(p => p[k]))));
}

const joined = (pieces: readonly Value[]): Value => (pieces.length === 1 ? pieces[0] : apply("concatenate", pieces, { axis: 0 }));
const plus = (a: Value, b: Value | null | undefined): Value => (b ? a.add(b) : a);

/** Hands out a list from its beginning. */
function taker(list: readonly Value[]): (n: number) => Value[] {
  let at = 0;
  return n => list.slice(at, (at += n));
}

/** A list like another, with those of its elements that are there replaced in order. */
function placed(like: readonly (Value | null)[], by: readonly Value[]): (Value | null)[] {
  let at = 0;
  return like.map(v => v && by[at++]);
}

/** The body of the way back. Its inputs: constants, cotangents of the carry, sums of those of constants; the carry, x, and cotangents of y. */
function pullBackOf(scan: ScanValue, ys: readonly (Value | null)[]): (seeded: readonly (Value | null)[]) => Body {
  const made = new Map<string, Body>();
  return seeded => {
    const key = seeded.map(h => (h ? 1 : 0)).join();
    let body = made.get(key);
    if (!body) made.set(key, (body = pulledBody(scan, ys, seeded)));
    return body;
  };
}

function pulledBody(scan: ScanValue, ys: readonly (Value | null)[], seeded: readonly (Value | null)[]): Body {
  const { body } = scan,
    inputs = byKind(scan, body.inputs),
    outputs = body.outputs.slice(0, scan.carry);
  const ofCarry = floats(outputs).map(placeholder),
    sums = floats(inputs.constants).map(placeholder),
    ofY = ys.map((y, k) => y && placeholder(body.outputs[scan.carry + k])),
    ofHistory = floats(inputs.carry).map((c, k) => seeded[k] && placeholder(c));
  let at = 0;
  const cotangents = [...outputs.map(c => (isFloat(c) ? ofCarry[at++] : null)), ...ofY];
  const wanted = floats(body.inputs);
  const found = new Map(pullBody(body, wanted, cotangents).map((c, i) => [wanted[i], c] as const));
  return {
    first: body.first,
    inputs: [
      ...inputs.constants,
      ...ofCarry,
      ...sums,
      ...inputs.carry,
      ...inputs.xs,
      ...ofY.filter(y => y !== null),
      ...ofHistory.filter(h => h !== null),
    ],
    outputs: [
      ...floats(inputs.carry).map((c, k) => plus(orZeros(found.get(c), c), ofHistory[k])),
      ...floats(inputs.constants).map((c, k) => plus(sums[k], found.get(c))),
      ...floats(inputs.xs).map(x => orZeros(found.get(x), x)),
    ],
  };
}

/** Goes back over some steps. `kept`: the carry before each of them; `seeds`: cotangents of those. */
function goBack(
  scan: ScanValue,
  pulled: (seeded: readonly (Value | null)[]) => Body,
  steps: Steps,
  kept: readonly Value[],
  seeds: readonly (Value | null)[],
  from: Back,
  make: MakeScan,
): { readonly back: Back; readonly xs: readonly Value[] } {
  const carried = [...from.carry, ...from.constants],
    present = (list: readonly (Value | null)[]) => list.filter(v => v !== null);
  const way = make(
    {
      body: pulled(seeds),
      constants: steps.constants.length,
      carry: carried.length,
      length: steps.length,
      reverse: !scan.reverse,
      every: 1,
    },
    [...steps.constants, ...carried, ...kept, ...steps.xs, ...present(steps.ys), ...present(seeds)],
  );
  const take = taker(lastCarry(way));
  return { back: { carry: take(from.carry.length), constants: take(from.constants.length) }, xs: rowsOfY(way) };
}
