import type { OptionValues } from "../option.js";
import { divergenceProblem, objective, tradeOffProblem } from "./family.js";
import type { DivergenceProblem, InnerLoop, ScalarProblem } from "./family.js";
import type { Starts } from "./problem.js";

/** The options of the toy problem; `gap` belongs to the divergence problem, `rate` to the trade-off one. */
export interface ToyOptions extends OptionValues {
  readonly variant: "divergence" | "trade-off";
  readonly gap: number;
  readonly rate: number;
}

/** One of the two problems of the method's section 6. */
export interface Variant {
  readonly scalar: ScalarProblem;
  readonly starts: Starts;
  /** The θ at which first-order descent stops, if there is a closed form. */
  readonly divergence?: DivergenceProblem;
  /** The tasks and the loop in a line each. */
  readonly protocol: readonly string[];
}

/** A number as the protocol shows it. */
export const digits = (x: number, n = 6): string => String(Number(x.toPrecision(n)));

const shown = ({ tasks, loop }: ScalarProblem): string[] => [
  `two equally likely tasks, f of a = ${tasks.map(t => t.a).join(" and ")}, b = ${tasks.map(t => digits(t.b)).join(" and ")}, A = ${digits(tasks[0].width)}; one task an outer step`,
  `L_in = L_out = f, V(θ) = θ, α = ${loop.rate}`,
];

/** The problem that options ask for. */
export function variantOf({ variant, gap, rate }: ToyOptions): Variant {
  if (variant === "trade-off") {
    const scalar = tradeOffProblem(rate);
    return { scalar, starts: { low: -50, high: 50 }, protocol: [...shown(scalar), "θ₀ uniform in [−50, 50] by seed"] };
  }
  const divergence = divergenceProblem(gap);
  return {
    scalar: divergence,
    starts: { low: -10, high: 30 },
    divergence,
    protocol: [
      ...shown(divergence),
      `θ₀ uniform in [−10, 30] by seed; made for r = ${divergence.loop.steps}, where first-order stops at θ = ${digits(divergence.firstOrderFixedPoint)} with |∇M| = √(2·${gap}) = ${digits(divergence.gradientNormThere, 4)}`,
    ],
  };
}

/** Where ∇M(θ), exact or first-order, changes sign between `low` and `high`; undefined if it does not. */
export function stationaryPoint(
  { tasks }: ScalarProblem,
  loop: InnerLoop,
  kind: "exact" | "firstOrder",
  { low, high }: Starts,
): number | undefined {
  const slope = (theta: number) => objective(tasks, theta, loop)[kind];
  let [left, right] = [low, high];
  if (slope(left) > 0 || slope(right) < 0) return undefined;
  for (let i = 0; i < 200; i++) {
    const middle = (left + right) / 2;
    if (slope(middle) < 0) left = middle;
    else right = middle;
  }
  return (left + right) / 2;
}
