import { expectedCost } from "ufom";
import { short } from "../report/format.js";
import type { FigureContext, MadeFigure, PaperFigure } from "./figure.js";
import { rounded } from "./numbers.js";
import { endsOf, experiment, measuredMoments, probabilities, problemAt, rates, starts, startsAtRates } from "./trade-off-experiment.js";
import type { TradeOffNumbers } from "./trade-off-panels.js";
import { panelsOf } from "./trade-off-panels.js";
import type { Moments } from "./trade-off-theory.js";
import { bestProbability, costsOf, exponentOf, momentsAt, momentsOver, stationaryOf } from "./trade-off-theory.js";

const title = "D², V² and the best q against α";

const smallest = (values: readonly number[]): number => values.reduce((best, value, i) => (value < values[best] ? i : best), 0);

/** A cost between those of the probabilities that were tried: linear in the logarithms. */
function costAt(costs: readonly number[], q: number): number {
  const above = Math.max(
      1,
      probabilities.findIndex(tried => tried >= q),
    ),
    [x0, x1] = [Math.log(probabilities[above - 1]), Math.log(probabilities[above])],
    share = (Math.log(q) - x0) / (x1 - x0);
  return Math.exp((1 - share) * Math.log(costs[above - 1]) + share * Math.log(costs[above]));
}

async function make(context: FigureContext): Promise<MadeFigure> {
  const problems = rates.map(problemAt),
    theory = {
      over: problems.map(problem => momentsOver(problem, starts)),
      end: problems.map(problem => momentsAt(problem, stationaryOf(problem))),
    };
  const q = (where: "over" | "end", p: number) => problems.map((problem, i) => bestProbability(problem, theory[where][i], p)),
    byTheory = { end: q("end", 1), over: q("over", 1), half: q("over", 0.5) };
  const descents = await experiment(context),
    costs = descents.levels.map((row, r) => row.map((level, i) => expectedCost(costsOf(problems[r]), probabilities[i]) * level * level)),
    best = costs.map(smallest),
    excess = (chosen: readonly number[]) => costs.map((row, r) => costAt(row, chosen[r]) / row[best[r]]),
    ratios = { end: excess(byTheory.end), over: excess(byTheory.over), half: excess(byTheory.half) };
  const measured = {
    over: await measuredMoments(startsAtRates(context), context),
    end: await measuredMoments(endsOf(descents, best, context), context),
  };
  const bestTried = best.map(i => probabilities[i]);
  const found: Omit<TradeOffNumbers, "exponents"> = {
    rates: rates.map(rounded),
    probabilities: probabilities.map(rounded),
    theory: { over: theory.over.map(roundedMoments), end: theory.end.map(roundedMoments) },
    measured: { over: measured.over.map(roundedMoments), end: measured.end.map(roundedMoments) },
    best: {
      theoryEnd: byTheory.end.map(rounded),
      theoryOver: byTheory.over.map(rounded),
      theoryHalf: byTheory.half.map(rounded),
      tried: bestTried.map(rounded),
    },
    costOverBest: { end: ratios.end.map(rounded), over: ratios.over.map(rounded), half: ratios.half.map(rounded) },
    costs: costs.map(row => row.map(rounded)),
  };
  const numbers: TradeOffNumbers = { ...found, exponents: exponentsOf(found) };
  return {
    panels: panelsOf(numbers, context.starts),
    table: {
      columns: ["α", "D²/V²", "q*", "best tried", "cost at q*", "cost at q* of p = ½"],
      rows: rates.map((rate, r) =>
        [rate, theory.end[r].d2 / theory.end[r].v2, byTheory.end[r], bestTried[r], ratios.end[r], ratios.half[r]].map(value =>
          short(Number(value.toPrecision(3))),
        ),
      ),
      note: "Costs are evaluations to equal E|∇M|, over those of the best q that was tried.",
    },
    numbers: { ...numbers },
  };
}

/** p at each rate, over the probabilities from half of q* on: far below, a few starts that were thrown far away rule the mean. */
const exponentsOf = ({ rates: alphas, probabilities: qs, theory, best, costs }: Omit<TradeOffNumbers, "exponents">): number[] =>
  alphas.map((rate, r) => {
    const tried = qs.map((q, i) => ({ q, iterations: costs[r][i] / expectedCost(costsOf(problemAt(rate)), q) }));
    return rounded(
      exponentOf(
        theory.end[r],
        tried.filter(({ q }) => q >= best.theoryEnd[r] / 2),
      ),
    );
  });

const roundedMoments = ({ v2, d2 }: Moments): Moments => ({ v2: rounded(v2), d2: rounded(d2) });

export default { name: "trade-off", title, starts: 2000, make } satisfies PaperFigure;
