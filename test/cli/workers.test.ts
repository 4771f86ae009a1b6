// `--workers`: the same numbers for any, and what is told of it.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readSafeTensors } from "../../src/files/safetensors.js";
import { InstalledCommand, source } from "./command.js";

let command: InstalledCommand, project: string;
beforeAll(async () => {
  command = await InstalledCommand.make();
  project = await command.project({ "p.ts": source() });
});
afterAll(() => command.remove());

/** The numbers of a run by so many threads, and what was said of these. */
async function runBy(...workers: string[]) {
  const options = ["--estimator", "ufom:0.5", "--outer-steps", "10", "--meta-batch", "3", "--seed", "7"],
    { code, stdout, stderr } = await command.run(project, "run", "p.ts", ...options, ...workers, "--json"),
    { folder, workers: told, metrics, counts } = JSON.parse(stdout) as Record<string, unknown> & { folder: string },
    numbers = async (name: string) =>
      [...readSafeTensors(await readFile(path.join(folder, name)), name).tensors].map(([tensor, { data }]) => [tensor, data]),
    steps = (await readFile(path.join(folder, "metrics.jsonl"), "utf8")).trimEnd().split("\n");
  return {
    numbers: {
      metrics,
      counts,
      theta: await numbers("best.safetensors"),
      state: (await numbers("checkpoint.safetensors")).filter(([name]) => !String(name).includes("seconds")),
      steps: steps.map(line => ({ ...(JSON.parse(line) as object), seconds: 0 })),
    },
    told: [code, told, stderr.split("\n").filter(line => line.includes("workers"))],
    folder,
  };
}

it("1 and 2 give the same numbers, and the result says how many there were", async () => {
  const [one, two] = [await runBy("--workers", "1"), await runBy("--workers", "2")];
  expect(two.numbers).toEqual(one.numbers);
  expect(one.numbers.steps).toHaveLength(10);
  expect([one.told, two.told]).toEqual([
    [0, 1, []],
    [0, 2, []],
  ]);
  expect(await readFile(path.join(two.folder, "report.html"), "utf8")).toMatch(/threads<\/t[hd]>\s*<td[^>]*>2<|--workers 2/);
});

it("more than there are tasks is told in a line", async () => {
  const line = "ufom: workers: 9 threads were asked for; a meta-batch of 3 tasks has work for 3.";
  expect((await runBy("--workers", "9")).told).toEqual([0, 3, [line]]);
});

it("what is not asked for and not worth it is one thread, without a word", async () => {
  expect((await runBy()).told).toEqual([0, 1, []]);
});

it.each(["0", "1.5", "two"])("refuses %j before anything is computed", async given => {
  const { code, stdout, stderr } = await command.call(project, "run", "p.ts", "--workers", given);
  expect([code, stdout, stderr]).toEqual([2, "", `ufom: --workers must be a whole number ≥ 1; received ${JSON.stringify(given)}.\n`]);
});
