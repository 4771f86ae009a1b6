import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { figure } from "../../cli/src/commands/figure.js";
import { isSystemError } from "../../cli/src/file-errors.js";
import { figureNames, figureSummaries, loadFigure } from "../../cli/src/figures/index.js";
import { commandLine } from "../../cli/src/program.js";
import { figureSvg } from "../../cli/src/report/figure-svg.js";
import type { Terminal } from "../../cli/src/terminal.js";

const kept = (name: string) => readFile(fileURLToPath(new URL(`../../docs/pictures/${name}`, import.meta.url)), "utf8");

describe("ufom figure", () => {
  const said: string[] = [],
    documents: unknown[] = [],
    tables: (readonly (readonly string[])[])[] = [];
  const terminal: Terminal = {
    line: text => void said.push(text),
    text: text => void said.push(text),
    table: ({ rows }) => void tables.push(rows),
    banner: () => {},
    json: document => void documents.push(document),
    note: () => {},
  };
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "ufom-figure-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const file = (name: string) => path.join(folder, name);

  test("without a name lists what there is", async () => {
    expect(await figure(undefined, {}, terminal)).toBe(0);
    expect(tables.at(-1)).toEqual(figureSummaries);
    expect(documents.at(-1)).toEqual({ figures: figureSummaries.map(([name, summary]) => ({ name, summary })) });
  });

  test("writes the picture and its numbers, the same from the same seed", async () => {
    const texts: string[] = [];
    for (const name of ["a", "b"]) {
      const options = { out: file(`${name}.svg`), numbers: file(`${name}.json`), seed: 4, starts: 3 };
      expect(await figure("objective", options, terminal)).toBe(0);
      expect(said.at(-1)).toContain(`${options.out}, ${options.numbers}: drawn in `);
      texts.push(await readFile(options.out, "utf8"), await readFile(options.numbers, "utf8"));
    }
    expect(texts.slice(2)).toEqual(texts.slice(0, 2));
    expect(JSON.parse(texts[1])).toMatchObject({ figure: "objective", command: "ufom figure objective --seed 4 --starts 3" });
    expect(documents.at(-1)).toMatchObject({ figure: "objective", out: file("b.svg"), numbers: file("b.json") });
  });

  test("is on the command line, with its options", async () => {
    const codes: number[] = [];
    const run = (...words: string[]) =>
      commandLine(
        "0",
        () => terminal,
        code => void codes.push(code),
      ).parseAsync(["figure", ...words], { from: "user" });
    await run();
    expect(tables.at(-1)).toEqual(figureSummaries);
    await run("objective", "--out", file("d.svg"), "--seed", "4", "--starts", "2");
    expect(codes).toEqual([0, 0]);
    expect(documents.at(-1)).toMatchObject({ command: "ufom figure objective --seed 4 --starts 2", out: file("d.svg") });
    await expect(run("objective", "--starts", "1.5")).rejects.toThrow('ufom: --starts must be a whole number ≥ 1; received "1.5".');
    await expect(run("objective", "--ways", "2")).rejects.toThrow("unknown option '--ways'");
  });

  test("refuses what cannot be meant", async () => {
    const refused = (name: string | undefined, options: Parameters<typeof figure>[1]) =>
      figure(name, options, terminal).then(
        () => "accepted",
        (error: Error) => error.message,
      );
    expect(await refused("objectiv", {})).toBe(
      `ufom: figure must be one of ${figureNames.join(", ")}; received "objectiv" (did you mean objective?).`,
    );
    expect(await refused("objective", { out: "a.png" })).toBe('ufom: --out must be a file that ends in .svg; received "a.png".');
    expect(await refused("objective", { numbers: "a.csv" })).toBe('ufom: --numbers must be a file that ends in .json; received "a.csv".');
    expect(await refused("objective", { starts: 1 })).toBe("ufom: --starts must be from 2 to 20,000; received 1.");
    expect(await refused("objective", { starts: 20_001 })).toBe("ufom: --starts must be from 2 to 20,000; received 20001.");
    expect(await refused(undefined, { seed: 2 })).toBe("ufom: --seed goes with a figure's name: ufom figure objective.");
    await expect(figure("objective", { out: file("none/a.svg"), starts: 2 }, terminal)).rejects.toSatisfy(isSystemError);
  });
});

describe("the picture", () => {
  const chart = { kind: "chart", title: "A panel", x: { label: "step" }, y: { label: "loss" } } as const;
  const points = [[1, 2], [2, 1]] as const; // prettier-ignore

  test("is one well-formed file with its title, axes and names, whose colours are all defined for light and for dark", async () => {
    const series = [
      { name: "a < b", points },
      { name: "", place: 0, style: "points" as const, points },
      { name: "c", points },
    ];
    const svg = await figureSvg({
      title: "Of & about",
      panels: [
        { ...chart, series },
        { ...chart, title: "Another", series },
      ],
    });
    for (const text of [">Of &amp; about<", ">A panel<", ">Another<", ">step<", ">loss<", ">a &lt; b<", ">c<"]) expect(svg).toContain(text);
    expect(svg).not.toMatch(/NaN|undefined|<script|href/);
    const open: string[] = [];
    for (const [, end, name, alone] of svg.matchAll(/<(\/?)([a-zA-Z]+)[^<>]*?(\/?)>/g))
      if (end !== "") expect(open.pop()).toBe(name);
      else if (alone === "") open.push(name);
    expect(open).toEqual([]);
    const [light, dark] = svg.split("@media screen and (prefers-color-scheme: dark)");
    for (const [, colour] of svg.matchAll(/var\((--\w+)\)/g)) {
      expect(light).toContain(`${colour}: #`);
      expect(dark).toContain(`${colour}: #`);
    }
    // A number at an axis keeps its digits, those of places in the picture are cut.
    const small = await figureSvg({
      title: "Small",
      panels: [{ ...chart, y: { label: "loss", scale: "log" }, series: [{ name: "a", points: [[1, 0.001], [2, 1]] }] }],
    }); // prettier-ignore
    expect(small).toContain(">0.001<");
    expect(small).not.toMatch(/ d="[^"]*\.\d{3}/);
    const ids = [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test("the documents have every figure with its numbers, drawn from as many starts as the command takes", async () => {
  for (const name of figureNames) {
    const { starts } = await loadFigure(name),
      { command } = JSON.parse(await kept(`${name}.json`)) as { command: string };
    expect(command).toBe(`ufom figure ${name} --seed 1 --starts ${starts}`);
    expect(await kept(`${name}.svg`)).toMatch(/^<svg /);
  }
});
