import path from "node:path";
import { Answers } from "../clean/answers-file.js";
import { answersOf, suspectsOf } from "../clean/answer.js";
import { findWrong } from "../clean/find.js";
import { answersFile, checkMethod, checkOptions, type CleanOptions } from "../clean/options.js";
import { cleanJson, confusionTable, reliabilityTable, rowTable, sentences, trustedSentence, type Cleaned } from "../clean/output.js";
import { isOfClasses, openForCleaning, readForCleaning, rowsOf } from "../clean/read.js";
import { writeTable } from "../clean/write-table.js";
import { replaceFile } from "../durable.js";
import { openExecutor } from "../engine.js";
import { exitCode, type ExitCode } from "../failure.js";
import { about } from "../file-errors.js";
import { onInterrupt } from "../interrupt.js";
import { OneLine } from "../one-line.js";
import { duration, whole } from "../report/format.js";
import { shellLine } from "../run-output.js";
import { showPath } from "../show-place.js";
import { describeTable } from "../tables/describe.js";
import { terminalWidth } from "../terminal-width.js";
import type { Terminal } from "../terminal.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** Suspects that the terminal shows, and columns beside them. */
const shown = { rows: 10, columns: 3 } as const;

/** The command that gives the same numbers again. */
function again(file: string, options: CleanOptions): string {
  const { json: _, review: __, ...said } = options,
    words = Object.entries({ ...said, seed: options.seed ?? 1 }).flatMap(([key, value]) =>
      value === undefined
        ? []
        : [`--${key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`, key === "budget" ? `${value}s` : String(value)],
    );
  return shellLine(["ufom", "clean", file, ...words]);
}

/** Tables of the terminal. */
function tell(cleaned: Cleaned, terminal: Terminal): void {
  const { file, verdict, perRow } = cleaned;
  terminal.line("");
  terminal.text(`Method ${verdict.method}. ${verdict.reason}`);
  for (const sentence of sentences(cleaned)) terminal.text(sentence);
  const suspects = suspectsOf(perRow),
    title = "Most suspect rows";
  if (suspects.length > 0)
    terminal.table(
      rowTable(cleaned, file.table.files === undefined ? title : "Most suspect pictures", suspects, shown.rows, shown.columns),
    );
  for (const table of [confusionTable(cleaned), reliabilityTable(cleaned.verdict.checked)]) if (table !== undefined) terminal.table(table);
}

/** `ufom clean TRAIN --label COLUMN`: which labels of a file are wrong, how sure that is, and how many there are. */
export async function cleanFile(path_: string, options: CleanOptions, terminal: Terminal): Promise<ExitCode> {
  await checkOptions(path_, options);
  const { method = "auto", seed = 1, budget, out, report } = options,
    began = performance.now(),
    progress = new OneLine(),
    interrupt = onInterrupt(
      () => progress.say("stopping; what was scored so far is kept"),
      () => progress.done(),
    );
  try {
    const opened = await openForCleaning(path_, options);
    if (!isOfClasses(opened)) {
      const { cleanNumbers } = await import("./clean-numbers.js");
      return await cleanNumbers(path_, opened, options, { terminal, interrupt, progress, began, again: again(path_, options) });
    }
    await checkMethod(method, "classes");
    const file = await readForCleaning(opened, options),
      { table } = file,
      kept = answersFile(path_, options),
      known = kept === undefined ? undefined : await Answers.open(kept, file, path_),
      before = new Map(known?.byRow ?? []),
      rows = rowsOf(file, before);
    if (table.files === undefined) for (const line of describeTable(table, terminalWidth()).split("\n")) terminal.text(line);
    else
      for (const line of [
        `${table.file}: ${table.format}, ${whole(table.rowCount)} pictures of ${file.label.classes.length} classes.`,
        ...table.notes,
      ])
        terminal.text(line);
    for (const note of [...file.notes, ...(known?.notes ?? [])]) terminal.text(note);
    const left = budget === undefined ? undefined : Math.max(0, budget - (performance.now() - began) / 1000),
      { executor } = await openExecutor("auto");
    const found = await findWrong(rows.input, {
      method,
      seed,
      executor,
      classes: file.label.classes,
      stop: interrupt.signal,
      ...(left === undefined ? {} : { budget: left }),
      progress: (what, share) => progress.say(`${what}: ${Math.round(100 * share)} %`),
    }).finally(() => {
      progress.done();
      executor.dispose();
    });
    const { verdict } = found;
    if (verdict === undefined) {
      const why = found.outcome === "budget" ? "The time was over" : "Stopped";
      terminal.json({ file: table.file, label: file.label.name, method, seed, outcome: found.outcome, missing: found.missing });
      terminal.note(`${why} before any row was scored; nothing is written.`);
      return exitCode.failed;
    }
    const cleanedWith = (answers: ReadonlyMap<number, number>): Cleaned => ({
      file,
      rows,
      found,
      verdict,
      answers,
      perRow: answersOf(file, rows, verdict, answers),
      method,
      seed,
      seconds: (performance.now() - began) / 1000,
    });
    const save = async (cleaned: Cleaned): Promise<void> => {
      if (out !== undefined) await writeTable(path_, out, file, cleaned.perRow);
      if (report === undefined) return;
      const { cleanReport } = await import("../report/clean-report.js"),
        page = await cleanReport(cleaned, again(path_, options));
      await about(report, () => replaceFile(report, page));
    };
    const cleaned = cleanedWith(before);
    terminal.line("");
    terminal.text(trustedSentence(cleaned));
    tell(cleaned, terminal);
    await save(cleaned);
    interrupt.dispose();
    if (options.review !== undefined && known !== undefined && found.outcome !== "stopped") {
      const { review } = await import("../clean/review.js"),
        answered = await review(cleaned, known);
      if (answered > 0) await save(cleanedWith(known.byRow));
      terminal.text(
        `${quantity(known.byRow.size, "answer")} in ${showPath(kept!)}. The same command learns from what is answered, and asks about what is left.`,
      );
    }
    terminal.json({
      ...cleanJson(cleaned),
      ...(out === undefined ? {} : { out: path.resolve(out) }),
      ...(report === undefined ? {} : { report: path.resolve(report) }),
    });
    if (out !== undefined) terminal.line(`Table: ${showPath(out)}`);
    if (report !== undefined) terminal.line(`Report: ${showPath(report)}`);
    if (out === undefined && report === undefined)
      terminal.text(
        `Nothing is written: --out cleaned.csv writes the table with weight, rank, p_wrong, suspect and suggested_label, --report report.html a page with pictures${options.review === undefined ? "; --review asks you about one suspect after the other" : ""}.`,
      );
    terminal.line(`${duration((performance.now() - began) / 1000)}, seed ${seed}.`);
    return found.outcome === "stopped" ? exitCode.failed : exitCode.done;
  } finally {
    progress.done();
    interrupt.dispose();
  }
}
