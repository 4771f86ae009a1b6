import path from "node:path";
import { answersFile, checkMethod, type CleanOptions } from "../clean/options.js";
import type { NumberLabel, Opened } from "../clean/read.js";
import { suspectValues, unsureValues, valueAnswers } from "../clean-values/answer.js";
import { ValueAnswers } from "../clean-values/answers-file.js";
import { findWrongValues } from "../clean-values/find.js";
import { trustedWords, valuesJson, valueSentences, valueTable, type CleanedValues } from "../clean-values/output.js";
import { reliabilityTable } from "../clean/output.js";
import { readValues, valueRows } from "../clean-values/read.js";
import { writeValues } from "../clean-values/write.js";
import { replaceFile } from "../durable.js";
import { openExecutor } from "../engine.js";
import { exitCode, type ExitCode } from "../failure.js";
import { about } from "../file-errors.js";
import type { Interrupt } from "../interrupt.js";
import type { OneLine } from "../one-line.js";
import { duration, whole } from "../report/format.js";
import { showPath } from "../show-place.js";
import { describeTable } from "../tables/describe.js";
import { terminalWidth } from "../terminal-width.js";
import type { Terminal } from "../terminal.js";

/** Suspects that the terminal shows, and columns beside them. */
const shown = { rows: 10, unsure: 5, columns: 3 } as const;

/** What the command has begun when it is known that labels are numbers. */
export interface Begun {
  readonly terminal: Terminal;
  readonly interrupt: Interrupt;
  readonly progress: OneLine;
  /** By `performance.now()`. */
  readonly began: number;
  /** The command that gives the same numbers again. */
  readonly again: string;
}

function tell(cleaned: CleanedValues, terminal: Terminal): void {
  const { verdict, perRow } = cleaned;
  terminal.line("");
  terminal.text(trustedWords(cleaned));
  terminal.text(`Method ${verdict.method}. ${verdict.reason}`);
  for (const sentence of valueSentences(cleaned)) terminal.text(sentence);
  const [suspects, unsure] = [suspectValues(perRow), unsureValues(perRow)],
    reliability = reliabilityTable(cleaned.verdict.checked);
  if (suspects.length > 0) terminal.table(valueTable(cleaned, "Most suspect rows", suspects, shown.rows, shown.columns));
  if (unsure.length > 0) terminal.table(valueTable(cleaned, "Unsure", unsure, shown.unsure, shown.columns));
  if (reliability !== undefined) terminal.table(reliability);
}

/** `ufom clean TRAIN --label COLUMN` where the column holds numbers: which of them are wrong, how sure that is, and how many there are. */
export async function cleanNumbers(
  path_: string,
  opened: Opened<NumberLabel>,
  options: CleanOptions,
  { terminal, interrupt, progress, began, again }: Begun,
): Promise<ExitCode> {
  const { method = "auto", seed = 1, budget, out, report } = options;
  await checkMethod(method, "numbers");
  const file = await readValues(opened, options),
    { table } = file,
    kept = answersFile(path_, options),
    known = kept === undefined ? undefined : await ValueAnswers.open(kept, file),
    before = new Map(known?.byRow ?? []),
    rows = valueRows(file, before),
    seconds = (): number => (performance.now() - began) / 1000;
  if (table.files === undefined) for (const line of describeTable(table, terminalWidth()).split("\n")) terminal.text(line);
  else
    for (const line of [`${table.file}: ${table.format}, ${whole(table.rowCount)} pictures with a number each.`, ...table.notes])
      terminal.text(line);
  for (const note of file.notes) terminal.text(note);
  const left = budget === undefined ? undefined : Math.max(0, budget - seconds()),
    { executor } = await openExecutor("auto"),
    found = await findWrongValues(rows.input, {
      ...{ method, seed, executor, stop: interrupt.signal },
      ...(left === undefined ? {} : { budget: left }),
      progress: (what, share) => progress.say(`${what}: ${Math.round(100 * share)} %`),
    }).finally(() => {
      progress.done();
      executor.dispose();
    }),
    { verdict } = found;
  if (verdict === undefined) {
    const why = found.outcome === "budget" ? "The time was over" : "Stopped";
    terminal.json({ file: table.file, label: file.label.name, method, seed, outcome: found.outcome, missing: found.missing });
    terminal.note(`${why} before any row was scored; nothing is written.`);
    return exitCode.failed;
  }
  const cleanedWith = (answers: ReadonlyMap<number, number>): CleanedValues => ({
    ...{ file, rows, found, verdict, answers, method, seed },
    perRow: valueAnswers(file, rows, verdict, answers),
    seconds: seconds(),
  });
  const save = async (cleaned: CleanedValues): Promise<void> => {
    if (out !== undefined) await writeValues(path_, out, file, cleaned.perRow);
    if (report === undefined) return;
    const { cleanValuesReport } = await import("../report/clean-values-report.js"),
      page = await cleanValuesReport(cleaned, again);
    await about(report, () => replaceFile(report, page));
  };
  const cleaned = cleanedWith(before);
  tell(cleaned, terminal);
  await save(cleaned);
  interrupt.dispose();
  if (options.review !== undefined && known !== undefined && found.outcome !== "stopped") {
    const { reviewValues } = await import("../clean-values/review.js"),
      answered = await reviewValues(cleaned, known);
    if (answered > 0) await save(cleanedWith(known.byRow));
    terminal.text(`${whole(known.byRow.size)} answers in ${showPath(kept!)}; the same command takes them as trusted, and goes on.`);
  }
  terminal.json({
    ...valuesJson(cleaned),
    ...(out === undefined ? {} : { out: path.resolve(out) }),
    ...(report === undefined ? {} : { report: path.resolve(report) }),
  });
  if (out !== undefined) terminal.line(`Table: ${showPath(out)}`);
  if (report !== undefined) terminal.line(`Report: ${showPath(report)}`);
  if (out === undefined && report === undefined)
    terminal.text(
      "Nothing is written: --out cleaned.csv writes the table with weight, rank, p_wrong, suspect and suggested_label; --report report.html the pictures.",
    );
  terminal.line(`${duration(seconds())}, seed ${seed}.`);
  return found.outcome === "stopped" ? exitCode.failed : exitCode.done;
}
