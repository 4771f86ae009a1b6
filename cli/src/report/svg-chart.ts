import type { Axis, Chart, Mark, Series } from "../problems/figure.js";
import { short } from "./format.js";

type ECharts = typeof import("echarts");
type Option = import("echarts").EChartsCoreOption;

/** How many colours there are; the page's style names them, for light and for dark. */
export const colours = 8;
export const colourOf = (i: number): string => `var(--c${i % colours})`;

const font = "inherit";
const ink = "var(--ink)";
const soft = "var(--soft)";
const faint = "var(--line)";
/** Longer names of axes are cut; the title above the chart has them in full. */
const longestName = { maxWidth: 220, ellipsis: "…" } as const;

/** echarts as one bundled file, which loads seven times as fast as its separate modules. */
const oneFile = "echarts/dist/echarts.esm.min";
let loaded: Promise<ECharts> | undefined;
const load = (): Promise<ECharts> => (loaded ??= import(oneFile) as Promise<ECharts>);

const drawable =
  (x: Axis, y: Axis) =>
  (point: readonly number[]): boolean =>
    point.every(Number.isFinite) && (x.scale !== "log" || point[0] > 0) && (y.scale !== "log" || point.slice(1).every(v => v > 0));

/** `12,000` and `3e-5`, short enough for an axis. */
export function tick(value: number, large = 1e7): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= large || size < 1e-3))
    return value.toExponential(Math.abs(Math.log10(size) % 1) < 1e-9 ? 0 : 1).replace("e+", "e");
  return Number(value.toPrecision(6)).toLocaleString("en-US", { maximumFractionDigits: 6 });
}

/** A number at the y axis, short enough for the room beside it. */
const shortTick = (value: number): string => (Math.abs(value) >= 1e5 ? tick(value, 1e5) : tick(value));

const axis = ({ label, scale = "linear", min, max }: Axis, vertical: boolean) => ({
  type: scale === "log" ? "log" : "value",
  name: label,
  nameLocation: "middle",
  nameGap: vertical ? 54 : 30,
  nameTruncate: vertical ? longestName : { ...longestName, maxWidth: 350 },
  nameTextStyle: { color: ink, fontSize: 12 },
  scale: true,
  ...(min === undefined ? {} : { min }),
  // The last point is at the right border, whatever round number would be next.
  ...(max !== undefined ? { max } : vertical || scale === "log" ? {} : { max: "dataMax" }),
  axisLabel: {
    color: ink,
    fontSize: 12,
    formatter: (value: number) => (vertical ? shortTick(value) : tick(value)),
    hideOverlap: true,
    // A border that is no round number is not labelled.
    ...((max === undefined) === vertical ? {} : { showMaxLabel: false }),
    ...(vertical && min !== undefined && min !== 0 ? { showMinLabel: false } : {}),
  },
  axisTick: { lineStyle: { color: soft } },
  axisLine: { show: true, onZero: false, lineStyle: { color: soft } },
  splitLine: { lineStyle: { color: faint } },
});

function band(series: Series, color: string, keep: (point: readonly number[]) => boolean) {
  const points = (series.band ?? []).filter(keep);
  return {
    type: "custom",
    silent: true,
    clip: true,
    z: 1,
    data: points.length > 1 ? [[points[0][0], points[0][1]]] : [],
    renderItem: (_: unknown, api: { coord(point: readonly number[]): number[] }) => ({
      type: "polygon",
      shape: {
        points: [...points.map(([x, , high]) => api.coord([x, high])), ...points.toReversed().map(([x, low]) => api.coord([x, low]))],
      },
      style: { fill: color, opacity: 0.16 },
    }),
  };
}

/** Named points: the best value as a diamond, what lies beyond the axis as arrowheads at its border; what only has a name has a point of its own. */
function marked(marks: readonly Mark[], keep: (point: readonly number[]) => boolean) {
  const shown = marks.filter(({ x, y }) => keep([x, y]));
  return {
    type: "scatter",
    silent: true,
    z: 4,
    labelLayout: ({ dataIndex }: { dataIndex?: number }) => (shown[dataIndex ?? 0]?.kind === "name" ? { moveOverlap: "shiftY" } : {}),
    data: shown.map(({ kind, label, side, x, y }) => ({
      value: [x, y],
      symbol: kind === "best" ? "diamond" : "triangle",
      // Of a size, as what is not drawn has no label.
      symbolSize: kind === "name" ? 1 : kind === "best" ? 11 : 8,
      symbolRotate: kind === "below" ? 180 : 0,
      itemStyle:
        kind === "name"
          ? { color: "none" }
          : { color: kind === "best" ? "var(--good)" : "var(--bad)", borderColor: "var(--card)", borderWidth: 1 },
      label: {
        show: label !== "",
        formatter: label,
        position: side ?? (kind === "above" ? "bottom" : "top"),
        distance: 6,
        color: ink,
        fontSize: 12,
        textBorderColor: "var(--card)",
        textBorderWidth: 3,
      },
    })),
  };
}

function main({ name, points, style = "line" }: Series, color: string, keep: (point: readonly number[]) => boolean, thin: boolean) {
  const data = points.filter(keep);
  const common = { name, data, silent: true, itemStyle: { color }, z: 2 };
  switch (style) {
    case "line":
      return {
        ...common,
        type: "line",
        showSymbol: data.length === 1,
        symbolSize: 7,
        lineStyle: { width: thin ? 1.2 : 2, color },
        sampling: "lttb",
      };
    case "points":
      return { ...common, type: "scatter", z: 3, symbolSize: data.length < 20 ? 11 : 5, itemStyle: { color, opacity: 0.7 } };
    case "bars":
      return { ...common, type: "bar", barGap: "-100%", barCategoryGap: "4%", itemStyle: { color, opacity: 0.62 } };
  }
}

/** What echarts draws for a chart. */
function option({ x, y, series, levels = [], marks = [] }: Chart): Option {
  const keep = drawable(x, y);
  const lines = levels
    .filter(level => keep([1, level.y]))
    .map(({ label, y: at }) => ({ yAxis: at, name: label, label: { formatter: label } }));
  const drawn = series.flatMap((s, i) => {
    const line = main(s, colourOf(s.place ?? i), keep, series.length > colours);
    return s.band === undefined ? [line] : [band(s, colourOf(s.place ?? i), keep), line];
  });
  const level = {
    type: "line",
    data: [],
    silent: true,
    markLine: {
      silent: true,
      symbol: "none",
      // It would draw the line at the value that two decimals leave of it: 0.346 at 0.35, and 0.001 nowhere.
      precision: -1,
      data: lines,
      lineStyle: { type: "dashed", color: soft, width: 1.2 },
      label: { position: "insideEndTop", color: soft, fontSize: 12 },
    },
  };
  return {
    animation: false,
    textStyle: { fontFamily: font },
    grid: { left: 74, right: 20, top: 18, bottom: 52 },
    xAxis: axis(x, false),
    yAxis: axis(y, true),
    series: [...drawn, ...(lines.length > 0 ? [level] : []), ...(marks.length > 0 ? [marked(marks, keep)] : [])],
  };
}

/** A point of a drawn chart: where it lies in the picture, and its numbers as texts. */
type Reading = readonly [left: number, top: number, x: string, y: string];

/** What the page's script reads: the points of each series, for the values under the cursor. */
export interface Readings {
  readonly x: string;
  /** Top and bottom of the plot. */
  readonly top: number;
  readonly bottom: number;
  readonly series: readonly { readonly name: string; readonly color: string; readonly points: readonly Reading[] }[];
}

/** A chart as an SVG element, and what there is to read in it. */
export interface Drawn {
  readonly svg: string;
  readonly readings: Readings;
}

/** Of a chart, in pixels of its own. */
export const chartSize = { width: 440, height: 300 } as const;
const round = (x: number): number => Math.round(10 * x) / 10;

/** Draws a chart without a browser. Points that an axis cannot show are left out. */
export async function svgChart(chart: Chart): Promise<Drawn> {
  const { init } = await load();
  const instance = init(null, null, { renderer: "svg", ssr: true, ...chartSize });
  try {
    const drawn = option(chart);
    instance.setOption(drawn);
    const svg = instance.renderToSVGString();
    const { x, y } = chart;
    const keep = drawable(x, y);
    const { top, bottom } = { top: 18, bottom: chartSize.height - 52 };
    const reading = (point: readonly [number, number]): Reading => {
      const [left, at] = instance.convertToPixel({ gridIndex: 0 }, [...point]);
      return [
        round(left),
        round(Math.min(bottom, Math.max(top, at))),
        tick(Math.abs(point[0]) < 100 ? Number(point[0].toPrecision(4)) : Math.round(point[0])),
        short(point[1]),
      ];
    };
    const series = chart.series.map(({ name, points, place }, i) => ({
      name,
      color: colourOf(place ?? i),
      points: points.filter(keep).map(reading),
    }));
    return { svg, readings: { x: x.label, top, bottom, series } };
  } finally {
    instance.dispose();
  }
}
