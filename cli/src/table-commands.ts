import type { Command } from "commander";
import { duration, list as commaList, named, oneOf, shareOf, whole } from "./arguments.js";
import type { CleanOptions } from "./clean/options.js";
import { add, making, option, type Finish } from "./command-options.js";
import type { PredictOptions } from "./commands/predict.js";
import type { TuneOptions } from "./commands/tune.js";
import type { Terminal } from "./terminal.js";

const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;

/** The commands for people with a table or a folder of pictures of their own. */
export function addTableCommands(program: Command, of: (options: { readonly json?: boolean }) => Terminal, finish: Finish): void {
  add(
    program
      .command("clean")
      .description(
        "find the rows of your own table or pictures whose class, or number, is wrong; say how sure that is, and how many there are",
      )
      .argument("<TRAIN>", "CSV, TSV, JSON lines, Parquet or .npy, or a folder of class folders with PNG or JPEG files"),
    [
      option(
        "--label <column>",
        "the column with the classes or numbers that are looked at; of pictures it is their folder",
        named("--label", "the name of a column"),
      ),
      option("--trusted <file>", "rows whose labels somebody has checked, none of them in TRAIN", named("--trusted", "the name of a file")),
      option(
        "--trusted-column <name>",
        "a column of TRAIN that says yes where a row was checked",
        named("--trusted-column", "the name of a column"),
      ),
      option(
        "--features <columns|file>",
        "learn from these columns alone, or from a file with a row for each row",
        named("--features", "names of columns or a file"),
      ),
      option("--trusted-features <file>", "the same file for --trusted", named("--trusted-features", "the name of a file")),
      option("--types <a=type,b=type>", "what columns are, where that is not what was found", named("--types", "types of columns")),
      option("--ignore <columns>", "columns that nothing is learned from, apart by commas", named("--ignore", "names of columns")),
      option("--labels <file>", "of a .npy file: the file with its labels", named("--labels", "the name of a file")),
      option("--array <name>", "of a safetensors file: the array that is taken", named("--array", "the name of an array")),
      option("--encoding <name>", "of text: utf-8, utf-16le, utf-16be, windows-1252", oneOf("--encoding", encodings)),
      option("--size <pixels>", "of pictures: the height and width they are brought to", whole("--size", 1)),
      option("--sample <rows>", "take so many rows at random", whole("--sample", 1)),
      option(
        "--method <name>",
        "auto, confident-learning, disagreement, loss, transition, hyper-cleaning; of numbers auto, residual, noise-model, hyper-cleaning; auto if not given",
        named("--method", "the name of a method"),
      ),
      option("--seed <n>", "seed of all random numbers; 1 if not given", whole("--seed", 0)),
      option("--budget <time>", "end after this time with what is there: 90s, 2m, 1h", duration("--budget")),
      option(
        "--out <FILE.csv>",
        "TRAIN with weight, rank, p_wrong, suspect and suggested_label; TRAIN itself is never changed",
        named("--out", "the name of a file"),
      ),
      option(
        "--report <FILE.html>",
        "a page with the most suspect rows or pictures, who is taken for whom or what is predicted, and how far p_wrong holds",
        named("--report", "the name of a file"),
      ),
      option(
        "--review [FILE.jsonl]",
        "ask about the suspects one by one; answers are saved at once, and trusted the next time",
        named("--review", "the name of a file"),
      ),
      option("--answers <FILE.jsonl>", "trust the answers of an earlier review, without asking", named("--answers", "the name of a file")),
      option("--json", "print one JSON document on standard output, and nothing else there"),
    ],
  ).action(async (file: string, options: CleanOptions) => {
    const { cleanFile } = await import("./commands/clean.js");
    finish(await cleanFile(file, options, of(options)));
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
      option(
        "--methods <list>",
        "hypergradient,grid,random,halving, which are taken if not given; random-each: a penalty for each group",
        commaList("--methods"),
      ),
      option("--balanced", "every class counts alike, however many rows it has"),
      option("--folds <k>", "parts of the cross-validation; 5 if not given", whole("--folds", 2)),
      option("--held-out <share>", "share of the rows that only the final model sees; 0.25 if not given", shareOf("--held-out")),
      option("--rows <n>", "rows at most that hyperparameters are learned from; 2000 if not given", whole("--rows", 20)),
      option("--estimator <spelling>", "hypergradient: exact, truncated:20, ufom:adaptive, …"),
      option("--outer-steps <n>", "steps by hypergradients; 40 if not given", whole("--outer-steps", 1)),
      option("--inner-steps <r>", "steps of a training; 100 if not given, of an mlp 150", whole("--inner-steps", 1)),
      option("--budget <time>", "end after this time with what is there, as 90s or 2m: each method has its share", duration("--budget")),
      option("--test <FILE>", "predict the rows of another table with the same columns", named("--test")),
      option(
        "--predictions <FILE>",
        "with --test: where they are written, in place of the folder's predictions.csv",
        named("--predictions"),
      ),
      option("--report <FILE.html>", "a copy of the folder's report", named("--report", "the name of a file")),
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
}
