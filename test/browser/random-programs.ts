import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as fc from "../support/fast-check.js";
import type { Program } from "../../src/program/program.js";
import { serializeProgram } from "../../src/program/serialize.js";
import type { FloatType } from "../../src/tensor/types.js";
import { randomProgram } from "../support/random-program.js";

const file = fileURLToPath(new URL("random-programs.jsonl", import.meta.url));

/** Programs of each precision. */
const COUNT = 13;
/** Characters of a program's text: the file stays small. */
const LONGEST = 6_000;

/** The random programs of the suite, one a line. They are kept: which ones are drawn depends on the generator, and on the engine's `Math`. */
export const readPrograms = (): readonly string[] => readFileSync(file, "utf8").trimEnd().split("\n");

/** Draws new ones. */
export function writePrograms(): void {
  writeFileSync(
    file,
    (["float32", "float64"] as const)
      .flatMap(choose)
      .map(program => `${serializeProgram(program)}\n`)
      .join(""),
  );
}

/** Every primitive that random programs have at least once, then programs of the greatest variety. */
function choose(float: FloatType): readonly Program[] {
  const variety = ({ nodes }: Program) => new Set(nodes.map(({ op }) => op));
  const drawn = fc.sample(randomProgram(fc.constant(float)), { seed: 7, numRuns: 1_000 }).map(({ program }) => program);
  let candidates = drawn.filter(p => serializeProgram(p).length <= LONGEST && p.nodes.some(({ dtype }) => dtype === float));
  const chosen: Program[] = [],
    missing = new Set<string>(candidates.flatMap(p => [...variety(p)]));
  const news = (p: Program) => [...variety(p)].filter(op => missing.has(op)).length;
  while (chosen.length < COUNT) {
    const score = (p: Program) => 1_000 * news(p) + variety(p).size;
    const best = candidates.reduce((a, b) => (score(b) > score(a) ? b : a));
    chosen.push(best);
    for (const op of variety(best)) missing.delete(op);
    candidates = candidates.filter(p => p !== best);
  }
  if (missing.size > 0) throw new Error(`${COUNT} programs of ${float} are too few to have ${[...missing].join(", ")}`);
  return chosen;
}
