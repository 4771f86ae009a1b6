// `ufom tune` and `ufom predict` from end to end, and their page.
import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSafeTensors } from "../../src/files/safetensors.js";
import { codeBlocks } from "../docs/blocks.js";
import { commandLines, ufomWords } from "../docs/command-lines.js";
import { InstalledCommand } from "./command.js";
import { quick, test, train } from "./tune-files.js";

let command: InstalledCommand;
beforeAll(async () => (command = await InstalledCommand.make()));
afterAll(() => command.remove());

const json = (text: string) =>
  JSON.parse(text) as Record<string, never> & { methods: Record<string, unknown>[]; test: Record<string, never>; notes: string[] };
const withoutTimes = (text: string): string => text.replaceAll(/"(seconds|folder|predictions)": .*\n/g, "");

describe("classes", () => {
  let project: string;
  let first: { code: number | null; stdout: string; stderr: string };
  beforeAll(async () => {
    project = await command.project({ "train.tsv": train, "test.tsv": test });
    first = await command.call(
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
    const second = await command.call(
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
    const { code, stdout } = await command.call(project, "predict", "m", "new.csv", "--out", "new-predictions.csv");
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
  const { code, stdout } = await command.call(
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
  expect((await command.call(project, "predict", "m", "train.tsv")).code).toBe(0);
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
    const { code, stdout } = await command.call(project, ...(ufomWords(line) ?? []));
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
