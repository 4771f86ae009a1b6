// `ufom tune` and `ufom predict` from end to end, and what they refuse.
import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runCommandLine } from "../../cli/src/run-command-line.js";
import { readSafeTensors } from "../../src/files/safetensors.js";
import { stream } from "../../src/index.js";
import { codeBlocks } from "../docs/blocks.js";
import { commandLines, ufomWords } from "../docs/command-lines.js";
import { InstalledCommand } from "./command.js";

let command: InstalledCommand;
beforeAll(async () => (command = await InstalledCommand.make()));
afterAll(() => command.remove());

/** Rows with a category, a number with missing values, and a target of each kind. */
function rows(count: number, seed: number): string[] {
  const random = stream(seed, "tune rows");
  return Array.from({ length: count }, () => {
    const [x, z, noise] = Array.from(random.normal([3]).data);
    const city = ["Rome", "Oslo", "Lima"][random.integer(3)];
    const score = x + (city === "Oslo" ? 1 : 0) + 0.4 * noise;
    return [
      x.toFixed(3),
      random.next() < 0.1 ? "" : z.toFixed(3),
      city,
      score > 0.3 ? "good, or better" : "bad",
      (10 * score + 3).toFixed(3),
    ].join("\t");
  });
}
const head = ["x", "z", "city", "rating", "price"].join("\t");
const train = `${[head, ...rows(120, 1)].join("\n")}\n`;
/** An unknown city, missing cells, and a row without a rating. */
const test = `${[head, ...rows(20, 2), "0.5\t\tParis\tbad\t1", "NA\t0.1\tOslo\t\t2"].join("\n")}\n`;
const quick = ["--outer-steps", "6", "--inner-steps", "20", "--folds", "3"];

const json = (text: string) =>
  JSON.parse(text) as Record<string, never> & { methods: Record<string, unknown>[]; test: Record<string, never>; notes: string[] };
const withoutTimes = (text: string): string => text.replaceAll(/"(seconds|folder|predictions)": .*\n/g, "");

describe("classes", () => {
  let project: string;
  let first: { code: number | null; stdout: string; stderr: string };
  beforeAll(async () => {
    project = await command.project({ "train.tsv": train, "test.tsv": test });
    first = await command.run(
      project,
      "tune",
      "train.tsv",
      "--target",
      "rating",
      "--ignore",
      "price",
      "--test",
      "test.tsv",
      "--out",
      "m",
      "--json",
      ...quick,
    );
  });

  it("are learned, compared, tested and reported", async () => {
    expect([first.code, first.stderr]).toEqual([0, expect.stringMatching(/^Note: test\.tsv: .*unknown category/m)]);
    const found = json(first.stdout);
    expect(found.methods.map(({ name }) => name)).toEqual(["untuned", "hypergradient", "grid", "random", "halving"]);
    expect(found).toMatchObject({
      outcome: "finished",
      target: { name: "rating", classes: ["bad", "good, or better"] },
      groups: ["x", "z", "city"],
    });
    expect(found.test).toMatchObject({ rows: 22, scores: { rows: 21 } });
    expect((found.test as unknown as { scores: { accuracy: { value: number } } }).scores.accuracy.value).toBeGreaterThan(0.7);
    expect(JSON.parse(await readFile(path.join(project, "m/result.json"), "utf8"))).toEqual(found);
    const page = await readFile(path.join(project, "m/report.html"), "utf8");
    for (const text of ["Lowest loss so far", "Penalties of groups", "hypergradient", "Test: test.tsv"]) expect(page).toContain(text);
  });

  it("are the same again", async () => {
    const second = await command.run(
      project,
      "tune",
      "train.tsv",
      "--target",
      "rating",
      "--ignore",
      "price",
      "--test",
      "test.tsv",
      "--out",
      "m2",
      "--json",
      ...quick,
    );
    expect(withoutTimes(second.stdout)).toBe(withoutTimes(first.stdout));
    for (const file of ["model.safetensors", "predictions.csv"])
      expect(readFileSync(path.join(project, "m2", file)).equals(readFileSync(path.join(project, "m", file)))).toBe(true);
  });

  it("are predicted by the model's folder alone, rows without a rating too", async () => {
    await writeFile(
      path.join(project, "new.csv"),
      test.replaceAll(",", ";").replaceAll("\t", ",").replaceAll("good; or better", '"good, or better"'),
    );
    const { code, stdout } = await command.run(project, "predict", "m", "new.csv", "--out", "new-predictions.csv");
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^Predictions: new-predictions\.csv, 22 rows of new\.csv; log loss .*accuracy/),
    ]);
    const [here, there] = ["new-predictions.csv", "m/predictions.csv"].map(file => readFileSync(path.join(project, file), "utf8"));
    expect(here).toBe(there);
    const lines = there.trimEnd().split("\n");
    expect(lines[0]).toBe('row,rating,p(bad),"p(good, or better)"');
    expect(lines).toHaveLength(23);
    for (const line of lines.slice(1)) {
      const [a, b] = line.split(",").slice(-2).map(Number);
      expect(a + b).toBeCloseTo(1, 5);
      expect(line).toContain(a > b ? ",bad," : ',"good, or better",');
    }
  });

  it("are computed from what the manifest and the weights say, and nothing else", async () => {
    const manifest = JSON.parse(await readFile(path.join(project, "m/manifest.json"), "utf8")) as {
      featureNames: string[];
      features: { columns: { name: string; center: number; scale: number }[] };
    };
    const { tensors } = readSafeTensors(await readFile(path.join(project, "m/model.safetensors")), "m");
    const [w, b] = ["layers.0.weight", "layers.0.bias"].map(name => tensors.get(name)!.data);
    expect(manifest.featureNames).toEqual(["x", "z", "z missing", "city=Lima", "city=Oslo", "city=Rome"]);
    // The row "0.5, missing, Paris": a number, what says that z is missing, and no city.
    const { center, scale } = manifest.features.columns[0];
    const features = [(0.5 - center) / scale, 0, 1, 0, 0, 0];
    const logits = [0, 1].map(k => features.reduce((sum, x, i) => sum + x * w[2 * i + k], b[k]));
    const line = readFileSync(path.join(project, "m/predictions.csv"), "utf8").split("\n")[21];
    expect(Number(line.split(",").at(-2))).toBeCloseTo(1 / (1 + Math.exp(logits[1] - logits[0])), 5);
  });
});

it("learns an MLP of numbers, and predicts them in their unit", async () => {
  const project = await command.project({ "train.tsv": train, "test.tsv": test });
  const args = [
    "tune",
    "train.tsv",
    "--target",
    "price",
    "--ignore",
    "rating",
    "--model",
    "mlp",
    "--hidden",
    "4",
    "--methods",
    "hypergradient,random",
  ];
  const { code, stdout } = await command.run(
    project,
    ...args,
    "--test",
    "test.tsv",
    "--predictions",
    "p.csv",
    "--out",
    "m",
    ...quick,
    "--outer-steps",
    "12",
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/error \(RMS\), cross-validated/);
  expect(stdout).toMatch(/penalty λ of the second layer/);
  const values = readFileSync(path.join(project, "p.csv"), "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map(line => Number(line.split(",")[1]));
  const truth = test
    .trimEnd()
    .split("\n")
    .slice(1)
    .map(line => Number(line.split("\t")[4]));
  const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
  const error = mean(values.map((v, i) => (v - truth[i]) ** 2));
  expect(error).toBeLessThan(0.5 * mean(truth.map(t => (t - mean(truth)) ** 2)));
});

it("keeps what there is at Ctrl-C", async () => {
  const project = await command.project({ "train.tsv": train });
  let pressed = false;
  const args = ["tune", "train.tsv", "--target", "rating", "--out", "m", "--outer-steps", "1000000", "--rows", "100"];
  const { code, stdout } = await command.start(project, args, (stderr, child) => {
    if (pressed || !stderr.includes("outer step")) return;
    pressed = true;
    child.kill("SIGINT");
  });
  expect([code, stdout]).toEqual([1, expect.stringMatching(/hypergradient.*\(stopped\)/)]);
  for (const file of ["manifest.json", "model.safetensors", "result.json", "report.html"])
    expect(existsSync(path.join(project, "m", file))).toBe(true);
  expect((await command.run(project, "predict", "m", "train.tsv")).code).toBe(0);
});

/** What the command says in this process, which starts it faster, and with which code it would end. */
async function said(folder: string, args: readonly string[]): Promise<string> {
  const before = process.cwd();
  const texts: string[] = [];
  const write = (text: string | Uint8Array): boolean => texts.push(String(text)) > 0;
  const spies = [process.stdout, process.stderr].map(stream => vi.spyOn(stream, "write").mockImplementation(write));
  process.chdir(folder);
  try {
    const code = await runCommandLine(args);
    return `${code} ${texts.join("")}`.trim();
  } finally {
    process.chdir(before);
    for (const spy of spies) spy.mockRestore();
  }
}

describe("refuses in one sentence", () => {
  const of = async (args: string[], files: Record<string, string> = {}) => {
    const project = await command.project({ "train.tsv": train, ...files });
    return said(project, args);
  };
  const csv = (target: (i: number) => string, count = 60) =>
    ["x,y", ...Array.from({ length: count }, (_, i) => `${((i * 7919) % 101) / 10},${target(i)}`)].join("\n");
  const tune = (...more: string[]) => ["tune", "a.csv", "--target", "y", ...more];

  it.each([
    [
      "no such column",
      ["tune", "train.tsv", "--target", "ratng"],
      {},
      '2 ufom: train.tsv must have a column "ratng" (did you mean "rating"?); received columns "x", "z", "city", "rating", "price".',
    ],
    [
      "no target",
      ["tune", "train.tsv"],
      {},
      '2 ufom: tune needs --target, the column to predict: one of "x", "z", "city", "rating", "price".',
    ],
    ["one class", tune(), { "a.csv": csv(() => "a") }, '2 ufom: a.csv must have at least two classes in "y"; received "a" in every row.'],
    [
      "text where numbers belong",
      tune("--types", "y=number"),
      { "a.csv": csv(i => (i === 4 ? "many" : `${i}.5`)) },
      '2 ufom: a.csv must hold numbers in "y"; received "many" in row 5.',
    ],
    [
      "±∞ in the target",
      tune(),
      { "a.csv": csv(i => (i === 9 ? "inf" : `${i}.5`)) },
      '2 ufom: a.csv must hold finite numbers in "y"; received ±∞ in row 10.',
    ],
    [
      "a target that is always missing",
      tune(),
      { "a.csv": csv(() => "NaN") },
      '2 ufom: a.csv must have labels in "y"; received none in any row.',
    ],
    [
      "too few rows",
      tune(),
      { "a.csv": csv(i => "ab"[i % 2], 8) },
      "2 ufom: a.csv must have rows for a held-out 25 % and 5 folds, 14 or more; received 8 rows with a label.",
    ],
    [
      "classes of one row",
      tune("--types", "y=category"),
      { "a.csv": csv(i => (i === 3 ? "b" : "a")) },
      "2 ufom: a.csv must have at least two classes with 2 rows each beside those held out; received 1 class.",
    ],
    [
      "numbers that shall be balanced",
      ["tune", "train.tsv", "--target", "price", "--balanced"],
      {},
      '2 ufom: --balanced goes with classes; train.tsv has numbers in "price".',
    ],
    [
      "predictions of nothing",
      ["tune", "train.tsv", "--target", "rating", "--predictions", "p.csv"],
      {},
      "2 ufom: --predictions goes with --test FILE, the rows to predict.",
    ],
    [
      "an unknown knob",
      ["tune", "train.tsv", "--target", "rating", "--learn", "penalty"],
      {},
      '2 ufom: --learn takes penalties, rate, schedule, length, class-weights, smoothing; received "penalty".',
    ],
    [
      "a time without a unit",
      ["tune", "train.tsv", "--target", "rating", "--budget", "2"],
      {},
      '2 ufom: --budget must be a time with its unit, as 90s, 2m or 1h; received "2".',
    ],
    [
      "all rows held out",
      ["tune", "train.tsv", "--target", "rating", "--held-out", "1"],
      {},
      '2 ufom: --held-out must be a number from 0 to below 1; received "1".',
    ],
    [
      "no model",
      ["predict", "m", "train.tsv"],
      {},
      "2 ufom: m must be the folder of a model, as ufom tune writes it, with manifest.json and model.safetensors; received nothing of that name.",
    ],
    [
      "a folder that is no model",
      ["predict", "m", "train.tsv"],
      { "m/readme.txt": "" },
      "2 ufom: m must be the folder of a model, as ufom tune writes it, with manifest.json and model.safetensors; received a folder without manifest.json.",
    ],
    [
      "another manifest",
      ["predict", "m", "train.tsv"],
      { "m/manifest.json": '{"name":"app"}', "m/model.safetensors": "" },
      '2 ufom: m/manifest.json must be the manifest of a model ("format": "ufom.model"); received {"name":"app"}.',
    ],
  ])("%s", async (_, args, files, sentence) => expect(await of(args, files as Record<string, string>)).toBe(sentence));

  it("a test file with other columns, before anything is trained", async () => {
    const less = await of(["tune", "train.tsv", "--target", "rating", "--test", "b.tsv", "--out", "m", ...quick], {
      "b.tsv": train.replace("city", "town"),
    });
    expect(less).toBe('2 ufom: b.tsv must have the columns that were learned from, as "city"; received none of that name.');
    const more = await of(["tune", "train.tsv", "--target", "rating", "--test", "b.tsv", "--out", "m", ...quick], {
      "b.tsv": train.replace("city", "city\tage").replaceAll(/\t(Rome|Oslo|Lima)/g, "\t$1\t3"),
    });
    expect(more).toBe('2 ufom: b.tsv must have no columns but those that were learned from (--ignore leaves some out); received "age".');
  });
});

it("is what its page says", async () => {
  const file = fileURLToPath(new URL("../../docs/tune.md", import.meta.url));
  const blocks = codeBlocks("docs/tune.md", readFileSync(file, "utf8"));
  const commands = commandLines(blocks.filter(({ words }) => words.includes("runs"))).flatMap(line => ufomWords(line) ?? []);
  expect(commands.length).toBeGreaterThan(0);
  const project = await command.project();
  await mkdir(path.join(project, "examples"));
  await copyFile(fileURLToPath(new URL("../../examples/penguins.csv", import.meta.url)), path.join(project, "examples/penguins.csv"));
  let printed = "";
  for (const line of commandLines(blocks.filter(({ words }) => words.includes("runs")))) {
    const { code, stdout } = await command.run(project, ...(ufomWords(line) ?? []));
    expect(code).toBe(0);
    printed += stdout;
  }
  const plain = (text: string): string =>
    text
      .replaceAll(/(\d+ min )?\d[\d.]* (ms|s)\b/g, "")
      .replaceAll(/ time /g, " ")
      .replaceAll(/[ ─]+/g, " ")
      .trim();
  // What each took is not the same twice.
  const [shown] = blocks.filter(({ words }) => words.includes("printed"));
  for (const line of shown.code.split("\n").filter(text => text.trim() !== "")) expect(plain(printed)).toContain(plain(line));
});
