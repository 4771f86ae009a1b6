import type { Diagnosis, HostTree, Quantity } from "ufom";
import { leastProducts } from "ufom/internal/core/diagnosis/along-loop";
import { leavesWithPaths } from "ufom/internal/core/trees/host-tree";
import type { Table } from "./problems/figure.js";
import { bytes, duration, short, whole } from "./report/format.js";

/** θ of at most so many numbers is written out. */
const smallTheta = 64;

/** Small θ by leaf; nothing of a large one. */
function written(theta: HostTree): Record<string, number[]> | undefined {
  const leaves = leavesWithPaths(theta);
  const size = leaves.reduce((sum, [, { data }]) => sum + data.length, 0);
  return size > smallTheta ? undefined : Object.fromEntries(leaves.map(([path, { data }]) => [path, [...data]]));
}

/** What `--json` prints, and result.json holds. */
export function diagnosisJson(problem: string, { points, ...diagnosis }: Diagnosis, folder: string) {
  return {
    problem,
    ...diagnosis,
    points: points.map(({ theta, ...point }) => {
      const numbers = written(theta);
      return { ...point, ...(numbers === undefined ? {} : { theta: numbers }) };
    }),
    folder,
  };
}

/** Three digits, short enough for a table. */
const digits = (x: number): string => {
  if (Number.isNaN(x)) return "?";
  const size = Math.abs(x);
  return size !== 0 && (size >= 1e5 || size < 1e-3)
    ? x.toExponential(1).replace("e+", "e")
    : String(Number(x.toPrecision(size < 1 ? 2 : 3)));
};

/** `0.36 (0.33–0.41)`; the value alone where its interval is as narrow as its digits. */
export function interval({ value, low, high }: Quantity): string {
  const [v, l, h] = [value, low, high].map(digits);
  return l === h ? v : `${v} (${l}–${h})`;
}

const seconds = (quantity: Quantity | undefined): string => {
  if (quantity === undefined) return "";
  const { value } = quantity;
  return value >= 0.1
    ? duration(value)
    : value >= 1e-3
      ? `${short(Number((1e3 * value).toPrecision(3)))} ms`
      : `${short(Number((1e6 * value).toPrecision(2)))} µs`;
};

/** How far the candidates are from the exact gradient. */
function candidateTable({ candidates, biased, tasks, points, resampled, v2, gradient }: Diagnosis): Table {
  const where = `${points.length} θ after ${points.map(({ step }) => step).join(", ")} outer steps`;
  return {
    title: "Beside the exact gradient",
    columns: ["gradient", "D²/V²", "bias", "cosine", "ρ", "c*", "cost"],
    rows: candidates.map(({ name, ratio, bias, cosine, rho, scale }) => [
      name,
      ...[ratio, bias, cosine, rho, scale].map(interval),
      digits(biased.find(one => one.estimator === name)?.cost ?? 0),
    ]),
    note: `V² = ${interval(v2)}, ‖∇M‖ = ${interval(gradient)}; ${whole(tasks)} ${tasks === 1 ? "task" : "tasks"} at each of ${where}; in brackets 95 %, of other ${resampled === "tasks" ? "tasks" : "θ of the run"}. The cost is that of an estimate, as a part of an exact one's.`,
  };
}

/** D²/V² along the run. */
function pointTable({ points }: Diagnosis): Table[] {
  if (points.length < 2) return [];
  const names = points[0].candidates.map(({ name }) => name).filter(name => name !== "zero");
  return [
    {
      title: "Along the run: D²/V²",
      columns: ["after", "V²", "‖∇M‖", ...names],
      rows: points.map(({ step, v2, gradient, candidates }) => [
        whole(step),
        interval(v2),
        interval(gradient),
        ...names.map(name => interval(candidates.find(one => one.name === name)!.ratio)),
      ]),
    },
  ];
}

/** What the parts of a gradient cost. */
function costTable({ costs, baseline, memory }: Diagnosis): Table {
  const { seconds: clock } = costs,
    row = (what: string, work: number, time: Quantity | undefined, held = ""): string[] => [what, digits(work), seconds(time), held],
    held = new Map(
      memory.strategies.map(({ estimator, states, bytes: of, fits }) => [
        estimator,
        `${whole(states)} states, ${bytes(of)}${fits ? "" : ": does not fit"}`,
      ]),
    );
  return {
    title: "Costs",
    columns: ["", "in inner steps", "by the clock", "held"],
    rows: [
      row("inner step", 1, clock?.step),
      row("product", costs.product, clock?.product),
      row("outer gradient", costs.outer, clock?.outer),
      row(`C_det: ${baseline}`, costs.det, clock?.det),
      ...Object.entries(costs.rnd).map(([kind, work], i) =>
        row(`C_rnd: exact beside it, ${kind}`, work, clock?.rnd[kind], held.get(memory.strategies[i].estimator)),
      ),
    ],
    note: `${bytes(memory.room)} are there for states. Counted from the programs, and measured as whole estimates on this machine.`,
  };
}

/** What is predicted of unbiased gradients. */
function predictionTable({ predictions }: Diagnosis): Table {
  const possible = predictions.filter(({ fits }) => fits).sort((a, b) => a.time["1"].value - b.time["1"].value),
    timed = possible.some(({ clock }) => clock);
  return {
    title: "Predicted time to equal accuracy, as a part of the cheapest exact gradient's",
    columns: ["estimator", "states", "q*", "p = ½", "p = 1", "p = 2", ...(timed ? ["p = 1, by the clock"] : [])],
    rows: possible.map(({ estimator, states, q, products, time, clock }) => [
      estimator,
      whole(states),
      products ? `${interval(products)} products` : q === undefined ? "" : interval(q["1"]),
      interval(time["0.5"]),
      interval(time["1"]),
      interval(time["2"]),
      ...(timed ? [clock ? interval(clock["1"]) : ""] : []),
    ]),
    note: "Costs are counted, and by the clock besides. Iterations grow as the second moment to the power p: 1 with a constant or tuned outer step, 2 with one that falls as k^−½ untuned. q* is for p = 1.",
  };
}

/** What inner steps do to the gradient. */
function loopTable({ loop, innerSteps }: Diagnosis, least: number): Table[] {
  if (loop.length === 0) return [];
  return [
    {
      title: "Along the inner loop",
      columns: ["step", "α λ_max", "a_j²/V²"],
      rows: loop.map(({ step, curvature, dropped }) => [`${step} of ${innerSteps}`, interval(curvature), interval(dropped)]),
      note: `α λ_max: the largest |eigenvalue| of α ∂²L_in/∂φ², with the smallest and the largest over tasks and θ. a_j²: how far the gradient moves if the products of that step are left out. One coin a step wants p_j ≥ α_j λ_max,j: ${digits(100 * least)} % of the products at least.`,
    },
  ];
}

/** Whether φ_r answers steadily to θ. */
function smoothTable({ metasmoothness: found }: Diagnosis): Table[] {
  if (found === undefined) return [];
  return [
    {
      title: "Metasmoothness",
      columns: ["Ŝ", "h", "draws"],
      rows: [[interval(found), digits(found.h), whole(found.draws)]],
      note: "How far each number of φ_r keeps its direction as θ moves by h and by 2h of its size in a random direction, weighted by how far it moves: 1 is smooth; near 0 or below, a step along a gradient may find another one. Engstrom et al. 2025, definition 2.",
    },
  ];
}

/** The tables of a diagnosis. */
export const diagnosisTables = (diagnosis: Diagnosis): Table[] => [
  candidateTable(diagnosis),
  ...pointTable(diagnosis),
  ...loopTable(diagnosis, leastProducts(diagnosis.loop)),
  ...smoothTable(diagnosis),
  costTable(diagnosis),
  predictionTable(diagnosis),
];
