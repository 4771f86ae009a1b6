import type { Axis, Chart, Series } from "../problems/figure.js";

type ECharts = typeof import("echarts");
type Option = import("echarts").EChartsCoreOption;

/** Colours that stay apart for eyes that see fewer of them (Okabe and Ito), in the order of series. */
export const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#4d4d4d"] as const;
const font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
const ink = "#2b2f36";
const faint = "#e4e7ec";

/** echarts as one bundled file, which loads seven times as fast as its separate modules. */
const oneFile = "echarts/dist/echarts.esm.min";
let loaded: Promise<ECharts> | undefined;
const load = (): Promise<ECharts> => (loaded ??= import(oneFile) as Promise<ECharts>);

const drawable =
  (x: Axis, y: Axis) =>
  (point: readonly number[]): boolean =>
    point.every(Number.isFinite) && (x.scale !== "log" || point[0] > 0) && (y.scale !== "log" || point.slice(1).every(v => v > 0));

/** `12,000` and `3e-5`, short enough for an axis. */
export function tick(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3))
    return value.toExponential(Math.abs(Math.log10(size) % 1) < 1e-9 ? 0 : 1).replace("e+", "e");
  return Number(value.toPrecision(6)).toLocaleString("en-US", { maximumFractionDigits: 6 });
}

const axis = ({ label, scale = "linear", min, max }: Axis, vertical: boolean) => ({
  type: scale === "log" ? "log" : "value",
  name: label,
  nameLocation: "middle",
  nameGap: vertical ? 52 : 30,
  nameTextStyle: { color: ink, fontSize: 12 },
  scale: true,
  ...(min === undefined ? {} : { min }),
  // The last point is at the right border, whatever round number would be next.
  ...(max !== undefined ? { max } : vertical || scale === "log" ? {} : { max: "dataMax" }),
  axisLabel: { color: ink, formatter: tick, hideOverlap: true, ...(max === undefined && !vertical ? { showMaxLabel: false } : {}) },
  axisLine: { show: true, onZero: false, lineStyle: { color: "#98a2b3" } },
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

function main({ name, points, style = "line" }: Series, color: string, keep: (point: readonly number[]) => boolean) {
  const data = points.filter(keep);
  const common = { name, data, itemStyle: { color }, z: 2 };
  switch (style) {
    case "line":
      return { ...common, type: "line", showSymbol: data.length === 1, symbolSize: 7, lineStyle: { width: 2, color }, sampling: "lttb" };
    case "points":
      return { ...common, type: "scatter", z: 3, symbolSize: data.length < 20 ? 11 : 5, itemStyle: { color, opacity: 0.7 } };
    case "bars":
      return { ...common, type: "bar", barGap: "-100%", barCategoryGap: "4%", itemStyle: { color, opacity: 0.62 } };
  }
}

/** What echarts draws for a chart. */
function option({ x, y, series, levels = [] }: Chart): Option {
  const keep = drawable(x, y);
  const marks = levels
    .filter(level => keep([1, level.y]))
    .map(({ label, y: at }) => ({ yAxis: at, name: label, label: { formatter: label } }));
  const drawn = series.flatMap((s, i) => {
    const color = palette[i % palette.length];
    return s.band === undefined ? [main(s, color, keep)] : [band(s, color, keep), main(s, color, keep)];
  });
  const marked = {
    type: "line",
    data: [],
    markLine: {
      silent: true,
      symbol: "none",
      data: marks,
      lineStyle: { type: "dashed", color: "#667085", width: 1.2 },
      label: { position: "insideEndTop", color: "#475467", fontSize: 11 },
    },
  };
  return {
    animation: false,
    textStyle: { fontFamily: font },
    grid: { left: 76, right: 22, top: series.length > 1 ? 40 : 18, bottom: 52 },
    // Text is measured without a browser, and comes out too narrow.
    legend: {
      itemGap: 28,
      show: series.length > 1,
      top: 4,
      left: 70,
      itemWidth: 18,
      itemHeight: 10,
      textStyle: { color: ink },
      data: series.map(s => s.name),
    },
    xAxis: axis(x, false),
    yAxis: axis(y, true),
    series: marks.length > 0 ? [...drawn, marked] : drawn,
  };
}

/** Draws a chart as an SVG element, without a browser. Points that an axis cannot show are left out. */
export async function svgChart(chart: Chart, width = 560, height = 330): Promise<string> {
  const { init } = await load();
  const instance = init(null, null, { renderer: "svg", ssr: true, width, height });
  instance.setOption(option(chart));
  const svg = instance.renderToSVGString();
  instance.dispose();
  return svg;
}
