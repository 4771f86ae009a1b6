import type { Chart, Mark, Series } from "../problems/figure.js";
import { short } from "./format.js";

/** Fewer points have no spikes among them. */
const fewest = 10;
/** The share of points, at each end of their order, of which an axis may leave some out. */
const share = 0.02;
/** How far beyond the others a spike is, in ranges of the others. */
const far = 2;

/** What lies within: the least and the greatest of points that are no spikes. */
export interface Extent {
  readonly low: number;
  readonly high: number;
}

type Scale = (y: number) => number;

/** Points of a series that stand out of all: neither where it begins nor where it ends, so that a descent and an explosion are seen. */
function spikesOf({ points }: Series, low: number, high: number, scale: Scale): Set<number> {
  const outside = points.map(([, y]) => scale(y) < low || scale(y) > high);
  const first = outside.indexOf(false);
  const last = outside.lastIndexOf(false);
  return new Set(outside.flatMap((out, i) => (out && i > first && i < last ? [i] : [])));
}

/**
 * The extent of the y axis without single spikes: points that lie by more than twice the range of the middle 96 % beyond it.
 * @returns undefined if there is nothing to draw
 */
export function extentOf(series: readonly Series[], log = false): Extent | undefined {
  const scale: Scale = log ? Math.log10 : y => y;
  const values = series.flatMap(({ points }) => points.map(([, y]) => y).filter(y => Number.isFinite(scale(y)))).sort((a, b) => a - b);
  if (values.length === 0) return undefined;
  const all = { low: values[0], high: values[values.length - 1] };
  if (values.length < fewest) return all;
  const cut = Math.max(1, Math.floor(share * values.length));
  const [from, to] = [scale(values[cut]), scale(values[values.length - 1 - cut])];
  const range = Math.max(to - from, 1e-3 * Math.abs(to), Number.MIN_VALUE);
  const kept = series.flatMap(s => {
    const spikes = spikesOf(s, from - far * range, to + far * range, scale);
    return s.points.flatMap(([, y], i) => (spikes.has(i) || !Number.isFinite(scale(y)) ? [] : [y]));
  });
  return kept.reduce((e, y) => ({ low: Math.min(e.low, y), high: Math.max(e.high, y) }), { low: Infinity, high: -Infinity });
}

/** An extent with some room at both ends. */
function roomy({ low, high }: Extent, log: boolean): Extent {
  if (log) {
    const room = (high / low) ** 0.05;
    return { low: low / room, high: high * room };
  }
  const room = 0.05 * (high - low);
  return { low: low >= 0 && low < room ? 0 : low - room, high: high + room };
}

/** A chart whose y axis leaves single spikes out; they are marked at its border, and the caption says how far they go. */
export function withoutSpikes(chart: Chart): Chart {
  const { series, y } = chart;
  const log = y.scale === "log";
  const extent = extentOf(series, log);
  if (extent === undefined || y.min !== undefined || y.max !== undefined) return chart;
  const drawn = series.flatMap(({ points }) => points.filter(([, v]) => Number.isFinite(v) && (!log || v > 0)));
  const above = drawn.filter(([, v]) => v > extent.high);
  const below = drawn.filter(([, v]) => v < extent.low);
  if (above.length + below.length === 0) return chart;
  const { low, high } = roomy(extent, log);
  const lie = (n: number) => (n === 1 ? "1 point lies" : `${n} points lie`);
  const border = (kind: "above" | "below", out: typeof drawn, farthest: number, at: number) => ({
    marks: out.map(([x, v]): Mark => ({ kind, x, y: at, label: v === farthest ? short(v) : "" })),
    text: out.length === 0 ? "" : `${lie(out.length)} ${kind} the axis, as far as ${short(farthest)}.`,
  });
  const up = border("above", above, Math.max(...above.map(([, v]) => v)), high);
  const down = border("below", below, Math.min(...below.map(([, v]) => v)), low);
  return {
    ...chart,
    caption: [chart.caption, up.text, down.text].filter(Boolean).join(" "),
    y: { ...y, ...(above.length > 0 ? { max: high } : {}), ...(below.length > 0 ? { min: low } : {}) },
    marks: [...(chart.marks ?? []), ...up.marks, ...down.marks],
  };
}
