import { readFileSync } from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import { afterEach, describe, expect, it, vi } from "vitest";
import { answersOf } from "../../cli/src/clean/answer.js";
import { Answers } from "../../cli/src/clean/answers-file.js";
import type { Verdict } from "../../cli/src/clean/find.js";
import { Keys } from "../../cli/src/clean/keys.js";
import type { Cleaned } from "../../cli/src/clean/output.js";
import { rowsOf } from "../../cli/src/clean/read.js";
import { readClasses } from "../support/clean-command.js";
import { review } from "../../cli/src/clean/review.js";
import { textWidth } from "../../cli/src/text-width.js";
import { tableFolder } from "../support/table-files.js";

const { folder, write } = tableFolder();

/** A terminal's input, and whether it is raw. */
function terminal() {
  const modes: boolean[] = [],
    input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (raw: boolean) => void modes.push(raw) });
  return { input, modes, keys: () => new Keys(input as unknown as ReadStream) };
}

const said: string[] = [];
let made = 0;
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  said.length = 0;
});

const classes = ["cat", "catfish", "長い名前の魚"];

/** Six suspects of twelve rows, each with the class behind its own suggested. */
async function suspects() {
  const rows = Array.from({ length: 12 }, (_, i) => `${i * i * 0.37},"\x1b[2Jw${i}\n${"漢字".repeat(30)}",${classes[i % 3]}`),
    table = write("fish.csv", `x,word,label\n${rows.join("\n")}\n`),
    file = await readClasses(table, { label: "label" }),
    cleaned = rowsOf(file, new Map()),
    { labels } = cleaned.input.rows,
    verdict: Verdict = {
      method: "loss",
      reason: "",
      rule: "",
      score: new Float64Array(12),
      rank: Int32Array.from(labels, (_, i) => i + 1),
      pWrong: Float64Array.from(labels, () => 0.9),
      suspect: Uint8Array.from(labels, (_, i) => Number(i < 6)),
      suggested: labels.map(y => (y + 1) % 3),
      weight: new Float64Array(12),
      checked: [],
      tried: [],
    },
    answers = await Answers.open(path.join(folder, `fish${++made}.review.jsonl`), file, table);
  return {
    cleaned: {
      file,
      rows: cleaned,
      found: { outcome: "finished" },
      verdict,
      answers: new Map(),
      perRow: answersOf(file, cleaned, verdict, new Map()),
      method: "loss",
      seed: 1,
      seconds: 0,
    } satisfies Cleaned,
    answers,
  };
}

/** What keys do to a review on a terminal of 80 columns. */
async function press(keys: readonly string[]) {
  vi.stubEnv("COLUMNS", "80");
  vi.spyOn(process.stdout, "write").mockImplementation(text => (said.push(String(text)), true));
  const { cleaned, answers } = await suspects(),
    { input, modes, keys: make } = terminal();
  for (const key of keys) input.write(key);
  const count = await review(cleaned, answers, make);
  vi.restoreAllMocks();
  return { count, modes, text: said.join(""), byRow: Array.from(answers.byRow).sort(([a], [b]) => a - b), file: answers.file };
}

describe("keys of a review on a terminal", () => {
  it("act as they are pressed, without Enter, and the terminal is given back", async () => {
    const { count, modes, byRow, text, file } = await press(["k", "r", "s", "u", "u", "k", "q"]);
    // Row 0 kept, row 1 relabelled, row 2 skipped; that and row 1 are taken back, and row 1 is kept.
    expect({ count, byRow }).toEqual({
      count: 2,
      byRow: [
        [0, 0],
        [1, 1],
      ],
    });
    expect(modes).toEqual([true, false]);
    expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(3);
    expect(text.match(/\d(?= of 6, row)/g)).toEqual(["1", "2", "3", "4", "3", "2", "3"]);
    for (const part of ['Kept as "cat"', 'Relabelled as "長い名前の魚"', "Skipped.", "Taken back."]) expect(text).toContain(part);
  });

  it("of several bytes are one key, and say nothing to a review", async () => {
    const { text, count } = await press(["\x1b[A", "\x1bOP", "\x1b[1;5C", "?", "é", "q"]);
    expect(count).toBe(0);
    expect(text.match(/is none of k, r, o, s, u, q\./g)).toHaveLength(5);
    expect(text.match(/That key is none/g)).toHaveLength(3);
    // What was asked stands, and is not asked again.
    expect(text.match(/1 of 6, row 1/g)).toHaveLength(1);
  });

  it.each([
    ["Ctrl-C", ["k", "\x03"], 1],
    ["Ctrl-D", ["\x04"], 0],
    ["Ctrl-C within a name", ["o", "ca", "\x03"], 0],
    ["Ctrl-D within a name", ["o", "\x04"], 0],
  ])("%s ends it, with what was answered saved", async (_, keys, answered) => {
    const { count, modes, byRow } = await press(keys);
    expect({ count, saved: byRow.length }).toEqual({ count: answered, saved: answered });
    expect(modes).toEqual([true, false]);
  });

  it("type a name, that is shown as it is typed, mended, given up, and asked for again", async () => {
    const { byRow, text } = await press([
      "o",
      "長x\x7f\x7f",
      "CATF",
      "\r",
      "o",
      "zz\x15長\r",
      "o",
      "cat\x1b",
      "o",
      "\r",
      "o",
      "catt\r",
      "o",
      "cat\r",
      "q",
    ]);
    expect(byRow).toEqual([
      [0, 1],
      [1, 2],
      [2, 0],
    ]);
    // A letter of two columns is wiped with two steps back.
    expect(text).toContain("> 長x\b \b\b \b\b \bCATF\n");
    expect(text).toContain('There is no class "catt" (did you mean "cat"?)');
    // Escape, and Enter alone: the suspect is shown again.
    expect(text.match(/3 of 6, row 3/g)).toHaveLength(3);
  });

  it("texts of a file are no orders to the terminal, and break where it ends", async () => {
    const { text } = await press(["q"]);
    expect(text).not.toContain("\x1b");
    expect(text).toContain("word: ␛[2Jw0\n  漢字");
    expect(text.split("\n").filter(line => textWidth(line) > 80)).toEqual([]);
  });
});
