import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InstalledCommand, source } from "./command.js";

let command: InstalledCommand;
beforeAll(async () => {
  command = await InstalledCommand.make();
});
afterAll(() => command.remove());

const json = async <T>(cwd: string, ...args: string[]): Promise<T> => {
  const { code, stdout, stderr } = await command.call(cwd, ...args, "--json");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as T;
};

describe("ufom compare", () => {
  const options = ["--estimators", "first-order,exact,ufom:0.5", "--seeds", "1..2", "--budget-evaluations", "450"];

  it("gives every estimator and seed the same number of evaluations", async () => {
    const project = await command.project({ "p.ts": source() });
    interface Run {
      readonly estimator: string;
      readonly seed: number;
      readonly outcome: string;
      readonly counts: Record<string, number>;
      readonly folder: string;
    }
    const compared = await json<{ problem: string; budget: number; runs: Run[]; folder: string }>(project, "compare", "p.ts", ...options);
    expect(compared).toMatchObject({ problem: "p", budget: 450 });
    expect(compared.runs.map(({ estimator, seed }) => `${estimator} ${seed}`)).toEqual([
      "first-order 1",
      "exact 1",
      "ufom:0.5 1",
      "first-order 2",
      "exact 2",
      "ufom:0.5 2",
    ]);
    for (const { outcome, counts, folder } of compared.runs) {
      expect(outcome).toBe("budget");
      const spent = counts.step + counts.product + counts.outer;
      // The last step may go beyond by less than what one step can cost: 4 + 1 + 4 products.
      expect(spent).toBeGreaterThanOrEqual(450);
      expect(spent).toBeLessThan(450 + 9);
      expect(existsSync(path.join(folder, "checkpoint.safetensors"))).toBe(true);
    }
    expect((await readdir(compared.folder)).sort()).toEqual([
      "config.json",
      "exact-seed1",
      "exact-seed2",
      "first-order-seed1",
      "first-order-seed2",
      "report.html",
      "result.json",
      "ufom-0.5-seed1",
      "ufom-0.5-seed2",
    ]);
    const report = await readFile(path.join(compared.folder, "report.html"), "utf8");
    for (const text of ["first-order", "ufom:0.5", "<svg", "--budget-evaluations 450"]) expect(report).toContain(text);
  });

  it("prints a table with a row an estimator", async () => {
    const project = await command.project({ "p.ts": source() });
    const { code, stdout } = await command.call(
      project,
      "compare",
      "p.ts",
      "--estimators",
      "exact,first-order",
      "--budget-evaluations",
      "60",
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^estimator +held-out loss +outer steps +evaluations/m);
    expect(stdout).toMatch(/^exact +[\d.]+ +7 +63 /m);
    expect(stdout).toMatch(/^first-order +[\d.]+ +12 +60 /m);
  });

  it("takes first-order:mixed by itself where plain first-order is zero, which is refused when it is asked for", async () => {
    const inner = "{ loss: (theta, { w }, { x }) => np.square(w.sub(x)).mul(np.exp(theta.center)).sum(), rate: 0.1, steps: 4 }";
    const project = await command.project({ "p.ts": source({ init: "() => ({ w: np.zeros([3]) })", inner }) });
    const compare = ["compare", "p.ts", "--budget-evaluations", "50"];
    const { runs } = await json<{ runs: { estimator: string }[] }>(project, ...compare);
    expect(runs.map(({ estimator }) => estimator)).toEqual(["first-order:mixed", "exact", "ufom:adaptive"]);
    const { code, stderr } = await command.call(project, ...compare, "--estimators", "first-order");
    expect(code).toBe(2);
    expect(stderr).toMatch(/ufom: first-order .*zero/);
    expect(await readdir(path.join(project, "runs"))).toHaveLength(1);
  });
});

describe("ufom inspect", () => {
  it("counts a program's work and names the executor", async () => {
    const project = await command.project({ "p.ts": source() });
    interface Kernel {
      readonly name: string;
      readonly nodes: number;
      readonly flops: number;
      readonly hash: string;
    }
    const shown = await json<{ innerSteps: number; executor: { name: string; reason: string }; kernels: Kernel[] }>(
      project,
      "inspect",
      "p.ts",
    );
    expect(shown).toMatchObject({ innerSteps: 4, executor: { name: "wasm" } });
    expect(shown.kernels.map(({ name }) => name)).toEqual(["init", "step", "outer", "pullback", "mixed", "initPullback"]);
    const step = shown.kernels.find(({ name }) => name === "step")!;
    expect(step.flops).toBeGreaterThan(0);
    const printed = await command.call(project, "inspect", "p.ts", "--program", "step");
    expect(printed.stdout).toMatch(/^%0 float32\[3\] = input 0/m);
    expect(printed.stdout).toMatch(/return %\d+/);
    const wide = await command.call(project, "inspect", "p.ts", "--program", "step", "--dtype", "float64");
    expect(wide.stdout).toMatch(/^%0 float64\[3\] = input 0/m);
  });
});

describe("ufom new", () => {
  it("writes a problem that runs as it is", async () => {
    const project = await command.project();
    expect((await command.call(project, "new", "mine")).stdout).toContain("ufom run ./mine.ts");
    const run = await json<{ outcome: string; outerSteps: number; metrics: { loss: number } }>(
      project,
      "run",
      "./mine.ts",
      "--outer-steps",
      "20",
    );
    expect(run).toMatchObject({ outcome: "finished", outerSteps: 20 });
    expect(Number.isFinite(run.metrics.loss)).toBe(true);
  });
});

describe("ufom data", () => {
  it("counts MNIST and names its files", async () => {
    const project = await command.project();
    const { parts, files } = await json<{ parts: Record<string, { n: number }>; files: { sha256: string }[] }>(project, "data", "mnist");
    expect([parts.train.n, parts.test.n]).toEqual([60_000, 10_000]);
    expect(files.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
  });
});

describe("ufom run hyper-cleaning", () => {
  const small = "train=150 validation=150 test=300 retrain=20".split(" ").flatMap(setting => ["--set", setting]);
  const run = ["run", "hyper-cleaning", ...small, "--inner-steps", "5", "--outer-steps", "4"];

  it("gives the metrics that others rely on, as fractions of one", async () => {
    const { metrics, peakStates } = await json<{ metrics: Record<string, number>; peakStates: number }>(await command.project(), ...run);
    expect(Object.keys(metrics)).toEqual(["accuracyNone", "accuracyCleaned", "accuracyOracle", "precision", "recall", "f1"]);
    for (const value of Object.values(metrics)) expect(value >= 0 && value <= 1).toBe(true);
    expect(peakStates).toBe(5);
  });

  it("refuses plain first-order and says why", async () => {
    const { code, stderr } = await command.call(await command.project(), ...run, "--estimator", "first-order");
    expect(code).toBe(2);
    expect(stderr).toMatch(/ufom: first-order .*gradient is zero/);
  });
});

describe("ufom list and help", () => {
  it("lists problems and spellings, each of which is understood", async () => {
    const project = await command.project();
    const listed = await json<{ problems: { name: string }[]; estimators: { spelling: string }[]; outer: unknown[] }>(project, "list");
    expect(listed.problems.map(({ name }) => name)).toEqual(["toy", "hyper-cleaning", "few-shot"]);
    expect(listed.estimators.map(({ spelling }) => spelling)).toContain("first-order");
    expect(listed.outer.length).toBeGreaterThan(3);
  });

  it("shows a problem's own options", async () => {
    const { code, stdout } = await command.call(await command.project(), "run", "toy", "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/--set variant=… .*divergence or trade-off \(default: divergence\)/);
  });

  it("starts fast, without the heavy parts", async () => {
    const project = await command.project();
    const coverage = path.join(project, "coverage");
    const { code, stdout } = await command.start(project, ["--help"], undefined, { NODE_V8_COVERAGE: coverage });
    expect(code).toBe(0);
    expect(stdout).toMatch(/run .*solve a problem/);
    expect(stdout).not.toMatch(/\b(export|lab|worker)\b/);
    const [file] = await readdir(coverage);
    const { result } = JSON.parse(await readFile(path.join(coverage, file), "utf8")) as { result: { url: string }[] };
    const loaded = result.map(({ url }) => url).filter(url => url.startsWith("file:"));
    expect(loaded.some(url => url.includes("/commander/"))).toBe(true);
    // Names alone, which load no executor, and the search for the nearest and the plural, which load nothing.
    const light = (url: string) => /\/ufom\/dist\/(executors\/names|tensor\/(nearest|quantity))\.js$/.test(url),
      heavy = /echarts|tsx|cli-progress|\/ufom\/dist\/|\/ufom-cli\/dist\/(report|datasets)\//;
    expect(loaded.filter(url => heavy.test(url) && !light(url))).toEqual([]);
  });

  it("loads the library before a user's module brings hooks, through which each of its modules would go", async () => {
    const hook = `import { appendFileSync } from "node:fs";
      export const load = (url, context, next) => { appendFileSync("loaded.txt", url + "\\n"); return next(url, context); };`;
    const preload = `import { register } from "node:module"; register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hook)}));`;
    const project = await command.project({ "p.ts": source(), "preload.mjs": preload });
    const { code } = await command.start(project, ["run", "p.ts", "--outer-steps", "1"], undefined, {
      NODE_OPTIONS: "--import=./preload.mjs",
    });
    expect(code).toBe(0);
    const loaded = (await readFile(path.join(project, "loaded.txt"), "utf8")).trimEnd().split("\n"),
      hooks = loaded.findIndex(url => url.includes("/node_modules/tsx/")),
      library = (urls: readonly string[]) => urls.filter(url => url.includes("/node_modules/ufom/dist/"));
    expect(loaded.slice(hooks).some(url => url.endsWith("/p.ts"))).toBe(true);
    expect(library(loaded.slice(0, hooks)).length).toBeGreaterThan(100);
    expect(library(loaded.slice(hooks))).toEqual([]);
  });

  it("is quiet about a reader that leaves", () => {
    const { status, stderr } = spawnSync("sh", ["-c", `"${process.execPath}" "${command.main}" list | head -1`], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  });
});

const hasScript = spawnSync("script", ["--version"]).status === 0;

describe.skipIf(!hasScript)("on a terminal", () => {
  it("a bar shows loss, probability, evaluations and the time left", async () => {
    const project = await command.project({ "p.ts": source() });
    const run = `"${process.execPath}" "${command.main}" run p.ts --estimator ufom:0.3 --outer-steps 400 --out r`;
    const { stdout } = await promisify(execFile)("script", ["-qec", run, "/dev/null"], { cwd: project });
    expect(stdout).toMatch(/ufom:0\.3 {2}█+░* \d+% {2}step [\d,]+\/400 {2}loss [\d.e-]+ {2}q 0\.3 {2}[\d,]+ evaluations/);
    expect(stdout).toMatch(/100% {2}step 400\/400/);
    expect(stdout).toContain("finished: All 400 outer steps are done.");
    // The cursor is shown again.
    expect(stdout.lastIndexOf("\x1b[?25h")).toBeGreaterThan(stdout.lastIndexOf("\x1b[?25l"));
  });
});
