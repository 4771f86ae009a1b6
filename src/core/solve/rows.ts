import type { Awaitable } from "../../executors/executor.js";
import type { Data } from "../estimators/estimator.js";
import type { Draw, Draws } from "./draws.js";
import type { Limits, Spent } from "./limits.js";
import type { OuterLoop } from "./outer-loop.js";
import type { RowReport } from "./step-report.js";

/** Steps that are run as one routine. */
export interface Row {
  readonly report: Awaitable<RowReport>;
  readonly draws: readonly Draw[];
}

/** Outer steps in a row, where nobody looks in between. */
export class Rows {
  constructor(
    private readonly loop: OuterLoop,
    private readonly draws: Draws,
    private readonly limits: Limits,
  ) {}

  /**
   * Starts as many steps as come before the end of the budget; at most so many.
   *
   * @param first what the first of them draws
   * @param state what the estimator knows
   * @returns nothing where two or more cannot be one routine
   */
  start(spent: Spent, first: Draw, state: Data, most: number): Row | undefined {
    const drawn = this.draws.row(spent.index + 1, first, state, most),
      row = this.#cut(spent, drawn);
    this.draws.back(drawn.slice(Math.max(1, row.length)));
    return row.length < 2 ? undefined : { report: this.loop.row(row), draws: row };
  }

  /** The steps before the end of the budget, if they can be one routine; the loop is told their pace. */
  #cut(spent: Spent, drawn: readonly Draw[]): readonly Draw[] {
    const { loop, limits } = this,
      countsOf = loop.countsInRow(drawn);
    if (!countsOf) return [];
    const choices = drawn.map(draw => draw.choices),
      n = limits.within(spent, choices, countsOf),
      row = drawn.slice(0, n);
    if (!loop.asksShare || n < 2) return row;
    const pace = limits.paceOfRow(spent, choices.slice(0, n), countsOf);
    if (!pace) return [];
    loop.goAt(pace);
    return row;
  }
}
