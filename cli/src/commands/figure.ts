import path from "node:path";
import { replaceFile } from "../durable.js";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import { about } from "../file-errors.js";
import { figureSummaries, loadFigure } from "../figures/index.js";
import { showPath } from "../show-place.js";
import type { Terminal } from "../terminal.js";

export interface FigureOptions {
  readonly out?: string;
  readonly numbers?: string;
  readonly seed?: number;
  readonly starts?: number;
}

/** More starts than these would fill the executor's memory, and show nothing that fewer do not. */
const mostStarts = 20_000;
/** Of fewer there is no band. */
const leastStarts = 2;

function checkFile(option: string, file: string, extension: string): void {
  if (!file.toLowerCase().endsWith(extension))
    throw new UsageError(`ufom: ${option} must be a file that ends in ${extension}; received ${JSON.stringify(file)}.`);
}

/** What there is to draw. */
function list(options: FigureOptions, terminal: Terminal): ExitCode {
  const [given] = Object.keys(options).filter(name => name !== "json");
  if (given !== undefined) throw new UsageError(`ufom: --${given} goes with a figure's name: ufom figure ${figureSummaries[0][0]}.`);
  terminal.json({ figures: figureSummaries.map(([name, summary]) => ({ name, summary })) });
  terminal.table({ columns: ["FIGURE", "what it shows"], rows: figureSummaries });
  return exitCode.done;
}

/** `ufom figure NAME`: a figure of the method's paper, or of ours beside them, computed anew and drawn. */
export async function figure(name: string | undefined, options: FigureOptions, terminal: Terminal): Promise<ExitCode> {
  if (name === undefined) return list(options, terminal);
  const { title, starts: usual, make } = await loadFigure(name);
  const { out = `${name}.svg`, numbers, seed = 1, starts = usual } = options;
  checkFile("--out", out, ".svg");
  if (numbers !== undefined) checkFile("--numbers", numbers, ".json");
  if (starts < leastStarts || starts > mostStarts)
    throw new UsageError(`ufom: --starts must be from ${leastStarts} to ${mostStarts.toLocaleString("en-US")}; received ${starts}.`);
  const [{ createWasmExecutor }, { figureSvg }, { duration, whole }] = await Promise.all([
    import("ufom"),
    import("../report/figure-svg.js"),
    import("../report/format.js"),
  ]);
  terminal.note(`${name}: ${whole(starts)} starts, seed ${seed}`);
  const began = performance.now();
  const made = await make({ seed, starts, executor: createWasmExecutor(), note: text => terminal.note(text) });
  const seconds = (performance.now() - began) / 1000;
  const document = { figure: name, title, command: `ufom figure ${name} --seed ${seed} --starts ${starts}`, ...made.numbers };
  await about(out, async () => replaceFile(out, await figureSvg({ title, panels: made.panels })));
  if (numbers !== undefined) await about(numbers, () => replaceFile(numbers, `${JSON.stringify(document)}\n`));
  terminal.json({ ...document, out: path.resolve(out), ...(numbers === undefined ? {} : { numbers: path.resolve(numbers) }), seconds });
  terminal.table({ title, ...made.table });
  terminal.line(`${showPath(out)}${numbers === undefined ? "" : `, ${showPath(numbers)}`}: drawn in ${duration(seconds)}`);
  return exitCode.done;
}
