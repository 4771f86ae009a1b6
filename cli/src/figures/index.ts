import { nearest } from "ufom/internal/tensor/nearest";
import { UsageError } from "../failure.js";
import type { PaperFigure } from "./figure.js";

/** The figures by their names, loaded when they are made. */
const figures: Readonly<Record<string, { readonly summary: string; load(): Promise<{ readonly default: PaperFigure }> }>> = {
  objective: { summary: "two tasks, their outer objective, and where first-order and UFOM end", load: () => import("./objective.js") },
  convergence: {
    summary: "|∇M| against outer steps: first-order settles where it is not 0, UFOM goes to 0",
    load: () => import("./convergence.js"),
  },
  "trade-off": { summary: "D², V² and the best q against α: theory beside experiment", load: () => import("./trade-off.js") },
  time: { summary: "|∇M| against gradient evaluations for q = 0, q* and 1", load: () => import("./time.js") },
  "bias-bound": {
    summary: "the bound on first-order's bias beside the bias that is there, against α and r",
    load: () => import("./bias-bound.js"),
  },
  variance: { summary: "variance at equal products: one coin for a sweep, and a coin a step", load: () => import("./variance.js") },
};

export const figureNames: readonly string[] = Object.keys(figures);

/** What there is. */
export const figureSummaries: readonly (readonly [name: string, summary: string])[] = Object.entries(figures).map(([name, { summary }]) => [
  name,
  summary,
]);

/** @throws UsageError if there is no figure of that name */
export async function loadFigure(name: string): Promise<PaperFigure> {
  if (!Object.hasOwn(figures, name)) {
    const near = nearest(name, figureNames);
    throw new UsageError(
      `ufom: figure must be one of ${figureNames.join(", ")}; received ${JSON.stringify(name)}${near === undefined ? "" : ` (did you mean ${near}?)`}.`,
    );
  }
  return (await figures[name].load()).default;
}
