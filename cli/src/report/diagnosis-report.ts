import type { Diagnosis, Quantity } from "ufom";
import { isExact } from "ufom/internal/core/diagnosis/predict";
import { diagnosisTables, interval } from "../diagnosis-output.js";
import type { Chart, Series, Table } from "../problems/figure.js";
import { duration, short, whole } from "./format.js";
import { renderPage } from "./page.js";

/** What a report of a diagnosis needs besides it. */
export interface DiagnosisReportInput {
  readonly problem: string;
  readonly summary: string;
  readonly protocol: readonly string[];
  readonly diagnosis: Diagnosis;
  readonly settings: readonly (readonly [string, string])[];
  readonly commands: readonly string[];
  readonly version: string;
}

/** A figure of each candidate along the run, with its interval. */
function alongRun(
  { points }: Diagnosis,
  title: string,
  label: string,
  of: (one: Diagnosis["points"][number]["candidates"][number]) => Quantity,
  scale: "linear" | "log",
): Chart[] {
  if (points.length < 2) return [];
  const names = points[0].candidates.map(({ name }) => name).filter(name => name !== "zero"),
    series = names.map((name): Series => {
      const at = points.map(point => ({ step: point.step, ...of(point.candidates.find(one => one.name === name)!) }));
      return { name, points: at.map(({ step, value }) => [step, value]), band: at.map(({ step, low, high }) => [step, low, high]) };
    });
  return [
    {
      kind: "chart",
      title,
      caption: "The band is the 95 % interval.",
      x: { label: "outer steps" },
      y: { label, scale },
      series,
      levels: label === "D²/V²" ? [{ label: "zero", y: 1 }] : [],
    },
  ];
}

/** Predicted time against q, of the baseline that makes UFOM fastest. */
function againstProbability({ predictions, candidates, v2, gradient, metaBatch }: Diagnosis): Chart[] {
  const ufoms = predictions.filter(({ baseline }) => baseline !== undefined),
    exact = Math.min(...predictions.filter(one => isExact(one) && one.fits).map(({ costs }) => costs.det));
  if (ufoms.length === 0) return [];
  const { baseline, costs } = ufoms.reduce((a, b) => (b.time["1"].value < a.time["1"].value ? b : a)),
    d2 = candidates.find(({ name }) => name === baseline)!.d2.value,
    moment = v2.value + (metaBatch - 1) * gradient.value ** 2,
    grid = Array.from({ length: 100 }, (_, i) => 10 ** (-2 + (2 * i) / 99)),
    time = (p: number) => (q: number) => ((costs.det + q * costs.rnd) / exact) * (1 + ((1 / q - 1) * d2) / moment) ** p;
  return [
    {
      kind: "chart",
      title: `Predicted time of UFOM over ${baseline} against q`,
      caption:
        "Time to equal accuracy, as a part of the cheapest exact gradient's, where iterations grow as the second moment to the power p.",
      x: { label: "q", scale: "log" },
      y: { label: "time", scale: "log" },
      series: [
        ["p = ½", 0.5],
        ["p = 1", 1],
        ["p = 2", 2],
      ].map(([name, p]) => ({ name: name as string, points: grid.map(q => [q, time(p as number)(q)] as const) })),
      levels: [{ label: "exact", y: 1 }],
    },
  ];
}

/** The candidates in each leaf of θ. */
function leafTables({ candidates }: Diagnosis): Table[] {
  const inLeaves = candidates.filter(({ name, leaves }) => name !== "zero" && leaves.length > 0);
  return inLeaves.map(({ name, leaves }) => ({
    title: `${name}, leaf by leaf`,
    columns: ["leaf", "V²", "D²/V²", "bias", "cosine", "ρ", "c*"],
    rows: leaves.map(({ path, v2, ratio, bias, cosine, rho, scale }) => [path, ...[v2, ratio, bias, cosine, rho, scale].map(interval)]),
  }));
}

/** The report of a diagnosis as one HTML file. */
export async function diagnosisReport(input: DiagnosisReportInput): Promise<string> {
  const { problem, summary, protocol, diagnosis, settings, commands, version } = input,
    { recommended, recommendation, baseline, d2, v2, q, counts, seconds } = diagnosis;
  return renderPage({
    title: `${problem}: which gradient`,
    subtitle: summary,
    outcome: { word: recommended, good: true, message: recommendation },
    tiles: [
      { label: `D²/V² of ${baseline}`, value: short(d2.value / v2.value) },
      { label: "q* for p = 1", value: short(q["1"].value) },
      { label: "gradient evaluations", value: whole(counts.step + counts.product + counts.outer) },
      { label: "time", value: duration(seconds) },
    ],
    protocol,
    tables: diagnosisTables(diagnosis),
    figures: [
      ...alongRun(diagnosis, "Distance from the exact gradient", "D²/V²", ({ ratio }) => ratio, "log"),
      ...againstProbability(diagnosis),
      ...alongRun(diagnosis, "Cosine to the exact gradient", "cosine", ({ cosine }) => cosine, "linear"),
      ...alongRun(diagnosis, "Length of the bias", "bias", ({ bias }) => bias, "log"),
    ],
    after: leafTables(diagnosis),
    settings,
    commands,
    footer: `Made by ufom ${version} with Node ${process.versions.node} on ${process.platform}-${process.arch}. Same seed, same numbers, but for those by the clock.`,
  });
}
