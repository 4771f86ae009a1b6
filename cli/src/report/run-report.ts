import type { Table } from "../problems/figure.js";
import type { Built, RunRecord } from "../problems/problem-entry.js";
import { bestOf } from "./best.js";
import { duration, short, whole, words } from "./format.js";
import { renderPage } from "./page.js";
import { heldOutTasks } from "./compare-table.js";
import { runFigures } from "./run-figures.js";
import { shownFigures } from "./halves.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** What a report of a run needs besides the run. */
export interface RunReportInput {
  readonly record: RunRecord;
  readonly built: Built;
  readonly summary: string;
  readonly tables: readonly Table[];
  readonly settings: readonly (readonly [string, string])[];
  readonly commands: readonly string[];
  readonly version: string;
  /** A link to the page of the comparison that the run is part of. */
  readonly within?: { readonly text: string; readonly href: string };
}

const good = { finished: true, budget: true, stopped: false, diverged: false } as const;

/** The report of a run as one HTML file. */
export async function runReport({ record, built, summary, tables, settings, commands, version, within }: RunReportInput): Promise<string> {
  const { counts, outcome, message, steps, warning } = record;
  const metrics = shownFigures(record.metrics).slice(0, 6);
  const last = steps.at(-1);
  const best = bestOf(record);
  const label = (name: string): string => (name === "loss" && built.evaluate === undefined ? "last outer loss" : words(name));
  return renderPage({
    title: record.problem,
    subtitle: summary,
    outcome: {
      word: outcome,
      good: good[outcome] && warning === undefined,
      message: [message, ...(warning === undefined ? [] : [warning])].join(" "),
    },
    tiles: [
      ...metrics.map(([name, value]) => ({ label: label(name), value })),
      ...(last === undefined || "loss" in record.metrics ? [] : [{ label: "last outer loss", value: short(last.loss) }]),
      ...(best === undefined
        ? []
        : [{ label: `best ${best.criterion}, after ${quantity(best.index, "outer step")}`, value: short(best.value) }]),
      ...(record.heldOut === undefined
        ? []
        : [{ label: `outer loss on ${heldOutTasks(record.heldOut)}`, value: short(record.heldOut.loss) }]),
      { label: "gradient evaluations", value: whole(counts.step + counts.product + counts.outer) },
      ...(record.charged === undefined ? [] : [{ label: "charged evaluations", value: whole(record.charged) }]),
      { label: "time", value: duration(record.seconds) },
      { label: "most states held", value: whole(record.peakStates) },
    ],
    protocol: built.protocol ?? [],
    tables,
    figures: runFigures(record, built),
    within,
    settings,
    commands,
    footer: `Made by ufom ${version} with Node ${process.versions.node} on ${process.platform}-${process.arch}. Same seed, same numbers.`,
  });
}
