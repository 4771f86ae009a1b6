// The tables of docs/performance.md, as they stand there.
import { readFileSync, writeFileSync } from "node:fs";
import type { PeerResult, Row } from "./measure.js";
import type { PartyName } from "./party.js";
import type { Spread } from "./statistics.js";

const titles: Record<PartyName, string> = { ufom: "ufom", jax: "JAX", torch: "PyTorch eager", "torch best": "PyTorch's strongest" };

export const time = (s: number): string =>
  s < 1e-3
    ? `${(s * 1e6).toFixed(s < 1e-4 ? 1 : 0)} µs`
    : s < 1
      ? `${(s * 1e3).toFixed(s < 0.1 ? 1 : 0)} ms`
      : `${s.toFixed(s < 9.95 ? 1 : 0)} s`;
const factor = (x: number) => (x < 9.95 ? x.toFixed(2) : x.toFixed(0));
const spread = ({ median, low, high }: Spread) => `**${factor(median)}** (${factor(low)}–${factor(high)})`;

/** Where we are beside the fastest peer: level is within a tenth. */
export function standing(row: Row): { readonly word: "ahead" | "level" | "behind"; readonly ratio: number } | undefined {
  const all = Object.values(row.peers).map(({ ratio }) => ratio.median);
  if (all.length === 0) return undefined;
  const ratio = Math.min(...all);
  return { word: ratio > 1.1 ? "ahead" : ratio < 0.9 ? "behind" : "level", ratio };
}

export function header(peers: readonly PartyName[]): string {
  const columns = ["work", "beside the strongest", "ufom", "share of limit", ...peers.map(p => `${titles[p]} / ufom`)];
  return `| ${columns.join(" | ")} | first result: ufom, ${peers.map(p => titles[p]).join(", ")} |`;
}

/** Under the names of columns: numbers to the right. */
export const ruler = (head: string): string =>
  head.replace(/[^|]+/g, cell => (/ufom|limit/.test(cell) && !/[/:]/.test(cell) ? " ---: " : " --- "));

export function line(row: Row, peers: readonly PartyName[], limit: number): string {
  const of = (p: PartyName): PeerResult => row.peers[p]!,
    stands = standing(row);
  const cells = [
    row.name,
    stands ? `${stands.word} ${factor(stands.ratio)}` : "",
    time(row.seconds.median),
    row.gflops ? `${((100 * row.gflops) / limit).toFixed(0)} %` : "",
    ...peers.map(p => `${spread(of(p).ratio)} ${of(p).form}`),
    [row.first, ...peers.map(p => of(p).first)].map(time).join(", "),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Puts lines of a table into a page, each in the place of the line that begins with the same cell, under the table's own header. @throws if there is none */
export function intoPage(file: string, head: string, lines: readonly string[]): void {
  const text = readFileSync(file, "utf8").split("\n"),
    first = (l: string) => l.split("|")[1];
  for (const line of lines) {
    const at = text.findIndex((l, i) => {
      if (!l.startsWith("|") || first(l) !== first(line)) return false;
      let top = i;
      while (text[top - 1]?.startsWith("|")) top--;
      return text[top] === head;
    });
    if (at < 0) throw new Error(`ufom: a page that takes rows must have them already, under ${head}; ${file} has no${first(line)}.`);
    text[at] = line;
  }
  writeFileSync(file, text.join("\n"));
}

export const glanceHeader = "| work | beside the strongest | its time over ours |";

/** Rows of one kind of work in a line: where we are in all of them, worst to best. */
export function glance(group: string, rows: readonly Row[]): string {
  const all = rows.map(row => standing(row)!).sort((a, b) => a.ratio - b.ratio),
    [worst, best] = [all[0], all[all.length - 1]];
  const words = worst.word === best.word ? worst.word : `${worst.word} to ${best.word}`,
    range = all.length > 1 ? `${factor(worst.ratio)}–${factor(best.ratio)}` : factor(worst.ratio);
  return `| ${group} | **${words}** | ${range} |`;
}
