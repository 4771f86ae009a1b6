// What all examples share: a loop that prints for whoever runs an example's file by itself.
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseOuter, solve, type HostTree, type Problem } from "ufom";

/** What `ufom run` reads from a problem's module. */
export type Defaults = { estimator: string; outer: string; outerSteps: number; metaBatch?: number };

/** Solves an example's problem and prints how it goes, if its file is what Node was asked to run: `npx tsx examples/…`. */
export async function runHere<TH extends HostTree, TK extends HostTree>(
  url: string,
  problem: Problem<TH, TK>,
  defaults: Defaults,
  evaluate: (theta: TH) => Promise<Record<string, number>>,
): Promise<void> {
  const [, script] = process.argv;
  if (script === undefined || realpathSync(script) !== fileURLToPath(url)) return;
  const run = solve(problem, { ...defaults, outer: parseOuter(defaults.outer), seed: 1 });
  for await (const { index, loss, seconds } of run) {
    if (index % Math.ceil(defaults.outerSteps / 10) === 0)
      console.log(`step ${index}: outer loss ${loss.toFixed(4)}, ${seconds.toFixed(1)} s`);
  }
  const { theta, message } = await run.result();
  console.log(message);
  for (const [name, figure] of Object.entries(await evaluate(theta))) console.log(`${name.padEnd(20)} ${Number(figure.toPrecision(4))}`);
}
