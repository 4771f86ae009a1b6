import type { Chart, Table } from "../figure.js";
import type { RunRecord } from "../problem-entry.js";
import { objective } from "./family.js";
import type { Variant } from "./variants.js";
import { digits, stationaryPoint } from "./variants.js";

/** The point that a run ended at, beside the stationary points that are known in closed form. */
export function runTables({ scalar, starts }: Variant, { estimator, metrics, innerSteps }: RunRecord): readonly Table[] {
  const loop = { rate: scalar.loop.rate, steps: innerSteps };
  const wide = { low: starts.low - 100, high: starts.high + 100 };
  const norm = (theta: number): number => Math.abs(objective(scalar.tasks, theta, loop).exact);
  // Bisection stops at the neighbouring number: what is left there is rounding.
  const row = (name: string, theta: number | undefined): string[][] =>
    theta === undefined ? [] : [[name, digits(theta), norm(theta) < 1e-12 ? "0" : digits(norm(theta), 4)]];
  return [
    {
      columns: ["", "θ", "true |∇M|"],
      rows: [
        [`${estimator}, at the end`, digits(metrics.theta), digits(metrics.gradientNorm, 4)],
        ...row("where ∇M is zero", stationaryPoint(scalar, loop, "exact", wide)),
        ...row("where the first-order gradient is zero", stationaryPoint(scalar, loop, "firstOrder", wide)),
      ],
    },
  ];
}

const points = 241;

/** ∇M and the mean first-order gradient over the range of the starts, and where the run ended. */
export function runFigures({ scalar, starts }: Variant, { estimator, metrics, innerSteps }: RunRecord): readonly Chart[] {
  const at = (theta: number) => objective(scalar.tasks, theta, { rate: scalar.loop.rate, steps: innerSteps });
  const grid = Array.from({ length: points }, (_, i) => starts.low + ((starts.high - starts.low) * i) / (points - 1));
  const line = (kind: "exact" | "firstOrder") => grid.map(theta => [theta, at(theta)[kind]] as const);
  return [
    {
      kind: "chart",
      title: "The true gradient and the first-order one",
      caption: "First-order descent stops where its own line crosses zero, which is not where ∇M does.",
      x: { label: "θ" },
      y: { label: "gradient" },
      series: [
        { name: "∇M", points: line("exact") },
        { name: "first-order", points: line("firstOrder") },
        {
          name: `${estimator}, at the end`,
          style: "points",
          points: [[metrics.theta, at(metrics.theta).exact]],
        },
      ],
      levels: [{ label: "0", y: 0 }],
    },
  ];
}
