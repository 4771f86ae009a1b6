import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { Answers } from "../../cli/src/clean/answers-file.js";
import { architectures } from "../../cli/src/cleaning/classifier.js";
import { noisyRows } from "../../cli/src/cleaning/fits.js";
import { clean as cleanRows } from "../../cli/src/cleaning/clean.js";
import { checkInput, learnedLabels } from "../../cli/src/cleaning/input.js";
import { heldOutAccuracy } from "../../cli/src/cleaning/held-out-accuracy.js";
import { createWasmExecutor } from "../../src/index.js";
import { stream } from "../../src/core/random/index.js";
import { clean, csv, readClasses } from "../support/clean-command.js";
import { greyPng } from "../support/pictures.js";
import { tableFolder } from "../support/table-files.js";

const { folder, write } = tableFolder();
const at = (name: string): string => path.join(folder, name);
const classes = ["k", "l", "m"];

/** Three overlapping clouds; a quarter of the labels is wrong, mostly by one class. */
const random = stream(1, "second round"),
  truth = Array.from({ length: 240 }, (_, i) => i % 3),
  given = truth.map(y => (random.next() < 0.25 ? (y + 1 + Number(random.next() < 0.2)) % 3 : y)),
  cells = truth.map(y => {
    const [a, b] = random.normal([2], 1).data;
    return [(a + 2.2 * Number(y === 1)).toFixed(3), (b + 2.2 * Number(y === 2)).toFixed(3)];
  }),
  wrong = (row: number): boolean => truth[row] !== given[row],
  text = (rows = cells): string => `a,b,label\n${rows.map((row, i) => [...row, classes[given[i]]].join(",")).join("\n")}\n`;
interface Said {
  suspects: { row: number }[];
  wrong: { value: number; low: number; high: number };
}

/** What a person who knows the truth answers for some rows. */
async function answer(table: string, file: string, rows: readonly number[]): Promise<void> {
  const read = await readClasses(table, { label: "label" }),
    answers = await Answers.open(file, read, table);
  for (const row of rows) await answers.set(row, truth[row]);
}

describe("a second round", () => {
  it("finds what is left, and asks about nothing that was answered", async () => {
    const table = write("rounds.csv", text()),
      answers = at("rounds.review.jsonl"),
      options = { label: "label", method: "transition" },
      rowsOf = ({ suspects }: Said) => suspects.map(({ row }) => row - 1),
      first = (await clean(table, options)).json as unknown as Said,
      asked = rowsOf(first),
      found = asked.filter(wrong),
      all = truth.filter((_, row) => wrong(row)).length;
    // It has something to find, and asks about right rows too.
    expect(asked.length).toBeGreaterThan(found.length);
    expect(found.length).toBeLessThan(all);
    await answer(table, answers, asked);
    const { json, lines } = await clean(table, { ...options, answers, out: at("rounds-out.csv") }),
      second = json as unknown as Said,
      more = rowsOf(second);
    expect(more.filter(row => asked.includes(row))).toEqual([]);
    // As docs/clean.md says: three quarters, and then a quarter of what is left.
    expect(found.length).toBeGreaterThan(0.75 * all);
    expect(more.filter(wrong).length).toBeGreaterThanOrEqual(0.25 * (all - found.length));
    // What is left is counted, not what is known.
    expect(second.wrong.low).toBeLessThanOrEqual(all - found.length);
    expect(second.wrong.high).toBeGreaterThanOrEqual(all - found.length);
    expect(second.wrong.value).toBeLessThan(first.wrong.value / 2);
    const said = lines.join(" ").replaceAll(/\s+/g, " ");
    expect(said).toContain(`Beside this ${asked.length} rows are trained on as a review answered`);
    expect(said).toContain(`A review has answered for ${asked.length} rows: ${found.length} wrong, ${asked.length - found.length} right.`);
    expect(said).toMatch(new RegExp(`of the ${240 - asked.length} other labels are wrong`));
    const rows = csv(at("rounds-out.csv"));
    for (const row of asked)
      expect(rows[row]).toMatchObject({ weight: "1", rank: "", p_wrong: "0", suspect: "false", suggested_label: classes[truth[row]] });
    expect(rows.flatMap(({ rank }) => (rank === "" ? [] : [Number(rank)])).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 240 - asked.length }, (_, i) => i + 1),
    );
  });
});

describe("rows whose truth is known", () => {
  const half = Math.log(0.5),
    rows = { features: Float32Array.of(0, 1, 0, 1), labels: Int32Array.of(0, 1, 0, 1), truth: Int32Array.of(-1, 0, 0, -1) };
  it("are trained on with it, and are pairs for the noise model, once each", () => {
    expect(Array.from(learnedLabels(rows))).toEqual([0, 0, 0, 1]);
    const none = { features: new Float32Array(), labels: new Int32Array() },
      all = noisyRows(new Float64Array(8).fill(half), rows, new Float64Array(), none, 2);
    expect(Array.from(all.given)).toEqual([0, 1, 0, 1]);
    expect(Array.from(all.logTruth)).toEqual([half, half, 0, -Infinity, 0, -Infinity, half, half]);
    expect(Array.from(all.logLooks)).toEqual(new Array(8).fill(half));
  });
  it("must be as many as rows, and classes", () => {
    for (const truth of [Int32Array.of(0, 1), Int32Array.of(0, 1, 2, -1)])
      expect(() => checkInput({ rows: { ...rows, truth }, width: 1, classes: 2 })).toThrow(/clean's true classes must be one for each row/);
  });
  it("show the noise model how often each class is lost, however suspect they were chosen", async () => {
    // Nothing can be seen of the classes: what is known of the noise is what was answered.
    const noise = stream(3, "no looks"),
      n = 400,
      true_ = Int32Array.from({ length: n }, (_, i) => i % 2),
      labels = true_.map(y => (y === 0 && noise.next() < 0.4 ? 1 : y)),
      features = noise.normal([n], 1).data,
      // All rows given a 1, and of the others one in four.
      truth = true_.map((y, i) => (labels[i] === 1 || i % 4 === 0 ? y : -1)),
      find = (known: Int32Array) =>
        cleanRows(
          { rows: { features: Float32Array.from(features), labels, truth: known }, width: 1, classes: 2 },
          { seed: 1, executor: createWasmExecutor() },
          "transition",
        ),
      lost = labels.filter((y, i) => y === 1 && true_[i] === 0).length / (n / 2),
      { transition, suspect } = await find(truth);
    expect(Math.abs(transition[1] - lost)).toBeLessThan(0.05);
    expect(transition[2]).toBeLessThan(0.05);
    expect(suspect.some((one, i) => one === 1 && truth[i] >= 0)).toBe(false);
  });
  it("are mended in the training after cleaning, and stand as given in that before", async () => {
    const random = stream(4, "halves"),
      side = (n: number) => {
        const labels = Int32Array.from({ length: n }, (_, i) => i % 2);
        return { features: Float32Array.from(labels, y => 4 * y + random.normal([1], 1).data[0]), labels };
      },
      right = side(80),
      // Most of a class has the label of the other.
      labels = right.labels.map((y, i) => (y === 0 && i % 8 !== 0 ? 1 : y)),
      input = { rows: { ...right, labels, truth: right.labels }, width: 1, classes: 2, trusted: side(40) },
      context = { seed: 1, executor: createWasmExecutor() };
    const { before, after } = await heldOutAccuracy(input, context, "disagreement", {}, { architecture: architectures[0], steps: 100 });
    expect(before.value).toBeLessThan(0.7);
    expect(after.value).toBeGreaterThan(0.9);
    // Learned weights are those of true classes; the score says what is known of the given ones.
    const { score, suspect } = await cleanRows(input, context, "hyper-cleaning", { outerSteps: 3, innerSteps: 10 }),
      known = Array.from(labels).flatMap((y, i) => (y === right.labels[i] ? [] : [score[i]]));
    expect(Math.min(...known)).toBe(Math.max(...score));
    expect(suspect.every(one => one === 0)).toBe(true);
  });
});

describe("answers", () => {
  it("about rows that are others now are refused; one that was mended as answered is not", async () => {
    const table = write("changed.csv", text()),
      answers = at("changed.review.jsonl"),
      row = truth.findIndex((_, i) => i > 99 && wrong(i)),
      again = () => clean(table, { label: "label", method: "disagreement", answers });
    await answer(table, answers, [row, row + 1]);
    write("changed.csv", text(cells.map((line, i) => (i === row ? ["9.5", line[1]] : line))));
    await expect(again()).rejects.toThrow(
      new RegExp(`must hold answers about the rows of \\S+ as they are .*; received row ${row + 1} on line 2, which has changed since\\.$`),
    );
    // A row taken out above: every number below is another row's.
    write("changed.csv", text().replace(/\n.*/, ""));
    await expect(again()).rejects.toThrow(/must hold answers about the rows of/);
    write(
      "changed.csv",
      text()
        .split("\n")
        .slice(0, row + 1)
        .join("\n"),
    );
    await expect(again()).rejects.toThrow(/received row \d+, which is not there or has no label\.$/);
    write(
      "changed.csv",
      text()
        .split("\n")
        .map((line, i) => (i === row + 1 ? line.replace(/\w$/, classes[truth[row]]) : line))
        .join("\n"),
    );
    expect((await again()).json.answers).toBe(2);
  });
  it("must not gainsay what a column says, and are counted once where they agree", async () => {
    const marked = `ok,${text()}`
        .split("\n")
        .map((line, i) => (i === 0 || line === "" ? line : `${i <= 24 ? "yes" : "no"},${line}`))
        .join("\n"),
      table = write("marked.csv", marked),
      options = { label: "label", method: "transition", trustedColumn: "ok" },
      right = truth.findIndex((_, i) => !wrong(i)),
      odd = truth.findIndex((_, i) => wrong(i)),
      answers = at("marked.review.jsonl");
    await answer(table, answers, [right]);
    const { json } = await clean(table, { ...options, answers });
    expect({ rows: json.rows, trusted: json.trusted, answers: json.answers }).toEqual({ rows: 216, trusted: 24, answers: 0 });
    await answer(table, answers, [odd]);
    await expect(clean(table, { ...options, answers })).rejects.toThrow(
      /must not gainsay rows that are trusted by column "ok"; received row \d+, which is "\w" there and "\w" here\.$/,
    );
  });
  it("about pictures go with their files, whatever comes beside them", async () => {
    const look = (i: number) => greyPng(4, 4, (x, y) => ((i % 2 === 0 ? x : y) < 2 ? 200 : (x * y * i) % 40));
    for (let i = 0; i < 20; i++) {
      const name = i % 2 === 0 ? "left" : "top";
      mkdirSync(at(`sides/${name}`), { recursive: true });
      writeFileSync(at(`sides/${name}/${10 + i}.png`), look(i));
    }
    const sides = at("sides"),
      file = at("sides.review.jsonl"),
      options = { method: "disagreement", answers: file },
      read = await readClasses(sides, {}),
      kept = await Answers.open(file, read, sides),
      place = (name: string) => read.table.files!.findIndex(picture => picture.endsWith(name));
    await kept.set(place("left/14.png"), 1);
    await kept.set(place("left/16.png"), 0);
    // One before all others changes every number.
    writeFileSync(at("sides/left/00.png"), look(0));
    expect((await clean(sides, { ...options, out: at("sides.csv") })).json.answers).toBe(2);
    expect(csv(at("sides.csv")).find(row => row.file.endsWith("left/14.png"))).toMatchObject({ suggested_label: "top", suspect: "false" });
    renameSync(at("sides/left/14.png"), at("sides/top/14.png"));
    const { json, lines } = await clean(sides, options);
    expect(json.answers).toBe(1);
    expect(lines.join(" ").replaceAll(/\s+/g, " ")).toContain("1 answer about pictures that are not there any more is not used.");
    writeFileSync(at("sides/left/16.png"), look(3));
    await expect(clean(sides, options)).rejects.toThrow(/received left\/16\.png on line 3, which has changed since\.$/);
    rmSync(file);
    expect(readFileSync(at("sides.csv"), "utf8")).toContain("left/00.png");
  });
});
