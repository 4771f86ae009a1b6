import type { HostArray } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import { addCounts, evaluations } from "../counts.js";
import type { Choice } from "../estimators/estimator.js";
import { paceType } from "../outer/outer-programs.js";
import type { Budget } from "./options.js";

/** a, b and c: after k outer steps, min((a + b·k)/c, 1) of the run is done. */
export type Pace = readonly [a: number, b: number, c: number];

/** A pace as an array. */
export const paceOf = (pace: Pace): HostArray => ({ ...paceType, data: Float64Array.from(pace) });

/** What a run has done and spent. */
export interface Spent {
  readonly index: number;
  readonly counts: Counts;
  readonly charged: number;
  readonly seconds: number;
}

/** So many outer steps are no limit: the budget ends the run. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** How many tasks of a meta-batch had the target evaluated. */
export const exactDraws = (choices: readonly Choice[]): number => choices.reduce((n, { exact }) => n + Number(exact), 0);

/** What a step of these choices counts as. */
type CountsOf = (choices: readonly Choice[]) => Counts;

/** Where a run ends by itself, and how much of it is done. */
export class Limits {
  constructor(
    private readonly outerSteps: number,
    private readonly budget: Budget,
  ) {}

  /** What a step of these choices is charged. */
  chargeOf(choices: readonly Choice[]): number {
    const { charged } = this.budget;
    return charged ? choices.length * charged.always + exactDraws(choices) * (charged.exact ?? 0) : 0;
  }

  /** Whether what a step is charged depends on its coins. */
  get asksChance(): boolean {
    return (this.budget.charged?.exact ?? 0) > 0;
  }

  /**
   * Whether the budget is spent before the next step: that of seconds or evaluations, when as much or more was spent; that of charged evaluations,
   * when the next step would bring the sum farther from the total than it is. Of the step's coins only their probability counts: a run that ended
   * because they fell would leave such steps out.
   *
   * @param chance with which each task of the next step has its target evaluated
   */
  isSpent({ counts, charged, seconds }: Omit<Spent, "index">, tasks: number, chance: number): boolean {
    const { budget } = this;
    if (seconds >= (budget.seconds ?? Infinity) || evaluations(counts) >= (budget.evaluations ?? Infinity)) return true;
    if (!budget.charged) return false;
    const { total, always, exact = 0 } = budget.charged;
    return total - charged < (tasks * (always + chance * exact)) / 2;
  }

  /** How many steps of a row come before the end of the budget; at least one. */
  within(spent: Spent, row: readonly (readonly Choice[])[], countsOf: CountsOf): number {
    if (!this.#limitsWork) return row.length;
    let { counts: sum, charged } = spent;
    for (const [i, choices] of row.entries()) {
      sum = addCounts(sum, countsOf(choices));
      charged += this.chargeOf(choices);
      if (this.isSpent({ counts: sum, charged, seconds: spent.seconds }, choices.length, choices[0].probability)) return i + 1;
    }
    return row.length;
  }

  /** Whether only the clock says how much of the run is done. */
  get byClock(): boolean {
    return this.#paces(nothing, 0, 0).length === 0 && Number.isFinite(this.budget.seconds ?? Infinity);
  }

  /** The pace before a single step; nothing where nothing limits the run. */
  pace(spent: Spent): Pace | undefined {
    if (this.byClock) return [spent.seconds, 0, this.budget.seconds!];
    const paces = this.#paces(spent, 0, 0);
    return paces[leader(paces, spent.index)];
  }

  /** The pace of steps in a row; nothing where it is not the same from the first to the last, as they cost different amounts. */
  paceOfRow(spent: Spent, row: readonly (readonly Choice[])[], countsOf: CountsOf): Pace | undefined {
    if (!this.#limitsWork) return this.pace(spent);
    const [each, ...others] = row.map(choices => evaluations(countsOf(choices))),
      [charge, ...charges] = row.map(choices => this.chargeOf(choices));
    if (others.some(n => n !== each) || charges.some(n => n !== charge)) return undefined;
    const paces = this.#paces(spent, each, charge),
      lead = leader(paces, spent.index);
    return lead === leader(paces, spent.index + row.length - 1) ? paces[lead] : undefined;
  }

  /** Whether what steps cost may end the run. */
  get #limitsWork(): boolean {
    return this.budget.evaluations !== undefined || this.budget.charged !== undefined;
  }

  /**
   * How much of each limit is spent, if every step costs so much. Whole numbers are exact, so that a step has the bits of the same step in a row.
   */
  #paces({ index, counts, charged }: Spent, each: number, charge: number): Pace[] {
    const { outerSteps, budget } = this,
      through = (spent: number, cost: number, total: number | undefined): Pace[] =>
        Number.isFinite(total ?? Infinity) ? [[spent - cost * index, cost, total!]] : [];
    return [
      ...(outerSteps < UNLIMITED ? [[0, 1, outerSteps] as const] : []),
      ...through(evaluations(counts), each, budget.evaluations),
      ...through(charged, charge, budget.charged?.total),
    ];
  }
}

const nothing: Spent = { index: 0, counts: { step: 0, product: 0, outer: 0 }, charged: 0, seconds: 0 };

/** Which of several paces is farthest after k steps. */
function leader(paces: readonly Pace[], k: number): number {
  const shares = paces.map(([a, b, c]) => (a + b * k) / c);
  return shares.indexOf(Math.max(...shares));
}
