import { Command, CommanderError, Option } from "commander";
import { bytes, collect, library, list as commaList, named, oneOf, positive, seeds, whole } from "./arguments.js";
import type { CompareOptions } from "./commands/compare.js";
import type { DataOptions } from "./commands/data.js";
import type { DiagnoseCommandOptions } from "./commands/diagnose.js";
import type { EvaluateCommandOptions } from "./commands/evaluate.js";
import type { FigureOptions } from "./commands/figure.js";
import type { InspectOptions } from "./commands/inspect.js";
import type { PredictOptions } from "./commands/predict.js";
import type { RunOptions } from "./commands/run.js";
import type { TuneOptions } from "./commands/tune.js";
import type { ExitCode } from "./failure.js";
import { shareOf, span } from "./span.js";
import { executorNames } from "ufom/internal/executors/names";
import type { Terminal } from "./terminal.js";

/** How a command ends: with its exit code. */
type Finish = (code: ExitCode) => void;

const dtypes = ["float32", "float64"] as const;

const option = <T>(flags: string, description: string, parse?: (text: string, before: T) => T): Option => {
  const made = new Option(flags, description);
  return parse === undefined ? made : made.argParser(parse);
};

/** Options of `run` and `compare`. */
const solving = (): Option[] => [
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
const making = (): Option[] => [
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

const add = (command: Command, options: readonly Option[]): Command => {
  for (const one of options) command.addOption(one);
  return command;
};

const problemArgument = "a built-in problem (ufom list) or the path of your own module";

/** Defines the commands and their options. The module that executes a command is imported when the command is called. */
export function commandLine(version: string, terminal: (json: boolean) => Terminal, finish: Finish): Command {
  const program = new Command("ufom")
    .description("Gradient-based bi-level optimization with exact, first-order and unbiased first-order hypergradients.")
    .version(version)
    .helpCommand(false)
    .showSuggestionAfterError(true);
  const of = (options: { readonly json?: boolean }) => terminal(options.json === true);

  add(program.command("run").description("solve a problem, or go on with a run").argument("[PROBLEM]", problemArgument), [
    option("--estimator <spelling>", "gradient: exact, first-order, ufom:adaptive, …"),
    option("--seed <n>", "seed of all random numbers", whole("--seed", 0)),
    ...solving(),
    option("--resume <folder>", "go on with the run in a folder", named("--resume")),
    option("--changed-data", "with --resume: go on although the data of the tasks have changed"),
    ...making(),
  ]).action(async (problem: string | undefined, options: RunOptions & { json?: boolean }) => {
    const { run } = await import("./commands/run.js");
    finish(await run(problem, options, of(options)));
  });

  add(
    program
      .command("compare")
      .description("several estimators, or settings of a problem, at equal cost: one table, one picture")
      .argument("[PROBLEM]", problemArgument),
    [
      option("--estimators <list>", "gradients apart by commas: first-order,exact,ufom:0.1", commaList("--estimators")),
      option("--seeds <list>", "seeds apart by commas, or 1..5", seeds("--seeds")),
      option("--held-out <k>", "judge by the outer loss on this many tasks that no run is trained on", whole("--held-out", 1)),
      ...solving(),
      option("--resume <folder>", "go on with a comparison: runs that ended are not run again"),
      ...making(),
    ],
  ).action(async (problem: string | undefined, options: CompareOptions & { json?: boolean }) => {
    const { compare } = await import("./commands/compare.js");
    finish(await compare(problem, options, of(options)));
  });

  add(
    program
      .command("diagnose")
      .description("how wrong cheap gradients are on a problem, what an unbiased one costs, which estimator is best")
      .argument("<PROBLEM>", problemArgument),
    [
      option("--candidates <list>", "gradients to compare with the exact one: zero,first-order,truncated:5", commaList("--candidates")),
      option("--seed <n>", "seed of all random numbers", whole("--seed", 0)),
      option("--outer <spelling>", "update of θ in the short run along which θ is looked at"),
      option("--outer-steps <n>", "outer steps of that run; 0 looks at θ₀ only", whole("--outer-steps", 0)),
      option("--points <n>", "at how many θ of it; 4 if not given", whole("--points", 1)),
      option("--tasks <n>", "the most tasks at each θ; 128 at most if not given", whole("--tasks", 2)),
      option("--precision <part>", "end when half of each interval is this part of its moment; 0.1 if not given", positive("--precision")),
      option("--loop-steps <n>", "inner steps along the loop whose curvature is measured; 6 if not given", whole("--loop-steps", 0)),
      option("--inner-steps <r>", "inner steps, in place of the problem's own", whole("--inner-steps", 0)),
      option("--meta-batch <n>", "tasks an outer step averages over", whole("--meta-batch", 1)),
      option("--memory <size>", "what inner states may take, as 500MB; what is free, less a fifth, if not given", bytes("--memory")),
      option("--budget-seconds <s>", "end after this time", positive("--budget-seconds")),
      option("--budget-evaluations <n>", "end after this many inner steps, products and outer gradients", whole("--budget-evaluations", 1)),
      option("--no-clock", "measure no times: costs are counted only"),
      option("--out <folder>", "folder of the diagnosis, in place of one in runs/", named("--out")),
      ...making(),
    ],
  ).action(async (problem: string, options: DiagnoseCommandOptions & { json?: boolean }) => {
    const { diagnose } = await import("./commands/diagnose.js");
    finish(await diagnose(problem, options, of(options)));
  });

  add(
    program
      .command("inspect")
      .description("a problem's programs: operations, bytes, loops, memory, the executor chosen")
      .argument("<PROBLEM>", problemArgument),
    [
      option("--program <name>", "print one program: init, step, outer, pullback, …"),
      option("--seed <n>", "seed of the data", whole("--seed", 0)),
      ...making(),
    ],
  ).action(async (problem: string, options: InspectOptions & { json?: boolean }) => {
    const { inspect } = await import("./commands/inspect.js");
    finish(await inspect(problem, options, of(options)));
  });

  add(
    program
      .command("evaluate")
      .description("the figures of a run again, with other options of its problem")
      .argument("<RUN>", "a run's folder"),
    [option("--best", "the best θ of the run, in place of its last"), ...making().filter(one => one.long !== "--dtype")],
  ).action(async (folder: string, options: EvaluateCommandOptions & { json?: boolean }) => {
    const { evaluateRun } = await import("./commands/evaluate.js");
    finish(await evaluateRun(folder, options, of(options)));
  });

  program
    .command("list")
    .description("the built-in problems; spellings of estimators and outer transforms")
    .option("--json", "print one JSON document")
    .action(async (options: { json?: boolean }) => {
      const { list } = await import("./commands/list.js");
      finish(await list(of(options)));
    });

  program
    .command("new")
    .description("write a problem of your own to start from")
    .argument("<NAME.ts>", "the file to write")
    .option("--json", "print one JSON document")
    .action(async (name: string, options: { json?: boolean }) => {
      const { newProblem } = await import("./commands/new.js");
      finish(await newProblem(name, of(options)));
    });

  program
    .command("data")
    .description("fetch a data set and check all of it; without a name: which there are, and which are here")
    .argument("[NAME]", "omniglot, cifar100, mini-imagenet, mnist, fashion-mnist, …; with --sheet also a folder of class folders")
    .option("--from <path>", "take it from a file or folder that is there already", named("--from"))
    .option("--sheet <FILE.png>", "a picture of some classes instead, a row of ten images each")
    .addOption(option("--rows <n>", "rows of --sheet; 20 if it is not given", whole("--rows", 1)))
    .option("--json", "print one JSON document")
    .action(async (name: string | undefined, options: DataOptions & { json?: boolean; sheet?: string; rows?: number }) => {
      if (options.sheet !== undefined || options.rows !== undefined) {
        const { sheet } = await import("./commands/sheet.js");
        return finish(await sheet(name ?? "", options.sheet, options.rows, of(options)));
      }
      const { data } = await import("./commands/data.js");
      finish(await data(name, options, of(options)));
    });

  program
    .command("figure")
    .description("compute and draw a figure of the method's paper, or of ours beside them; without a name: which there are")
    .argument("[NAME]", "objective, convergence, trade-off, …")
    .option("--out <FILE.svg>", "the picture; NAME.svg if it is not given")
    .option("--numbers <FILE.json>", "write all that is drawn as numbers, too")
    .addOption(option("--seed <n>", "seed of all random numbers; 1 if it is not given", whole("--seed", 0)))
    .addOption(option("--starts <n>", "starts that each method descends from: fewer are quicker", whole("--starts", 1)))
    .option("--json", "print one JSON document")
    .action(async (name: string | undefined, options: FigureOptions & { json?: boolean }) => {
      const { figure } = await import("./commands/figure.js");
      finish(await figure(name, options, of(options)));
    });

  add(
    program
      .command("tune")
      .description("a model of a column of your table: penalties, step size, length, class weights by hypergradients, beside searches")
      .argument("<TRAIN>", "a table: CSV, JSON lines, Parquet, .npy with --labels, or a folder of class folders"),
    [
      option("--target <column>", "the column to predict: classes or numbers", named("--target")),
      option("--model <name>", "linear or mlp", oneOf("--model", ["linear", "mlp"])),
      option("--hidden <n>", "hidden units of the mlp; 32 if not given", whole("--hidden", 1)),
      option("--groups <by>", "what shares a penalty: columns, features or all", oneOf("--groups", ["columns", "features", "all"])),
      option("--learn <list>", "penalties,rate,schedule,length,class-weights,smoothing: all if not given", commaList("--learn")),
      option("--methods <list>", "hypergradient,grid,random,halving: all if not given", commaList("--methods")),
      option("--balanced", "every class counts alike, however many rows it has"),
      option("--folds <k>", "parts of the cross-validation; 5 if not given", whole("--folds", 2)),
      option("--held-out <share>", "share of the rows that only the final model sees; 0.25 if not given", shareOf("--held-out")),
      option("--rows <n>", "rows at most that hyperparameters are learned from; 2000 if not given", whole("--rows", 20)),
      option("--estimator <spelling>", "hypergradient: exact, truncated:20, ufom:adaptive, …"),
      option("--outer-steps <n>", "steps by hypergradients; 40 if not given", whole("--outer-steps", 1)),
      option("--inner-steps <r>", "steps of a training; 100 if not given, of an mlp 150", whole("--inner-steps", 1)),
      option("--budget <time>", "end after this time, as 90s or 2m: each method has its share", span("--budget")),
      option("--test <FILE>", "predict the rows of another table with the same columns", named("--test")),
      option(
        "--predictions <FILE>",
        "with --test: where they are written, in place of the folder's predictions.csv",
        named("--predictions"),
      ),
      option("--types <list>", "types of columns: age=number,zip=category,note=ignored"),
      option("--ignore <list>", "columns that are left out", commaList("--ignore")),
      option("--missing <list>", "what stands for a missing value besides NA, NaN, NULL, ? and so on", commaList("--missing")),
      option("--labels <FILE>", "of a .npy table: the file with a target for each row", named("--labels")),
      option("--seed <n>", "seed of all random numbers; 1 if not given", whole("--seed", 0)),
      option("--out <folder>", "folder of the model and the report, in place of one in runs/", named("--out")),
      ...making().filter(({ long }) => long === "--executor" || long === "--json"),
    ],
  ).action(async (file: string, options: TuneOptions & { json?: boolean }) => {
    const { tune } = await import("./commands/tune.js");
    finish(await tune(file, options, of(options)));
  });

  add(
    program
      .command("predict")
      .description("what a model of ufom tune says of the rows of a table")
      .argument("<MODEL>", "the folder of a model")
      .argument("<FILE>", "a table with the columns that it was trained on"),
    [
      option("--out <FILE>", "where predictions are written; predictions.csv if not given", named("--out")),
      option("--ignore <list>", "columns that are left out", commaList("--ignore")),
      option("--missing <list>", "what stands for a missing value besides NA, NaN, NULL, ? and so on", commaList("--missing")),
      ...making().filter(({ long }) => long === "--json"),
    ],
  ).action(async (folder: string, file: string, options: PredictOptions & { json?: boolean }) => {
    const { predict } = await import("./commands/predict.js");
    finish(await predict(folder, file, options, of(options)));
  });

  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: () => {} });
  return program;
}

export { CommanderError };
