import * as fc from "../support/fast-check.js";
import { describe, expect, it, vi } from "vitest";
import { barLine } from "../../cli/src/progress.js";
import { formatTable } from "../../cli/src/terminal-table.js";
import { peopleTerminal } from "../../cli/src/terminal.js";
import { fitting, textWidth } from "../../cli/src/text-width.js";
import { shorten, terminalWidth, wrap } from "../../cli/src/terminal-width.js";

const lines = (text: string): string[] => text.split("\n");
const longest = (text: string): number => Math.max(...lines(text).map(line => line.length));

describe("the width of a terminal", () => {
  it("is the terminal's, or that of COLUMNS, or has no limit", () => {
    expect(terminalWidth({ columns: 80 }, "40")).toBe(80);
    expect(terminalWidth({}, "40")).toBe(40);
    expect(terminalWidth({}, "wide")).toBe(Infinity);
    expect(terminalWidth({}, undefined)).toBe(Infinity);
    // A pseudo-terminal that nobody gave a size.
    expect(terminalWidth({ columns: 0 }, undefined)).toBe(Infinity);
  });

  it("breaks texts between words, and words only where they are longer than a line", () => {
    expect(wrap("one two three four", 9)).toEqual(["one two", "three", "four"]);
    expect(wrap("  one two three four", 11, "    ")).toEqual(["  one two", "    three", "    four"]);
    expect(wrap("short", 9)).toEqual(["short"]);
    expect(wrap("abcdefghijklmnopqrstuvwxyz", 10).join("")).toBe("abcdefghijklmnopqrstuvwxyz");
    expect(shorten("abcdefghij", 5)).toBe("ab…ij");
  });

  it("is kept by any text, no word of which is lost", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z:=]{1,30}$/), { maxLength: 20 }), fc.integer({ min: 20, max: 100 }), (words, width) => {
        const broken = wrap(words.join(" "), width);
        expect(Math.max(...broken.map(line => line.length))).toBeLessThanOrEqual(width);
        expect(broken.join("").replaceAll(" ", "")).toBe(words.join(""));
      }),
    );
  });
});

describe("texts of strangers", () => {
  it("take the columns that they take, not as many as they have characters", () => {
    // Python's wcwidth says the same of these.
    const widths: [string, number][] = [
      ["abc", 3],
      ["漢字", 4],
      ["ｶﾅ", 2],
      ["한국어", 6],
      ["naïve", 5],
      ["nai\u0308ve", 5],
      ["🐟!", 3],
      ["ＡＢ", 4],
      ["—“”…", 4],
    ];
    expect(widths.map(([text]) => [text, textWidth(text)])).toEqual(widths);
    expect(fitting("漢字a", 3)).toBe("漢");
    expect(fitting("漢", 1)).toBe("漢");
    expect(wrap("漢字 漢字 ab", 7)).toEqual(["漢字", "漢字 ab"]);
    expect(wrap("漢字漢字漢字漢字漢字", 9).map(textWidth)).toEqual([8, 8, 4]);
    const [head, rule, ...body] = formatTable({
      columns: ["名", "n"],
      rows: [
        ["漢字", "1"],
        ["a", "20"],
      ],
    }).split("\n");
    expect([head, rule, ...body].map(textWidth)).toEqual([8, 8, 8, 8]);
  });
  it("give no orders to the terminal", () => {
    const written: string[] = [];
    vi.spyOn(process.stdout, "write").mockImplementation(text => (written.push(String(text)), true));
    vi.spyOn(process.stderr, "write").mockImplementation(text => (written.push(String(text)), true));
    const evil = "a\x1b[2Jb\x07\x9b1m\u202ec\td";
    peopleTerminal.line(evil);
    peopleTerminal.text(evil);
    peopleTerminal.note(evil);
    peopleTerminal.table({ title: evil, columns: [evil], rows: [[evil]] });
    vi.restoreAllMocks();
    expect(written.join("").replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(written[0]).toBe("a␛[2Jb␇\ufffd1m\ufffdc d\n");
  });
});

describe("a table on a terminal", () => {
  const wide = {
    columns: ["estimator", "held-out loss", "outer steps", "evaluations", "time", "most states", "outcome"],
    rows: [
      ["exact", "0.539 ± 0.012", "100", "16,400", "0.1 s", "20", "budget"],
      ["ufom:adaptive", "0.509 ± 0.001", "158", "16,432", "0.4 s", "5", "budget"],
    ],
  };

  it("is as it is where it fits, or where nothing says how wide", () => {
    expect(lines(formatTable(wide))[2]).toBe("exact          0.539 ± 0.012          100       16,400  0.1 s           20  budget");
    expect(formatTable(wide, 92)).toBe(formatTable(wide));
  });

  it("breaks a long text in its column", () => {
    const table = {
      columns: ["--outer", "update of θ"],
      rows: [["sgd:R", "gradient descent with the step size R, which may be a schedule"]],
    };
    expect(lines(formatTable(table, 40))).toEqual([
      "--outer  update of θ",
      "─".repeat(40),
      "sgd:R    gradient descent with the step",
      "         size R, which may be a schedule",
    ]);
  });

  it("is turned where that fits", () => {
    expect(lines(formatTable(wide, 60)).slice(0, 3)).toEqual([
      "estimator      exact          ufom:adaptive",
      "─────────────────────────────────────────────",
      "held-out loss  0.539 ± 0.012  0.509 ± 0.001",
    ].map((line, i) => (i === 1 ? "─".repeat(43) : line))); // prettier-ignore
  });

  it("is printed in parts that repeat what tells rows apart, or row by row", () => {
    const grid = {
      columns: ["estimator", "noise", "one figure", "another figure", "a third one"],
      rows: ["0.1", "0.2", "0.3"].map(noise => ["exact", noise, "0.123456", "1,234,567", "98.7"]),
    };
    const text = formatTable(grid, 46);
    expect(lines(text).filter(line => line.startsWith("exact"))).toHaveLength(6);
    expect(lines(text).filter(line => line.startsWith("estimator  noise"))).toHaveLength(2);
    const block = formatTable({ columns: ["estimator", "loss"], rows: [["ufom:adaptive:checkpoint=8:baseline=truncated:5", "1"]] }, 30);
    expect(lines(block)).toEqual([
      "estimator  ufom:adaptive:check",
      "           point=8:baseline=tr",
      "           uncated:5",
      "loss       1",
    ]);
  });

  it("is never wider than the terminal, and loses nothing", () => {
    const cell = fc.oneof(
      fc.stringMatching(/^[a-z0-9:=]{0,60}$/),
      fc.double({ noNaN: true }).map(String),
      fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 12 }).map(words => words.join(" ")),
    );
    const table = fc.integer({ min: 1, max: 9 }).chain(n =>
      fc.record({
        columns: fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { minLength: n, maxLength: n }),
        rows: fc.array(fc.array(cell, { minLength: n, maxLength: n }), { maxLength: 5 }),
      }),
    );
    fc.assert(
      fc.property(table, fc.integer({ min: 40, max: 120 }), (t, width) => {
        const text = formatTable(t, width);
        expect(longest(text)).toBeLessThanOrEqual(width);
        const bare = (s: string) => [...s.replace(/[\s─]/g, "")].sort().join("");
        const shown = bare(text);
        for (const c of [...t.columns, ...t.rows.flat()]) for (const letter of new Set(bare(c))) expect(shown).toContain(letter);
        expect(shown.length).toBeGreaterThanOrEqual(bare([...t.columns, ...t.rows.flat()].join("")).length);
      }),
    );
  });
});

describe("a bar", () => {
  const bar = {
    label: "ufom:adaptive:checkpoint=8:baseline=truncated:10",
    fraction: 0.5,
    steps: "step 1,234/9,007",
    figures: ["loss 0.4123", "q 0.05", "12,345,678 evaluations"],
    left: "3 min 5 s left",
  };

  it("says all there is where there is room", () => {
    expect(barLine({ ...bar, label: "exact" }, 200)).toBe(
      "exact  ██████████░░░░░░░░░░ 50%  step 1,234/9,007  loss 0.4123  q 0.05  12,345,678 evaluations  3 min 5 s left",
    );
  });

  it("says the most important in 80 columns", () => {
    const line = barLine(bar, 80);
    expect(line).toBe("ufom:ada…ated:10  ███░░░ 50%  step 1,234/9,007  loss 0.4123  3 min 5 s left");
  });

  it("is shorter than any terminal, and so is what is said", () => {
    for (let columns = 20; columns <= 200; columns++) {
      expect(barLine(bar, columns).length).toBeLessThan(columns);
      const said = barLine({ ...bar, said: "Stopping after this outer step and saving it; Ctrl-C again quits at once." }, columns);
      expect(said.length).toBeLessThan(columns);
      if (columns > 74) expect(said).toContain("Stopping after this outer step and saving it; Ctrl-C again quits at once.");
    }
  });
});
