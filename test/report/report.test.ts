import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Built, RunRecord, StepRecord } from "../../cli/src/problems/problem-entry.js";
import { compareTable } from "../../cli/src/report/compare-table.js";
import { crc32 } from "../../src/files/crc32.js";
import { binned, renderFigure, renderTable } from "../../cli/src/report/figures.js";
import { bytes, duration, meanAndSpread, short, whole, words } from "../../cli/src/report/format.js";
import { shownFigures } from "../../cli/src/report/halves.js";
import { html, Markup } from "../../cli/src/report/markup.js";
import { greyPng } from "../../cli/src/report/png.js";
import { runReport } from "../../cli/src/report/run-report.js";
import { averaged, stepChart } from "../../cli/src/report/series.js";
import { svgChart, tick } from "../../cli/src/report/svg-chart.js";

const step = (index: number, loss: number, rest: Partial<StepRecord> = {}): StepRecord => ({
  index,
  loss,
  probability: 1,
  counts: { step: 10 * index, product: 0, outer: index },
  gradientNorm: 1,
  peakStates: 1,
  seconds: index,
  ...rest,
});
const record = (estimator: string, seed: number, losses: readonly number[], metrics = {}): RunRecord => ({
  problem: "p",
  estimator,
  seed,
  outcome: "finished",
  message: "",
  outerSteps: losses.length,
  innerSteps: 10,
  seconds: 2,
  metrics,
  counts: { step: 10, product: 5, outer: 1 },
  peakStates: 3,
  theta: [],
  steps: losses.map((loss, i) => step(i + 1, loss)),
});

describe("figures with intervals", () => {
  it("are one with its interval, and no figure by themselves", () => {
    expect(shownFigures({ accuracy: 0.9663, accuracyInterval: 0.0067, loss: 0.5, otherInterval: 2 })).toEqual([
      ["accuracy", "0.9663 ± 0.0067"],
      ["loss", "0.5"],
      ["otherInterval", "2"],
    ]);
  });

  it("are a tile of a run's report, not two", async () => {
    const page = await runReport({
      record: record("exact", 1, [1, 2], { accuracy: 0.9663, accuracyInterval: 0.0067 }),
      built: {} as Built,
      summary: "",
      tables: [],
      settings: [],
      commands: [],
      version: "0",
    });
    expect(page).toContain("0.9663 ± 0.0067");
    expect(page).not.toContain("accuracy interval");
  });
});

describe("words and numbers", () => {
  it.each([
    [short(0.34641), "0.3464"],
    [short(1234567), "1.23e6"],
    [short(-2e-7), "-2.00e-7"],
    [short(1200), "1,200"],
    [short(NaN), "NaN"],
    [short(0), "0"],
    [whole(1234567), "1,234,567"],
    [duration(0.0123), "12 ms"],
    [duration(8.44), "8.4 s"],
    [duration(185), "3 min 5 s"],
    [duration(7800), "2 h 10 min"],
    [bytes(999), "999 B"],
    [bytes(31_420), "31.4 kB"],
    [bytes(2.5e9), "2.5 GB"],
    [words("accuracyCleaned"), "accuracy cleaned"],
    [meanAndSpread([0.346]), "0.346"],
    [meanAndSpread([0.34, 0.36]), "0.350 ± 0.014"],
    [meanAndSpread([100, 140]), "120 ± 28"],
    [meanAndSpread([1e20, 3e20]), "2.00e20 ± 1.41e20"],
    [meanAndSpread([NaN, 1]), "NaN"],
    [words("sizeOfAFigure"), "size of a figure"],
    [tick(12_000), "12,000"],
    [tick(1e-5), "1e-5"],
    [tick(0.25), "0.25"],
  ])("%s", (got, wanted) => {
    expect(got).toBe(wanted);
  });
});

describe("markup", () => {
  it("escapes what is put in, and nothing twice", () => {
    const inner = html`<b>${'<&"'}</b>`;
    expect(html`<p title="${"a'b"}">${inner}${[inner, undefined]}${3}</p>`.text).toBe(
      '<p title="a&#39;b"><b>&lt;&amp;&quot;</b><b>&lt;&amp;&quot;</b>3</p>',
    );
  });

  it("sets columns of numbers flush right", () => {
    const table = renderTable({
      columns: ["", "a", "b"],
      rows: [
        ["x", "1.5 %", "yes"],
        ["<y>", "2e-3", "3"],
      ],
    }).text;
    expect(table).toContain('<td class="number">1.5 %</td>');
    expect(table).toContain("<td>yes</td>");
    expect(table).toContain("<td>&lt;y&gt;</td>");
  });
});

describe("pictures", () => {
  it("are PNG files with their pixels", () => {
    const pixels = Uint8Array.of(0, 50, 100, 150, 200, 255);
    const file = Buffer.from(greyPng(pixels, 3, 2));
    expect(file.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
    expect([file.readUInt32BE(16), file.readUInt32BE(20), file[24], file[25]]).toEqual([3, 2, 8, 0]);
    const at = file.indexOf("IDAT");
    const data = inflateSync(file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4)));
    expect([...data]).toEqual([0, 0, 50, 100, 0, 150, 200, 255]);
    expect(() => greyPng(pixels, 2, 2)).toThrow("ufom: an image of 2 × 2 needs 4 pixels; received 6.");
  });

  it("have the check sums of the standard", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });

  it("of a chart are one SVG element with its names, whatever the points", async () => {
    const { svg, readings } = await svgChart({
      kind: "chart",
      title: "t",
      x: { label: "evaluations", scale: "log" },
      y: { label: "|∇M|", scale: "log" },
      series: [
        {
          name: "one",
          points: [
            [0, 1],
            [1, NaN],
            [10, 2],
            [100, 0.5],
          ],
          band: [
            [10, 1, 3],
            [100, 0.1, 1],
          ],
        },
        { name: "none", points: [] },
      ],
      levels: [{ label: "√(2D)", y: 0.346 }],
    });
    expect(svg).toMatch(/^<svg[^]*<\/svg>$/);
    for (const text of ["evaluations", "|∇M|", "√(2D)"]) expect(svg).toContain(text);
    expect(readings.series.map(({ name, points }) => [name, points.map(([, , x, y]) => [x, y])])).toEqual([
      ["one", [["10", "2"], ["100", "0.5"]]],
      ["none", []],
    ]); // prettier-ignore
    expect(svg).not.toContain("NaN");
  });

  it("draw a level at its value, however small, not at what two decimals leave of it", async () => {
    const heights = async (y: number) => {
      const axis = { label: "y", scale: "log", min: 1e-4, max: 1 } as const,
        series = [{ name: "a", points: [[1, 0.5], [2, 0.2]] as const }]; // prettier-ignore
      const { svg } = await svgChart({ kind: "chart", title: "", x: { label: "x" }, y: axis, series, levels: [{ label: "level", y }] });
      expect(svg).toContain(">level<");
      return svg.match(/<path[^>]*stroke-dasharray[^>]*>/g);
    };
    expect(await heights(0.001)).not.toEqual(await heights(0.002));
    expect(await heights(0.346)).not.toEqual(await heights(0.35));
  });

  it("of images show them with their labels", async () => {
    const images = [{ width: 1, height: 1, pixels: Uint8Array.of(255), label: "3 <5>", tone: "bad" as const }];
    const { text } = await renderFigure({ kind: "images", title: "digits", images });
    expect(text).toContain('class="thumb bad"');
    expect(text).toContain("data:image/png;base64,");
    expect(text).toContain("3 &lt;5&gt;");
    expect(new Markup(text).text).toBe(text);
  });

  it("of a histogram count every value once", () => {
    const chart = binned({
      kind: "histogram",
      title: "w",
      x: { label: "w" },
      low: 0,
      high: 1,
      bins: 4,
      groups: [{ name: "g", values: [-1, 0, 0.25, 0.3, 0.99, 1, NaN] }],
    });
    expect(chart.series[0].points).toEqual([
      [0.125, 2],
      [0.375, 2],
      [0.625, 0],
      [0.875, 2],
    ]);
  });
});

describe("lines of several runs", () => {
  const line = (n: number, f: (i: number) => number) => Array.from({ length: n }, (_, i): [number, number] => [i + 1, f(i)]);

  it("of one short run are its points", () => {
    expect(averaged("a", [line(5, i => i)]).points).toEqual(line(5, i => i));
  });

  it("are the mean, within a band from the smallest to the largest", () => {
    const { points, band } = averaged("a", [line(2000, () => 1), line(2000, () => 3)]);
    expect(points.length).toBeLessThanOrEqual(160);
    expect(points.every(([, y]) => y === 2)).toBe(true);
    expect(band!.every(([, low, high]) => low === 1 && high === 3)).toBe(true);
  });

  it("keep the mean of a noisy run", () => {
    const { points } = averaged("a", [line(16_000, i => (i % 2 === 0 ? 0 : 1))]);
    expect(points.every(([, y]) => Math.abs(y - 0.5) < 0.01)).toBe(true);
  });

  it("of runs that end early stop there", () => {
    const { points } = averaged("a", [line(1000, () => 0), line(500, () => 1)]);
    expect(points.filter(([x]) => x < 490).every(([, y]) => y === 0.5)).toBe(true);
    expect(points.filter(([x]) => x > 510).every(([, y]) => y === 0)).toBe(true);
  });

  it("against the time end where the first of them ends, as a mean of fewer would jump", () => {
    const later = line(1000, () => 0).map(([x, y]): [number, number] => [x + 100, y]);
    const { points } = averaged("a", [later, line(500, () => 1)], { together: true });
    expect(points.every(([, y]) => y === 0.5)).toBe(true);
    expect([points[0][0], points.at(-1)![0]].map(x => Math.round(x / 50))).toEqual([2, 10]);
    // Those that never are together are drawn all the same.
    const apart = line(500, () => 0).map(([x, y]): [number, number] => [x + 900, y]);
    expect(averaged("a", [apart, line(500, () => 1)], { together: true }).points.length).toBeGreaterThan(10);
  });

  it("ends with the first of them where all end almost together, as no mean over fewer jumps there", () => {
    const { points } = averaged("a", [line(1000, () => 0), line(980, () => 1)]);
    expect(new Set(points.map(([, y]) => y))).toEqual(new Set([0.5]));
    expect(points.at(-1)![0]).toBeGreaterThan(960);
  });

  it("of runs that a budget ended have the mean of all to their end, and of one that failed that of the others", () => {
    const runs = [record("exact", 1, Array<number>(40).fill(0)), record("exact", 2, Array<number>(20).fill(1))],
      ends = (outcome: "budget" | "diverged") =>
        stepChart("t", "l", [runs[0], { ...runs[1], outcome }], s => s.loss).series[0].points.map(([, y]) => y);
    expect(new Set(ends("budget"))).toEqual(new Set([0.5]));
    expect(ends("diverged").at(-1)).toBe(0);
  });

  it("use a logarithmic axis for what falls by powers of ten", () => {
    const chart = (losses: readonly number[]) => stepChart("t", "l", [record("exact", 1, losses)], s => s.loss).y.scale;
    expect(chart([100, 1, 0.01])).toBe("log");
    expect(chart([2, 1.5, 1])).toBe("linear");
    expect(chart([100, 1, -0.01])).toBe("linear");
  });
});

it("a comparison has one row an estimator, over its seeds", () => {
  const runs = [record("exact", 1, [1], { accuracy: 0.9 }), record("exact", 2, [1], { accuracy: 0.8 }), record("ufom:0.1", 1, [1])];
  const { columns, rows, note } = compareTable(runs, { varied: [], measured: true });
  expect(columns).toEqual(["estimator", "accuracy", "outer steps", "evaluations", "time", "most states", "outcome"]);
  expect(rows).toEqual([
    ["exact", "0.850 ± 0.071", "1", "16", "2.0 s", "3", "finished"],
    ["ufom:0.1", "", "1", "16", "2.0 s", "3", "finished"],
  ]);
  expect(note).toBe("Mean ± standard deviation over 2 seeds.");
});
