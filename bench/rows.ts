// The rows of `npm run bench`, in the order and the tables of docs/performance.md.
import { caseOf, rowName, type Work } from "./cases.js";
import type { RowSpec } from "./measure.js";
import * as works from "./works.js";

/** A row that is measured if it is asked for: its numbers are written then. */
export interface RowPlan {
  readonly name: string;
  /** The work, of which there are rows of several r and estimators. */
  readonly group: string;
  /** Whether it is one of the few of `--quick`. */
  readonly quick: boolean;
  spec(folder: string): RowSpec;
}

export interface TableSpec {
  readonly title: string;
  readonly rows: readonly RowPlan[];
}

const kinds = ["first-order", "exact"] as const;
const plural = (n: number, one: string) => `${n} ${one}${n > 1 ? "s" : ""}`;

/** MLPs of about 10³, 10⁴, … parameters. */
const sizes: readonly (readonly [name: string, widths: readonly number[]])[] = [
  ["10³", [16, 24, 16, 10]],
  ["10⁴", [64, 80, 48, 10]],
  ["10⁵", [196, 256, 160, 10]],
  ["10⁶", [784, 800, 450, 10]],
  ["10⁷", [784, 3000, 2500, 10]],
];

interface Plan {
  readonly steps: readonly number[];
  readonly estimators?: readonly string[];
  readonly cores?: RowSpec["cores"];
  readonly quick?: (r: number, estimator: string) => boolean;
}

function rows(
  name: string,
  make: (folder: string) => Work,
  { steps, estimators = kinds, cores = "one", quick = (_, e) => e === "exact" }: Plan,
): RowPlan[] {
  return steps.flatMap(r =>
    estimators.map(estimator => ({
      name: rowName(name, r, estimator),
      group: name,
      quick: quick(r, estimator),
      spec: (folder: string) => ({ case: caseOf(make(folder), name, r, estimator), cores }),
    })),
  );
}

export const tables: readonly TableSpec[] = [
  {
    title: "A small network",
    rows: [1, 25, 100].flatMap(tasks =>
      rows(`sinusoid, ${plural(tasks, "task")}`, f => works.sinusoid(f, tasks), {
        steps: tasks === 100 ? [10] : [1, 10, 50],
        quick: r => r === 10 && tasks < 100,
      }),
    ),
  },
  {
    title: "Larger models",
    rows: [
      ...rows("MLP 784-256-128-10, batch 100", f => works.mlp(f, [784, 256, 128, 10], 100), {
        steps: [10, 50],
        quick: (r, e) => r === 10 && e === "exact",
      }),
      ...rows("distillation, 100 × 784", f => works.distillation(f, 100, 1000), { steps: [30], estimators: ["exact"] }),
      ...rows("hyper-cleaning, 5000 + 5000 images", f => works.hyperCleaning(f, 5000), {
        steps: [20],
        estimators: ["first-order:mixed", "exact"],
      }),
      ...rows("transformer block, 8 × 32 × 64", f => works.attention(f, 8, 32, 64, 4), { steps: [10] }),
      ...rows("GRU, 25 time steps", f => works.gru(f, 25), { steps: [5], quick: (_, e) => e !== "exact" }),
      ...rows("GRU, 100 time steps", f => works.gru(f, 100), { steps: [5], estimators: ["exact"], quick: () => false }),
      ...rows("GRU, 400 time steps", f => works.gru(f, 400), { steps: [5], estimators: ["exact"], quick: () => false }),
    ],
  },
  {
    title: "Convolutions, all cores",
    rows: [1, 4].flatMap(tasks =>
      [5, 20].flatMap(ways =>
        rows(`Conv4, ${ways}-way, ${plural(tasks, "task")}`, f => works.conv4(f, ways, tasks), {
          steps: [1, 10, 50],
          cores: "all",
          quick: (r, e) => r === 10 && e === "exact" && ways === 5,
        }),
      ),
    ),
  },
  {
    title: "Parameters",
    rows: sizes.flatMap(([name, widths]) =>
      rows(`MLP of ${name} parameters, batch 32`, f => works.mlp(f, widths, 32), {
        steps: [5],
        estimators: ["exact"],
        quick: () => name === "10³" || name === "10⁵",
      }),
    ),
  },
];
