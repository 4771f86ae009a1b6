import { stream } from "ufom/internal/core/random/index";
import { knobNames, thetaAt, untuned, type KnobName } from "./knobs.js";
import type { Config, CrossValidated, Trainer } from "./trainer.js";

/** What a method found. */
export interface Found {
  readonly config: Config;
  /** Of the folds that it was looked for on. */
  readonly loss: number;
  /** Configurations that were tried. */
  readonly tried: number;
  /** The lowest loss so far, against the work spent. */
  readonly curve: readonly (readonly [work: number, loss: number])[];
  readonly outcome: "finished" | "budget" | "stopped" | "diverged";
}

/** How far a search may go, and who watches. */
export interface Limits {
  /** Work that it may spend, in inner steps on a fold. */
  readonly work: number;
  /** Whether its share of the time is over. */
  isOver(): boolean;
  readonly signal: AbortSignal;
  say(text: string): void;
}

/** What is searched by hand: one number for each knob, of which the class weights are rows^−power. */
export interface Point {
  /** For all groups, or one for each. */
  readonly penalties: number | readonly number[];
  readonly rate: number;
  readonly schedule: number;
  readonly smoothing: number;
  /** 0 for equal class weights, 1 for classes that count alike. */
  readonly balance: number;
}

/** Penalties that are searched, as exponents of ten: those of scikit-learn's `LogisticRegressionCV`. */
const exponents = { low: -4, high: 4 } as const;
const rates = { low: 0.1, high: 1.25 } as const;

/** Which knobs a point has something to say about. */
type Axis = keyof Point;
const axisOf: Readonly<Record<Exclude<KnobName, "length">, Axis>> = {
  penalties: "penalties",
  rate: "rate",
  schedule: "schedule",
  "class-weights": "balance",
  smoothing: "smoothing",
};

const plain: Point = { penalties: 1, rate: 1, schedule: 1, smoothing: 0, balance: 0 };

/** A point as θ. The length is not part of it: every training is looked at on the way, and the best look counts. */
function configOf(point: Point, trainer: Trainer, steps = trainer.shape.steps): Config {
  const { learned, sizes } = trainer.shape;
  const counts = new Float64Array(sizes["class-weights"]);
  for (const code of trainer.rows.codes) if (code < counts.length) counts[code]++;
  const weights = Array.from(counts, n => Math.max(1, n) ** -point.balance);
  const numbers = {
    ...{ penalties: point.penalties, rate: point.rate, schedule: point.schedule, length: untuned.length },
    ...{ "class-weights": weights, smoothing: point.smoothing },
  };
  return { theta: thetaAt(numbers, learned, sizes), steps, total: steps };
}

/** Numbers of steps after which a training is looked at: eighths of it. */
export const looksOf = (steps: number): number[] => [
  ...new Set(Array.from({ length: 8 }, (_, i) => Math.max(1, Math.round(((i + 1) * steps) / 8)))),
];

/** Where a training may end: its length is one of the knobs. */
const looksFor = ({ shape }: Trainer, steps: number): number[] => (shape.learned.includes("length") ? looksOf(steps) : [steps]);

const best = (found: readonly CrossValidated[]): CrossValidated => found.reduce((a, b) => (b.loss < a.loss ? b : a));

/** Tries points one after another, as far as the limits reach. */
class Search {
  found: { readonly config: Config; readonly loss: number } | undefined;
  tried = 0;
  outcome: Found["outcome"] = "finished";
  readonly curve: [number, number][] = [];
  readonly #from: number;

  constructor(
    readonly trainer: Trainer,
    readonly limits: Limits,
    readonly name: string,
  ) {
    this.#from = trainer.work;
  }

  /** Work that is left. */
  get left(): number {
    return this.limits.work - (this.trainer.work - this.#from);
  }

  /** The loss of a point; nothing if the limits are reached. */
  async try(point: Point, steps: number): Promise<number | undefined> {
    const { trainer, limits } = this;
    if (limits.signal.aborted) return this.#end("stopped");
    if (limits.isOver()) return this.#end("budget");
    const looks = looksFor(trainer, steps);
    // What is counted ends a search as it was planned; it is not an outcome of its own.
    if (this.tried > 0 && trainer.workOf(steps, looks.length) > this.left) return undefined;
    const config = configOf(point, trainer, steps);
    let looked: CrossValidated;
    try {
      looked = best(await trainer.crossValidate(config, looks, undefined, limits.signal));
    } catch (error) {
      if (!limits.signal.aborted) throw error;
      return this.#end("stopped");
    }
    this.tried++;
    if (this.found === undefined || looked.loss < this.found.loss)
      this.found = { config: { ...config, steps: looked.steps }, loss: looked.loss };
    this.curve.push([trainer.work - this.#from, this.found.loss]);
    limits.say(`${this.name}: ${this.tried} tried, loss ${this.found.loss.toPrecision(4)}`);
    return looked.loss;
  }

  #end(outcome: Found["outcome"]): undefined {
    this.outcome = outcome;
  }

  get result(): Found | undefined {
    const { found, tried, curve, outcome } = this;
    return found && { ...found, tried, curve, outcome };
  }
}

/** Axes that are searched: those of knobs that are learned. */
const axesOf = ({ shape: { learned, sizes } }: Trainer): Axis[] =>
  knobNames.flatMap(name => (name === "length" || !learned.includes(name) || sizes[name] === 0 ? [] : [axisOf[name]]));

/** n numbers of an axis, evenly apart as it is searched. */
function levels(axis: Axis, n: number): number[] {
  const at = (low: number, high: number): number[] =>
    Array.from({ length: n }, (_, i) => (n === 1 ? (low + high) / 2 : low + ((high - low) * i) / (n - 1)));
  switch (axis) {
    case "penalties":
      return at(exponents.low, exponents.high).map(e => 10 ** e);
    case "rate":
      return n === 1 ? [plain.rate] : at(Math.log(rates.low), Math.log(rates.high)).map(Math.exp);
    case "schedule":
      return n === 1 ? [plain.schedule] : at(0.1, 1);
    case "smoothing":
      return n === 1 ? [plain.smoothing] : at(0, 0.2);
    case "balance":
      return n === 1 ? [plain.balance] : at(0, 1);
  }
}

/** In this order an axis gets one more level, as far as the budget reaches: penalties matter most. */
const turns: readonly Axis[] = [
  "penalties",
  "penalties",
  "penalties",
  "rate",
  "penalties",
  "balance",
  "smoothing",
  "penalties",
  "schedule",
];

const penaltyAt = (share: number): number => 10 ** (exponents.low + (exponents.high - exponents.low) * share);

/** As many points of a grid as there is room for. */
export function gridOf(axes: readonly Axis[], most: number): Point[] {
  const sizes = new Map<Axis, number>(axes.map(axis => [axis, 1]));
  const count = () => [...sizes.values()].reduce((a, b) => a * b, 1);
  const turn = turns.filter(axis => sizes.has(axis));
  for (let refused = 0, i = 0; turn.length > 0 && refused < turn.length; i++) {
    const axis = turn[i % turn.length];
    sizes.set(axis, sizes.get(axis)! + 1);
    if (count() > most) {
      sizes.set(axis, sizes.get(axis)! - 1);
      refused++;
    } else refused = 0;
  }
  let points: Point[] = [plain];
  for (const [axis, n] of sizes) points = points.flatMap(point => levels(axis, n).map(x => ({ ...point, [axis]: x })));
  return points;
}

/** A point at random: penalties and rates evenly in their logarithms. */
export function randomPoint(axes: readonly Axis[], seed: number, purpose: string, index: number): Point {
  const random = stream(seed, `tuning ${purpose}`, index);
  const [u, v, w, x, y] = Array.from({ length: 5 }, () => random.next());
  const drawn: Point = {
    penalties: penaltyAt(u),
    rate: rates.low * (rates.high / rates.low) ** v,
    schedule: 0.1 + 0.9 * w,
    smoothing: 0.2 * x,
    balance: y,
  };
  return { ...plain, ...Object.fromEntries(axes.map(axis => [axis, drawn[axis]])) };
}

/** A grid over one penalty for all, rate, class weights, smoothing and schedule, as fine as the work allows. */
export async function gridSearch(trainer: Trainer, limits: Limits): Promise<Found | undefined> {
  const search = new Search(trainer, limits, "grid"),
    { steps } = trainer.shape,
    most = Math.floor(limits.work / trainer.workOf(steps, looksFor(trainer, steps).length));
  for (const point of gridOf(axesOf(trainer), Math.max(1, most))) if ((await search.try(point, steps)) === undefined) break;
  return search.result;
}

/** Points at random, as many as the work allows. @param each whether every group has a penalty of its own, drawn by itself */
export async function randomSearch(trainer: Trainer, limits: Limits, seed: number, each = false): Promise<Found | undefined> {
  const search = new Search(trainer, limits, each ? "random-each" : "random"),
    axes = axesOf(trainer),
    { sizes, steps } = trainer.shape,
    at = (i: number): Point => {
      const point = randomPoint(axes, seed, "random search", i);
      if (!each || !axes.includes("penalties")) return point;
      const random = stream(seed, "tuning penalties", i);
      return { ...point, penalties: Array.from({ length: sizes.penalties }, () => penaltyAt(random.next())) };
    };
  for (let i = 0; (await search.try(at(i), steps)) !== undefined; i++);
  return search.result;
}

/** Of the trainings of a rung, one in so many goes on. */
const eta = 3;

/**
 * Successive halving: many random points are trained for r/9 steps, the best third of them for r/3, the best third of these for r. Every rung begins anew, as
 * schedules are those of its length.
 *
 * Source: K. Jamieson, A. Talwalkar, Non-stochastic best arm identification and hyperparameter optimization, AISTATS 2016.
 */
export async function halvingSearch(trainer: Trainer, limits: Limits, seed: number): Promise<Found | undefined> {
  const search = new Search(trainer, limits, "halving"),
    axes = axesOf(trainer),
    { steps } = trainer.shape,
    rungs = [eta ** 2, eta, 1].map(part => Math.max(1, Math.round(steps / part))),
    of = (rung: number): number => trainer.workOf(rung, looksFor(trainer, rung).length),
    // With n points on the first rung the work is Σ n/ηⁱ of each rung's.
    count = Math.max(1, Math.floor(limits.work / rungs.reduce((sum, rung, i) => sum + of(rung) / eta ** i, 0)));
  let points = Array.from({ length: count }, (_, i) => randomPoint(axes, seed, "halving", i));
  for (const [i, rung] of rungs.entries()) {
    const judged: { readonly point: Point; readonly loss: number }[] = [];
    for (const point of points) {
      const loss = await search.try(point, rung);
      if (loss === undefined) break;
      judged.push({ point, loss });
    }
    if (i === rungs.length - 1 || judged.length < points.length) break;
    points = judged
      .toSorted((a, b) => a.loss - b.loss)
      .slice(0, Math.max(1, Math.floor(points.length / eta)))
      .map(({ point }) => point);
  }
  return search.result;
}
