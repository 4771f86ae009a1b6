import { historyRowOf, historyRows, rowOf } from "../../../src/program/loops.js";
import type { Program, Scan } from "../../../src/program/program.js";
import type { HostArray } from "../../../src/tensor/types.js";
import { allocate, sizeOf } from "../../../src/tensor/types.js";
import type { Body } from "./body.js";
import { writeBody } from "./body.js";
import type { Draft, Fact, Step } from "./draft.js";
import { condition } from "./elementwise-moves.js";
import type { Move } from "./moves.js";

/** Elements of what goes into a loop: it is computed many times. */
const MOST = 200,
  MOST_STEPS = 8;

/** A seed for the body of a step. */
const seedOf = (draft: Draft, { move, a, b, c }: Step): number => draft.seed + 1_009 * move + 10_007 * a + 100_003 * b + 1_000_003 * c;

/** Up to `most` values. */
const some = (draft: Draft, choices: readonly number[]): number[] =>
  choices.flatMap(choice => draft.pick(choice, t => sizeOf(t.shape) <= MOST) ?? []);

const rowFact = ({ value, ...rest }: Fact, i: number): Fact => {
  const [, ...shape] = value.shape,
    size = sizeOf(shape);
  return factOf({ shape, dtype: value.dtype, data: value.data.slice(i * size, (i + 1) * size) }, rest.error, rest.grid);
};

function factOf(value: HostArray, error: number, grid: number | undefined): Fact {
  const sizes = Array.from(value.data, Math.abs);
  return { value, error, grid, high: Math.max(0, ...sizes), low: Math.min(Infinity, ...sizes) };
}

/** Facts of the rows as those of one array. */
function stacked(rows: readonly Fact[]): Fact {
  const [{ value }] = rows,
    data = allocate({ shape: [rows.length, ...value.shape], dtype: value.dtype });
  rows.forEach((row, i) => data.set(row.value.data, i * row.value.data.length));
  const grids = rows.map(({ grid }) => grid);
  return factOf(
    { shape: [rows.length, ...value.shape], dtype: value.dtype, data },
    Math.max(...rows.map(({ error }) => error)),
    grids.includes(undefined) ? undefined : Math.min(...(grids as number[])),
  );
}

/** Adds nodes for some of the results of up to four axes, in any order, if all of them are tame. */
function addResults(draft: Draft, step: Step, facts: readonly Fact[], add: (result: number, fact: Fact) => void): void {
  const chosen = facts.map((_, i) => i).filter(i => step.p[i % 8] % 3 > 0 && facts[i].value.shape.length <= 4);
  if (step.p[6] % 2 === 1) chosen.reverse();
  if (chosen.every(i => draft.isTame(facts[i]))) for (const i of chosen) add(i, facts[i]);
}

/** Rows of x for so many steps. */
function cutRows(draft: Draft, x: number, start: number, length: number): number {
  const [rows, ...rest] = draft.type(x).shape;
  if (rows === length) return x;
  return draft.moved("slice", x, [length, ...rest], { start: [start, ...rest.map(() => 0)], stride: [1, ...rest.map(() => 1)] });
}

/** A loop of steps that are drawn as programs are; it is as long as its recipe gives one and the same step on the numbers that come about. */
const scan =
  (moves: readonly Move[]): Move =>
  (draft, step) => {
    const { p } = step,
      first = p[0] % 4 === 0 ? undefined : draft.pick(step.a, t => t.shape.length > 0 && t.shape[0] > 0 && sizeOf(t.shape) <= MOST),
      wide = first === undefined ? 1 + (p[1] % MOST_STEPS) : Math.min(MOST_STEPS, draft.type(first).shape[0]);
    const xs = first === undefined ? [] : [cutRows(draft, first, 0, wide)];
    if (p[2] % 3 === 0)
      for (const more of some(draft, [step.c])) {
        const [, ...row] = draft.type(more).shape;
        xs.push(draft.fit(more, [wide, ...row]));
      }
    const constants = some(draft, [step.c, step.b + 1].slice(0, p[3] % 3)),
      carry = some(draft, [step.b, step.a + 1].slice(0, p[4] % 3)),
      reverse = p[5] % 2 === 1;
    // A step that is made of nothing gives rows that need no loop.
    if (constants.length + carry.length + xs.length === 0) return;
    const wanted = carry.map(c => draft.type(c)),
      recipe = { moves, seed: seedOf(draft, step), size: 1 + (p[6] % 5), wanted, free: p[7] % 3 };
    const steps: { readonly before: readonly Fact[]; readonly body: Body }[] = [];
    let state = carry.map(c => draft.facts[c]);
    for (let s = 0; s < wide; s++) {
      const row = rowOf({ length: wide, reverse }, s),
        body = writeBody(draft, recipe, [...constants.map(c => draft.facts[c]), ...state, ...xs.map(x => rowFact(draft.facts[x], row))]);
      if (s > 0 && body.key !== steps[0].body.key) break;
      steps.push({ before: state, body });
      state = body.outputs.slice(0, carry.length);
    }
    const length = steps.length,
      params: Omit<Scan, "result"> = {
        body: steps[0].body.program,
        constants: constants.length,
        carry: carry.length,
        length,
        reverse,
        every: 1 + (p[1] % 3),
      };
    const start = reverse ? wide - length : 0,
      operands = [...constants, ...carry, ...xs.map(x => cutRows(draft, x, start, length))];
    const ys = Array.from({ length: recipe.free }, (_, k) =>
        inRows(
          length,
          s => rowOf(params, s),
          s => steps[s].body.outputs[carry.length + k],
        ),
      ),
      histories = carry.map((_, k) =>
        inRows(
          historyRows(params),
          r => historyRowOf(params, r * params.every)!,
          r => steps[r * params.every].before[k],
        ),
      );
    addResults(draft, step, [...state, ...ys, ...histories], (result, fact) => draft.result("scan", operands, { ...params, result }, fact));
  };

/** Some facts, each in a row of its own. */
function inRows(count: number, rowAt: (i: number) => number, fact: (i: number) => Fact): Fact {
  const rows: Fact[] = [];
  for (let i = 0; i < count; i++) rows[rowAt(i)] = fact(i);
  return stacked(rows);
}

/** A choice between two programs that are drawn as programs are. */
const cond =
  (moves: readonly Move[]): Move =>
  (draft, step) => {
    const { p } = step,
      pred = draft.fit(condition(draft, step), []),
      inputs = some(draft, [step.a, step.b, step.c].slice(0, p[1] % 4)),
      facts = inputs.map(x => draft.facts[x]);
    const seed = seedOf(draft, step),
      size = 1 + (p[2] % 4),
      onTrue = writeBody(draft, { moves, seed, size, wanted: [], free: 1 + (p[7] % 2) }, facts),
      wanted = onTrue.outputs.map(({ value: { shape, dtype } }) => ({ shape, dtype })),
      onFalse = writeBody(draft, { moves, seed: seed + 1, size, wanted, free: 0 }, facts);
    const ways: { readonly onTrue: Program; readonly onFalse: Program } = { onTrue: onTrue.program, onFalse: onFalse.program },
      taken = draft.facts[pred].value.data[0] === 0 ? onFalse : onTrue;
    addResults(draft, step, taken.outputs, (result, fact) => draft.result("cond", [pred, ...inputs], { ...ways, result }, fact));
  };

/** Loops and choices whose steps are made by some moves. */
export const loopMoves = (moves: readonly Move[]): readonly Move[] => [scan(moves), scan(moves), scan(moves), cond(moves), cond(moves)];
