import type { Chart, Series } from "../problems/figure.js";
import type { RunRecord, StepRecord } from "../problems/problem-entry.js";
import { extentOf, withoutSpikes } from "./spikes.js";

type Point = readonly [x: number, y: number];

/** The most points of a line; more could not be seen. */
const cells = 160;

const evaluations = ({ counts }: StepRecord): number => counts.step + counts.product + counts.outer;

/** What a value is drawn against. */
export interface Work {
  readonly label: string;
  /** Nothing for a step of a run that does not count it. */
  of(step: StepRecord): number | undefined;
}

/** Our own count. */
export const counted: Work = { label: "evaluations (inner steps + products + outer gradients)", of: evaluations };
/** The count of a published protocol. */
export const charged: Work = { label: "charged evaluations", of: step => step.charged };
export const clock: Work = { label: "seconds", of: step => step.seconds };

/** What the steps of these runs are drawn against where there is one picture: as the budget counts. */
export const workOf = (runs: readonly RunRecord[]): Work =>
  runs.length > 0 && runs.every(({ charged: sum }) => sum !== undefined) ? charged : counted;

/** A value of each step against what was spent so far; steps that have no such value are left out. */
export const against = (steps: readonly StepRecord[], value: (step: StepRecord) => number | undefined, work = counted): Point[] =>
  steps.flatMap(step => {
    const [x, y] = [work.of(step), value(step)];
    return x === undefined || y === undefined || !Number.isFinite(y) ? [] : [[x, y] as const];
  });

/** Divides the range of x into cells of equal width, or of equal ratio on a logarithmic axis, and returns their borders. */
function borders(low: number, high: number, log: boolean): number[] {
  const at = (t: number) => (log ? low * (high / low) ** t : low + (high - low) * t);
  return Array.from({ length: cells + 1 }, (_, i) => at(i / cells));
}

/** The mean of each cell's points; a cell without points continues the one before. */
function cellMeans(points: readonly Point[], edges: readonly number[]): (number | undefined)[] {
  const means: (number | undefined)[] = [];
  let i = 0;
  for (let cell = 0; cell < cells; cell++) {
    let sum = 0;
    let n = 0;
    for (; i < points.length && (points[i][0] <= edges[cell + 1] || cell === cells - 1); i++, n++) sum += points[i][1];
    means.push(n > 0 ? sum / n : i < points.length ? means[cell - 1] : undefined);
  }
  return means;
}

/**
 * One line for several runs of one estimator: the mean over runs of each cell's mean, within a band from the smallest to
 * the largest. A single short run is drawn point by point.
 * @param options.together whether the line is only where all runs are: their ends lie apart in time, where a mean over fewer would jump
 */
export function averaged(name: string, runs: readonly (readonly Point[])[], { log = false, together = false } = {}): Series {
  const filled = runs.filter(points => points.length > 0);
  if (filled.length === 0) return { name, points: [] };
  if (filled.length === 1 && filled[0].length <= 2 * cells) return { name, points: filled[0] };
  const first = Math.min(...filled.map(points => points[0][0]));
  const last = Math.max(...filled.map(points => points[points.length - 1][0]));
  if (filled.every(points => points.length <= 2)) return { name, style: "points", points: filled.flat() };
  // By counts they end almost together, as the last steps differ in size.
  const all = together || filled.every(points => points[points.length - 1][0] >= last - (last - first) / 20);
  const edges = borders(log ? Math.max(first, 1e-300) : first, last, log);
  const means = filled.map(points => cellMeans(points, edges));
  const line: Point[] = [];
  const band: [number, number, number][] = [];
  for (let cell = 0; cell < cells; cell++) {
    const values = means.map(mean => mean[cell]).filter(y => y !== undefined);
    if (values.length === 0 || (all && values.length < filled.length)) continue;
    const x = edges[cell + 1];
    line.push([x, values.reduce((a, b) => a + b, 0) / values.length]);
    band.push([x, Math.min(...values), Math.max(...values)]);
  }
  // Runs so short that none lasts until the last has begun.
  if (together && line.length === 0) return averaged(name, runs, { log });
  return filled.length > 1 ? { name, points: line, band } : { name, points: line };
}

/** Whether a figure is better read with a logarithmic axis: all positive, over more than a factor of thirty, single spikes aside. */
function wantsLog(series: readonly Series[]): boolean {
  const extent = extentOf(series);
  const positive = series.every(({ points }) => points.every(([, y]) => y > 0));
  return extent !== undefined && positive && extent.high > 30 * extent.low;
}

/** How a chart against what was spent is drawn where it does not follow from its points. */
export interface ChartStyle {
  readonly scale?: "linear" | "log";
  readonly xScale?: "linear" | "log";
  readonly levels?: Chart["levels"];
  readonly marks?: Chart["marks"];
  readonly caption?: string;
  /** What it is drawn against; our own evaluations unless told. */
  readonly work?: Work;
  /** The names of all charts of a report, which give colours. */
  readonly names?: readonly string[];
}

/** A chart of lines against what was spent; its y axis is logarithmic where that helps, and leaves single spikes out. */
export function workChart(title: string, label: string, series: readonly Series[], rest: ChartStyle = {}): Chart {
  const { caption, levels, marks, work = counted } = rest;
  return withoutSpikes({
    kind: "chart",
    title,
    ...(caption === undefined ? {} : { caption }),
    x: { label: work.label, scale: rest.xScale ?? "linear" },
    y: { label, scale: rest.scale ?? (wantsLog(series) ? "log" : "linear") },
    series,
    ...(levels === undefined ? {} : { levels }),
    ...(marks === undefined ? {} : { marks }),
  });
}

/** A chart of a value of the steps against what was spent, one line for all runs of one name. */
export function stepChart(
  title: string,
  label: string,
  runs: readonly RunRecord[],
  value: (step: StepRecord) => number | undefined,
  rest: ChartStyle & { readonly nameOf?: (run: RunRecord) => string } = {},
): Chart {
  const { nameOf = run => run.estimator, work, names: all } = rest;
  const names = [...new Set(runs.map(nameOf))];
  const logX = rest.xScale === "log";
  const lines = (name: string) => {
    const own = runs.filter(run => nameOf(run) === name),
      // Runs that came to their end: where a budget of seconds ended them, that is after counts that differ.
      together = work === clock || own.every(({ outcome }) => outcome === "finished" || outcome === "budget");
    return averaged(
      name,
      own.map(run => against(run.steps, value, work)),
      { log: logX, together },
    );
  };
  return workChart(
    title,
    label,
    names.map(name => ({
      ...lines(name),
      ...(all === undefined ? {} : { place: all.indexOf(name) }),
    })),
    rest,
  );
}
