import type { Command } from "commander";
import type { Preset } from "./problems/preset.js";
import type { OptionSpecs, OptionValues } from "./problems/option.js";
import { isPath, loadProblem } from "./load-problem.js";
import { builtInNames } from "./problems.js";
import { terminalWidth, wrap } from "./terminal-width.js";

/** A problem's own options, as the help lists commander's. */
function optionLines(specs: OptionSpecs<OptionValues>): string {
  const rows = Object.entries(specs).map(([name, { summary, expects, default: value }]) => ({
    name: `  --set ${name}=…`,
    text: `${summary}: ${expects} (default: ${String(value)})`,
  }));
  const width = Math.min(30, Math.max(0, ...rows.map(row => row.name.length)));
  return rows
    .flatMap(({ name, text }) => {
      const [first, ...more] = wrap(text, terminalWidth() - width - 2);
      const head = name.length > width ? [name, `${" ".repeat(width + 2)}${first}`] : [`${name.padEnd(width)}  ${first}`];
      return [...head, ...more.map(line => `${" ".repeat(width + 2)}${line}`)];
    })
    .join("\n");
}

/** `9`, or `9 or 10` where methods take different numbers. */
const stepsOf = ({ innerSteps, estimators }: Pick<Preset, "innerSteps" | "estimators">): string =>
  [...new Set(estimators.map(innerSteps))].join(" or ");

/** A problem's presets, each with what it sets besides options. */
async function presetText(presets: readonly Preset[]): Promise<string> {
  if (presets.length === 0) return "";
  // Here and not above: help without presets is there at once.
  const { whole } = await import("./report/format.js");
  const lines = presets.flatMap(({ name, summary, source, metaBatch, estimators, total, ...preset }) => [
    ...wrap(`  --preset ${name}: ${summary} (${source})`, terminalWidth(), "      "),
    ...wrap(
      `      ${stepsOf({ estimators, ...preset })} inner steps, ${metaBatch} tasks in a meta-batch, ${whole(total)} charged evaluations for each of ${estimators.join(", ")}`,
      terminalWidth(),
      "      ",
    ),
  ]);
  return `\nPresets:\n${lines.join("\n")}`;
}

/**
 * Adds a problem's own options and presets to the help of the command that names it: `ufom run toy --help`.
 * @throws UsageError if it is a module that cannot be loaded
 */
export async function problemHelp(program: Command, args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  const command = program.commands.find(
    candidate => candidate.name() === name && ["run", "compare", "diagnose", "inspect"].includes(candidate.name()),
  );
  const problem = rest.find(word => isPath(word) || builtInNames.includes(word));
  if (command === undefined || problem === undefined || !rest.some(word => word === "--help" || word === "-h")) return;
  const { entry } = await loadProblem(problem);
  const lines = optionLines(entry.options);
  const presets = await presetText(entry.presets ?? []);
  command.addHelpText(
    "after",
    `\n${wrap(`${entry.name}: ${entry.summary}`, terminalWidth(), "  ").join("\n")}\n${lines === "" ? "It has no options of its own." : `Its own options:\n${lines}`}${presets}`,
  );
}
