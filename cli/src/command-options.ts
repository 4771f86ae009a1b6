import { Option, type Command } from "commander";
import { executorNames } from "ufom/internal/executors/names";
import { collect, library, named, oneOf, positive, whole } from "./arguments.js";
import type { ExitCode } from "./failure.js";

/** How a command ends: with its exit code. */
export type Finish = (code: ExitCode) => void;

const dtypes = ["float32", "float64"] as const;

/** An option of a command. */
export const option = <T>(flags: string, description: string, parse?: (text: string, before: T) => T): Option => {
  const made = new Option(flags, description);
  return parse === undefined ? made : made.argParser(parse);
};

/** Options of `run` and `compare`. */
export const solving = (): Option[] => [
  option("--outer <spelling>", "update of θ: adam:0.5, sgd:10/k, …"),
  option("--outer-steps <n>", "outer steps", whole("--outer-steps", 0)),
  option("--inner-steps <r>", "inner steps, in place of the problem's own", whole("--inner-steps", 0)),
  option("--meta-batch <n>", "tasks an outer step averages over", whole("--meta-batch", 1)),
  option(
    "--workers <n>",
    "threads that compute the tasks of a meta-batch, if not chosen from the cores and the work",
    whole("--workers", 1),
  ),
  option("--budget-seconds <s>", "stop after this time", positive("--budget-seconds")),
  option("--budget-evaluations <n>", "stop after this many inner steps, products and outer gradients", whole("--budget-evaluations", 1)),
  option("--preset <name>", "a published protocol of the problem; what is said besides wins"),
  option("--budget-scale <part>", "with --preset: this part of its total of charged evaluations", positive("--budget-scale")),
  option("--budget-charged <n>", "with --preset: this total of charged evaluations", positive("--budget-charged")),
  option("--stop-after <n>", "end after this many outer steps without improvement", whole("--stop-after", 1)),
  option("--out <folder>", "folder of the run, in place of one in runs/", named("--out")),
];

/** Options of `run`, `compare`, `diagnose` and `inspect`. */
export const making = (): Option[] => [
  option("--executor <name>", `where programs run: ${executorNames.join(", ")}`, oneOf("--executor", executorNames)),
  option(
    "--native [path]",
    "large products by the machine's BLAS: the first found, or that of a path; other last bits",
    library("--native"),
  ),
  option("--dtype <type>", "precision: float32 or float64", oneOf("--dtype", dtypes)),
  option("--set <name=value>", "an option of the problem; may be said again; compare takes several values: noise=0.1,0.2", collect),
  option("--json", "print one JSON document on standard output, and nothing else there"),
];

/** A command with options. */
export const add = (command: Command, options: readonly Option[]): Command => {
  for (const one of options) command.addOption(one);
  return command;
};
