// npx tsx --tsconfig tsconfig.check.json bench/stepwise-picture.ts ROWS OUT.svg: what an estimate with a coin a step takes against r, drawn from the
// lines that bench/stepwise.ts printed, of one scheme and of several numbers of inner steps.
import { readFileSync, writeFileSync } from "node:fs";
import type { Chart, Series } from "../cli/src/problems/figure.js";
import { figureSvg } from "../cli/src/report/figure-svg.js";

const [, , rows, out] = process.argv;
if (!rows || !out) throw new Error("Usage: npx tsx --tsconfig tsconfig.check.json bench/stepwise-picture.ts ROWS OUT.svg");

interface Line {
  readonly r: number;
  readonly scheme: string;
  readonly variance: number;
  readonly oneCoin: number;
  readonly states: number;
  readonly first: number;
  readonly exact: number;
}
const lines = readFileSync(rows, "utf8")
  .split("\n")
  .flatMap((text): Line[] => {
    const cells = text.split(" | "),
      r = / r (\d+),/.exec(cells[0])?.[1];
    if (r === undefined) return [];
    const [variance, oneCoin, states, first, exact] = [3, 10, 11, 12, 13].map(i => Number(cells[i]));
    return [{ r: Number(r), scheme: cells[1], variance, oneCoin, states, first, exact }];
  })
  .sort((a, b) => a.r - b.r);
const schemes = new Set(lines.map(({ scheme }) => scheme));
if (schemes.size !== 1) throw new Error(`${rows} must have lines of one scheme; it has ${[...schemes].join(", ") || "none"}.`);
const [scheme] = schemes;

const line = (name: string, place: number, of: (one: Line) => number): Series => ({
    name,
    place,
    points: lines.map(one => [one.r, of(one)] as const).filter(([, y]) => y > 0),
  }),
  panel = (title: string, label: string, scale: "linear" | "log", series: readonly Series[]): Chart => ({
    kind: "chart",
    title,
    x: { label: "inner steps r", scale: "log" },
    y: { label, scale },
    series,
  });
writeFileSync(
  out,
  await figureSvg({
    title: `A coin a step against r (${scheme})`,
    panels: [
      panel("Variance beside the exact gradient's", "variance / V²", "log", [
        line("a coin a step", 1, ({ variance }) => variance),
        line("one coin, as many products", 0, ({ oneCoin }) => oneCoin),
      ]),
      panel("Time of an estimate, in that of a first-order one", "time / first-order's", "linear", [
        line("a coin a step", 1, ({ first }) => first),
        line("exact", 2, ({ first, exact }) => first / exact),
      ]),
      panel("States held at most", "states", "log", [line("a coin a step", 1, ({ states }) => states), line("exact", 2, ({ r }) => r)]),
    ],
  }),
);
