import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InstalledCommand, source } from "../cli/command.js";

let command: InstalledCommand;
beforeAll(async () => {
  command = await InstalledCommand.make();
});
afterAll(() => command.remove());

const small = ["data=glyphs", "model=mlp", "filters=6", "ways=3", "tasks=12", "validation-tasks=3", "rate=0.05"].flatMap(one => [
  "--set",
  one,
]);

interface Json {
  readonly metrics: Readonly<Record<string, number>>;
  readonly [name: string]: unknown;
}
async function json(cwd: string, ...args: string[]): Promise<Json> {
  const { code, stdout, stderr } = await command.call(cwd, ...args, "--json");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as Json;
}

describe("ufom run few-shot, and ufom evaluate of what it made", () => {
  let project: string, run: Json;
  beforeAll(async () => {
    project = await command.project();
    run = await json(project, "run", "few-shot", ...small, "--inner-steps", "2", "--outer-steps", "4", "--out", "r");
  });

  test("the run has accuracies with intervals, and its report draws them", async () => {
    expect(run).toMatchObject({
      problem: "few-shot",
      outcome: "finished",
      counts: { step: 40, product: 40, outer: 20 },
      options: { ways: 3 },
    });
    expect(run.metrics).toMatchObject({ accuracy: expect.any(Number), accuracyInterval: expect.any(Number) });
    const report = await readFile(path.join(project, "r", "report.html"), "utf8");
    for (const text of ["accuracy on classes that training never sees", "split authors", "nearest image, pixel by pixel"])
      expect(report).toContain(text);
  });

  test("evaluated as it was, it has the same figures; of its best θ, those of the best", async () => {
    const again = await json(project, "evaluate", "r");
    expect(again.metrics).toEqual(run.metrics);
    expect(again).toMatchObject({ theta: "last", outerSteps: 4, options: run.options, folder: path.join(project, "r") });
    const best = await json(project, "evaluate", "r", "--best");
    expect(best).toMatchObject({ theta: "best", outerSteps: (run.best as { index: number }).index });
  });

  test("on other ways, shots and steps it says what was changed", async () => {
    const { code, stdout, stderr } = await command.call(
      project,
      "evaluate",
      "r",
      ...["ways=5", "shots=2", "test-steps=4", "split=alphabets"].flatMap(one => ["--set", one]),
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout.replace(/\s+/g, " ")).toContain(
      "with split=alphabets (the run: authors), ways=5 (the run: 3), shots=2 (the run: 1), test-steps=4 (the run: 0)",
    );
    expect(stdout).toMatch(/guessing +20\.00/);
    expect(stderr).toContain("θ was learned with 3 ways");
    expect(stderr).toContain("may be among those that it was trained on");
  });

  test("goes on from where it was stopped, on the same tasks and steps", async () => {
    await json(project, "run", "few-shot", ...small, "--inner-steps", "2", "--outer-steps", "2", "--out", "half");
    // In a process of its own, which knows nothing but the folder.
    const { code, stdout } = await command.run(project, "run", "--resume", "half", "--outer-steps", "4", "--json");
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Json).metrics).toEqual(run.metrics);
  });

  test.each<[string[], RegExp]>([
    [["evaluate", "nowhere"], /^ufom: evaluate needs the folder of a run \(with config\.json\); nowhere is not one\.$/],
    [
      ["evaluate", "r", "--set", "filters=7"],
      /^ufom: evaluate needs options under which θ of few-shot is as the run learned it: network\.body\.0\.w must have the shape \[784, 6\]; received options that make it \[784, 7\]\.$/,
    ],
    [
      ["run", "few-shot", ...small, "--set", "shots=2000"],
      /^ufom: few-shot needs 2001 images of every class of glyphs, 2000 to learn from and 1 to be judged by; received alphabet \S+ with 1000\.$/,
    ],
  ])("%j is refused in a sentence", async (args, sentence) => {
    const { code, stdout } = await command.call(project, ...args, "--json");
    expect(JSON.parse(stdout).error).toMatch(sentence);
    expect(code).toBe(2);
  });
});

describe("ufom evaluate of other problems", () => {
  test("a module's evaluate is asked, with its options as they are set", async () => {
    const tail = "export const evaluate = (theta, { options }) => ({ first: theta.center.data[0], twice: 2 * options.scale });",
      parts = { head: 'export const options = { scale: { default: 3, help: "a scale" } };', tail },
      module = source(parts).replace("export default defineProblem({", "export default () => defineProblem({"),
      project = await command.project({ "p.ts": module }),
      run = await json(project, "run", "p.ts", "--outer-steps", "3", "--out", "m");
    expect(run.metrics.twice).toBe(6);
    expect((await json(project, "evaluate", "m", "--set", "scale=5")).metrics).toEqual({ ...run.metrics, twice: 10 });
  });

  test("a module without evaluate has no figures to take", async () => {
    const project = await command.project({ "p.ts": source() });
    await json(project, "run", "p.ts", "--outer-steps", "2", "--out", "m");
    const { code, stdout } = await command.call(project, "evaluate", "m", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error).toBe(
      "ufom: evaluate needs a problem with figures of its own (a module exports evaluate); p has none.",
    );
  });
});
