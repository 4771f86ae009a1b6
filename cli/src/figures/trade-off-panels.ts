import type { Chart, Series } from "../problems/figure.js";
import { whole } from "../report/format.js";
import type { Moments } from "./trade-off-theory.js";

/** Moments over the range of the starts, and where ∇M = 0; one a rate. */
type ByPlace = Readonly<Record<"over" | "end", readonly Moments[]>>;

/** What the figure has as numbers, one a rate: its panels are drawn from these, as they are kept. */
export interface TradeOffNumbers {
  readonly rates: readonly number[];
  readonly probabilities: readonly number[];
  readonly theory: ByPlace;
  readonly measured: ByPlace;
  readonly best: Readonly<Record<"theoryEnd" | "theoryOver" | "theoryHalf" | "tried", readonly number[]>>;
  readonly costOverBest: Readonly<Record<"end" | "over" | "half", readonly number[]>>;
  /** By rate and probability, up to a factor. */
  readonly costs: readonly (readonly number[])[];
  /** p, measured. */
  readonly exponents: readonly number[];
}

const names = { end: "q* of the moments where ∇M = 0", over: "q* of those over the range", half: "the same with p = ½" } as const;
const groups = [
  ["V² over the range of the starts", 0, "over", "v2"],
  ["D² there", 1, "over", "d2"],
  ["V² where ∇M = 0", 2, "end", "v2"],
  ["D² there", 3, "end", "d2"],
] as const;

/** Second moments, the best q, and what q* costs, against α. */
export function panelsOf({ rates, probabilities, theory, measured, best, costOverBest }: TradeOffNumbers, starts: number): Chart[] {
  const x = { label: "inner step size α", scale: "log", min: rates[0], max: rates.at(-1)! } as const;
  const line = (name: string, place: number, values: readonly number[]): Series => ({
    name,
    place,
    points: rates.map((rate, i) => [rate, values[i]] as const),
  });
  const points = (name: string, place: number, values: readonly number[]): Series => ({ ...line(name, place, values), style: "points" });
  const moments = (of: ByPlace, where: keyof ByPlace, which: keyof Moments) => of[where].map(one => one[which]);
  return [
    {
      kind: "chart",
      title: "Second moments: closed forms as lines, measured as points",
      x,
      y: { label: "second moment", scale: "log" },
      // Points have the colours of their lines.
      series: groups.flatMap(([name, place, where, which]) => [
        line(name, place, moments(theory, where, which)),
        points("", place, moments(measured, where, which)),
      ]),
    },
    {
      kind: "chart",
      title: `The best q: theory, and the best of ${probabilities.length} tried with ${whole(starts)} starts each`,
      x,
      y: { label: "q", scale: "log" },
      series: [
        line(names.end, 2, best.theoryEnd),
        line(names.over, 0, best.theoryOver),
        line(names.half, 5, best.theoryHalf),
        points("best tried", 1, best.tried),
      ],
    },
    {
      kind: "chart",
      title: "What q* costs, over the cost of the best that was tried",
      x,
      y: { label: "cost over the best", min: 0.9 },
      series: [line(names.end, 2, costOverBest.end), line(names.over, 0, costOverBest.over), line(names.half, 5, costOverBest.half)],
      levels: [{ label: "10 % more", y: 1.1 }],
    },
  ];
}
