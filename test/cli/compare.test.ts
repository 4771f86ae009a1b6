import { readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { heldOut } from "../../cli/src/held-out.js";
import type { Settings } from "../../cli/src/settings.js";
import { defineProblem, f32, np, random, sampled, stream, type HostArray, type Problem } from "../../src/index.js";
import { InstalledCommand, source } from "./command.js";

let command: InstalledCommand;
beforeAll(async () => {
  command = await InstalledCommand.make();
});
afterAll(() => command.remove());

const settings = (over: Partial<Settings> = {}) => ({ dtype: "float64", executor: "auto", innerSteps: 3, ...over }) as Settings;
const built = (problem: unknown) => ({ problem: problem as Problem, defaults: { estimator: "exact", outer: "adam:1", outerSteps: 1 } });
const theta = { x: { shape: [2], dtype: "float64", data: Float64Array.of(0.3, -1.25) } } as const;
const parts = {
  theta: () => theta,
  init: (t: { x: import("../../src/index.js").Value }) => t.x,
  inner: {
    loss: (_: unknown, w: import("../../src/index.js").Value, x: import("../../src/index.js").Value) => np.square(w.sub(x)).sum().div(2),
    rate: 0.25,
    steps: 9,
  },
  outer: (_: unknown, w: import("../../src/index.js").Value, x: import("../../src/index.js").Value) => np.square(w.sub(x)).sum(),
};
/** Three steps of ½‖w − x‖² from θ leave 0.75³ of θ − x. */
const closedForm = (x: HostArray): number => 0.75 ** 6 * theta.x.data.reduce((sum, t, i) => sum + (t - x.data[i]) ** 2, 0);

describe("the loss on held-out tasks", () => {
  it("is the mean of the closed form, over tasks that no seed trains on", async () => {
    const problem = defineProblem({ ...parts, task: draw => draw.normal([2]) });
    const { loss, standardError, tasks } = await heldOut(built(problem), settings(), theta, 7);
    const each = Array.from({ length: 7 }, (_, i) => closedForm(stream(1, "task", 0, i).normal([2])));
    const mean = each.reduce((a, b) => a + b) / 7;
    expect(tasks).toBe(7);
    expect(loss).toBeCloseTo(mean, 13);
    expect(standardError).toBeCloseTo(Math.sqrt(each.reduce((s, x) => s + (x - mean) ** 2, 0) / 6 / 7), 13);
    const trained = [1, 2, 3].flatMap(seed => [1, 2].map(step => closedForm(stream(seed, "task", step, 0).normal([2]))));
    expect(trained.some(x => each.includes(x))).toBe(false);
  });

  it("is that of the only task where there is one", async () => {
    const only = f32([1, 2]);
    for (const task of [() => only, () => f32([1, 2])]) {
      const judged = await heldOut(built(defineProblem({ ...parts, task })), settings(), theta, 20);
      expect(judged).toEqual({ loss: expect.closeTo(closedForm(only), 12) as number, standardError: 0, tasks: 1 });
    }
  });

  it("draws where a program draws the tasks", async () => {
    const problem = defineProblem({ ...parts, task: sampled(key => random.uniform(key, [2])) });
    const { loss, tasks } = await heldOut(built(problem), settings(), theta, 5);
    const draws = await Promise.all([0, 1, 2, 3, 4].map(i => problem.task(1, 0, i)));
    expect(tasks).toBe(5);
    expect(loss).toBeCloseTo(draws.map(closedForm).reduce((a, b) => a + b) / 5, 12);
  });
});

interface Run {
  readonly estimator: string;
  readonly seed: number;
  readonly outcome: string;
  readonly options: Record<string, unknown>;
  readonly heldOut?: { readonly loss: number; readonly standardError: number; readonly tasks: number };
  readonly folder: string;
}
interface Compared {
  readonly judgedBy: string;
  readonly heldOut: unknown;
  readonly varied: readonly string[];
  readonly runs: readonly Run[];
  readonly folder: string;
}

const withOptions = source()
  .replace(
    "export default defineProblem({",
    "export const options = { rate: { default: 0.1, min: 0.01 } };\nexport default ({ rate }) => defineProblem({",
  )
  .replace("rate: 0.1,", "rate,");
/** Waits for every task where it is to, so that there is time to interrupt. */
const slow = source({
  task: "async random => { await new Promise(done => setTimeout(done, globalThis.process.env.SLOW ? 40 : 0)); return { x: random.normal([3]) }; }",
});
const compare = async (project: string, ...args: string[]): Promise<Compared> => {
  const { code, stdout, stderr } = await command.call(project, "compare", ...args, "--json");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as Compared;
};

describe("ufom compare", () => {
  it("runs a grid of options, and says by what it judges", async () => {
    const project = await command.project({ "p.js": withOptions });
    const args = ["p.js", "--set", "rate=0.05,0.2", "--estimators", "exact,first-order", "--seeds", "1,2", "--budget-evaluations", "90"];
    const done = await compare(project, ...args, "--held-out", "6", "--out", "c");
    expect(done).toMatchObject({ judgedBy: "heldOutLoss", heldOut: { tasks: 6, seed: 1, step: 0 }, varied: ["rate"] });
    expect(done.runs.map(({ estimator, options, seed }) => [seed, options.rate, estimator])).toEqual([
      [1, 0.05, "exact"],
      [1, 0.05, "first-order"],
      [1, 0.2, "exact"],
      [1, 0.2, "first-order"],
      [2, 0.05, "exact"],
      [2, 0.05, "first-order"],
      [2, 0.2, "exact"],
      [2, 0.2, "first-order"],
    ]);
    for (const run of done.runs) expect(run.heldOut).toMatchObject({ tasks: 6 });
    expect(new Set(done.runs.map(({ folder }) => folder)).size).toBe(8);
    const report = await readFile(path.join(project, "c/report.html"), "utf8");
    expect(report).toContain("--set rate=0.05,0.2");
    expect(report).toContain("on the same 6 tasks, drawn apart from those of training");
    const links = [...report.matchAll(/href="([^"]+)"/g)].map(([, href]) => decodeURIComponent(href));
    expect(links).toHaveLength(8);
    for (const link of links) {
      const page = await readFile(path.join(project, "c", link), "utf8");
      expect(page).toContain('href="../report.html"');
    }
  });

  it("says of each point of a grid what is its own", async () => {
    const project = await command.project();
    const args = [
      "compare",
      "toy",
      "--set",
      "gap=0.03,0.06",
      "--estimators",
      "exact",
      "--seeds",
      "1",
      "--budget-evaluations",
      "90",
      "--out",
      "c",
    ];
    const { code, stdout } = await command.call(project, ...args);
    expect(code).toBe(0);
    expect(stdout.match(/L_in = L_out = f/g)).toHaveLength(1);
    for (const gap of ["0.03", "0.06"]) expect(stdout).toMatch(new RegExp(`gap=${gap}: .*√\\(2·${gap}\\)`));
    const report = await readFile(path.join(project, "c/report.html"), "utf8");
    for (const level of ["√(2·0.03)", "√(2·0.06)"])
      expect(report).toMatch(new RegExp(`<text[^>]*>${level.replace(/[()]/g, "\\$&")}</text>`));
  });

  it("judges by evaluate where there is one, and by held-out tasks too where they are asked for", async () => {
    const project = await command.project({
      "p.js": source({ tail: "export const evaluate = theta => ({ first: theta.center.data[0] });" }),
    });
    const args = ["p.js", "--estimators", "exact", "--budget-evaluations", "30"];
    const own = await compare(project, ...args);
    expect(own).toMatchObject({ judgedBy: "evaluate", heldOut: null });
    expect(own.runs[0].heldOut).toBeUndefined();
    const both = await compare(project, ...args, "--held-out", "3");
    expect(both).toMatchObject({ judgedBy: "evaluate", heldOut: { tasks: 3 } });
    expect(both.runs[0].heldOut).toMatchObject({ tasks: 3 });
  });

  it("goes on where it was killed: what ended is not run again, the rest has the numbers of one that never stopped", async () => {
    const project = await command.project({ "p.js": slow });
    const args = ["compare", "p.js", "--estimators", "exact,ufom:0.5,first-order", "--budget-evaluations", "200"];
    expect((await command.call(project, ...args, "--out", "whole")).code).toBe(0);
    let killed = false;
    const first = await command.start(
      project,
      [...args, "--out", "parts"],
      (stderr, child) => {
        if (!killed && /ufom:0\.5 seed 1 {2}step [2-9]/.test(stderr)) killed = child.kill("SIGKILL");
      },
      { SLOW: "1" },
    );
    expect([killed, first.code]).toEqual([true, null]);
    const metrics = (folder: string, run: string) => path.join(project, folder, run, "metrics.jsonl");
    const before = await stat(metrics("parts", "exact-seed1"));
    const { code, stdout, stderr } = await command.run(project, "compare", "--resume", "parts");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain("1 of them had ended before and was not run again.");
    expect(stderr).not.toContain("exact seed 1");
    expect((await stat(metrics("parts", "exact-seed1"))).mtimeMs).toBe(before.mtimeMs);
    const steps = async (folder: string, run: string) =>
      (await readFile(metrics(folder, run), "utf8"))
        .trimEnd()
        .split("\n")
        .map(line => ({ ...(JSON.parse(line) as object), seconds: 0 }));
    for (const run of ["exact-seed1", "ufom-0.5-seed1", "first-order-seed1"])
      expect(await steps("parts", run)).toEqual(await steps("whole", run));
    const judged = async (folder: string) =>
      (JSON.parse(await readFile(path.join(project, folder, "result.json"), "utf8")) as Compared).runs.map(run => run.heldOut);
    expect(await judged("parts")).toEqual(await judged("whole"));
    // Once more: nothing is run, the same table.
    const again = await command.call(project, "compare", "p.js", "--resume", "parts");
    expect(again.stdout).toContain("3 of them had ended before and were not run again.");
    expect(again.stdout.split("\n").filter(line => /^(exact|ufom|first)/.test(line))).toEqual(
      stdout.split("\n").filter(line => /^(exact|ufom|first)/.test(line)),
    );
  });

  it("goes on with one that was stopped by Ctrl-C, from its last state", async () => {
    const project = await command.project({ "p.js": slow });
    let pressed = false;
    const stopped = await command.start(
      project,
      ["compare", "p.js", "--estimators", "exact", "--budget-evaluations", "200", "--out", "c"],
      (stderr, child) => {
        if (!pressed && /step [2-9]/.test(stderr)) pressed = child.kill("SIGINT");
      },
      { SLOW: "1" },
    );
    expect([pressed, stopped.code]).toEqual([true, 1]);
    expect(stopped.stdout).toContain("Go on with: ufom compare --resume c");
    const lines = async () => (await readFile(path.join(project, "c/exact-seed1/metrics.jsonl"), "utf8")).trimEnd().split("\n");
    const done = await lines();
    const { runs } = await compare(project, "--resume", "c");
    expect(runs.map(({ outcome }) => outcome)).toEqual(["budget"]);
    expect((await lines()).slice(0, done.length)).toEqual(done);
    const all = await lines();
    expect(all.length).toBeGreaterThan(done.length);
    expect(all.map(line => (JSON.parse(line) as { index: number }).index)).toEqual(all.map((_, i) => i + 1));
    await compare(project, "p.js", "--estimators", "exact", "--budget-evaluations", "200", "--out", "whole");
    const whole = (await readFile(path.join(project, "whole/exact-seed1/metrics.jsonl"), "utf8")).trimEnd().split("\n");
    const losses = (from: readonly string[]) => from.map(line => (JSON.parse(line) as { loss: number }).loss);
    expect(losses(all)).toEqual(losses(whole));
  });

  it("refuses to go on with what is no comparison, with other settings, or with a module that has changed", async () => {
    const project = await command.project({ "p.js": source() });
    const refused = async (...args: string[]) => {
      const { code, stderr } = await command.call(project, "compare", ...args);
      expect(code).toBe(2);
      return stderr.trim();
    };
    await compare(project, "p.js", "--estimators", "exact", "--budget-evaluations", "20", "--out", "c");
    await command.call(project, "run", "p.js", "--outer-steps", "2", "--out", "r");
    expect(await refused()).toBe("ufom: compare takes a PROBLEM (ufom list shows them), or --resume FOLDER; received neither.");
    expect(await refused("--resume", "nowhere")).toMatch(/^ufom: --resume needs the folder of a comparison .*; nowhere is not one\.$/);
    expect(await refused("--resume", "r")).toMatch(/must hold the runs of a comparison .*\(ufom run --resume goes on with a run\)\.$/);
    expect(await refused("--resume", "c", "--seeds", "1..3", "--held-out", "4")).toMatch(
      /cannot change on the way; received --seeds, --held-out\.$/,
    );
    expect(await refused("toy", "--resume", "c")).toMatch(/needs the problem of the comparison: .*; received toy\.$/);
    const config = path.join(project, "c/config.json");
    const text = await readFile(config, "utf8");
    await writeFile(config, text.replace('"exact-seed1"', '"../r"'));
    expect(await refused("--resume", "c")).toMatch(/folders in .* must be names; received "\.\.\/r"\.$/);
    await writeFile(config, text);
    await writeFile(path.join(project, "p.js"), source({ outer: "(theta, { w }, { x }) => np.square(w.sub(x)).mean()" }));
    expect(await refused("--resume", "c")).toMatch(/^ufom: resume takes a checkpoint of the same problem/);
    await rm(path.join(project, "p.js"));
    expect(await refused("--resume", "c")).toMatch(/there is no file/);
  });
});
