import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readState } from "../../src/files/saved-state.js";
import { readSafeTensors } from "../../src/files/safetensors.js";
import { InstalledCommand, source } from "./command.js";

let command: InstalledCommand;
beforeAll(async () => {
  command = await InstalledCommand.make();
});
afterAll(() => command.remove());

interface RunDocument {
  readonly problem: string;
  readonly estimator: string;
  readonly seed: number;
  readonly outcome: string;
  readonly outerSteps: number;
  readonly seconds: number;
  readonly counts: { readonly step: number; readonly product: number; readonly outer: number };
  readonly peakStates: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly folder: string;
}

/** Waits for every task where it is to, so that there is time to interrupt. */
const slow = source({
  task: "async random => { if (globalThis.process.env.SLOW) await new Promise(done => setTimeout(done, 25)); return { x: random.normal([3]) }; }",
});

const lines = async (folder: string) => (await readFile(path.join(folder, "metrics.jsonl"), "utf8")).trimEnd().split("\n");
/** Steps without what the clock says. */
const steps = async (folder: string) => (await lines(folder)).map(line => ({ ...(JSON.parse(line) as object), seconds: 0 }));
const theta = async (folder: string) => {
  const { tensors } = readSafeTensors(await readFile(path.join(folder, "checkpoint.safetensors")), "checkpoint");
  return [...tensors]
    .filter(([name]) => name.startsWith("theta"))
    .map(([name, { data }]) => [name, Buffer.from(data.buffer).toString("hex")]);
};

describe("ufom run", () => {
  it("prints one JSON document and writes a folder", async () => {
    const project = await command.project({ "p.ts": source() });
    const { code, stdout, stderr } = await command.run(
      project,
      "run",
      "p.ts",
      "--estimator",
      "ufom:0.5",
      "--outer-steps",
      "12",
      "--meta-batch",
      "2",
      "--seed",
      "7",
      "--json",
    );
    expect(stderr).toMatch(/ufom:0\.5 {2}step 12\/12 {2}loss \d/);
    expect(code).toBe(0);
    const run = JSON.parse(stdout) as RunDocument;
    expect(run).toMatchObject({ problem: "p", estimator: "ufom:0.5", seed: 7, outcome: "finished", outerSteps: 12, peakStates: 3 });
    expect(run.counts.outer).toBe(24);
    expect(run.counts.step).toBeGreaterThanOrEqual(24 * 4);
    expect(run.counts.product % 4).toBe(0);
    expect(Number.isFinite(run.metrics.loss)).toBe(true);
    expect(path.basename(run.folder)).toMatch(/^p-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-ufom-0\.5$/);
    expect((await readdir(run.folder)).sort()).toEqual([
      "best.safetensors",
      "checkpoint.previous.safetensors",
      "checkpoint.safetensors",
      "config.json",
      "metrics.jsonl",
      "report.html",
      "result.json",
    ]);
    expect(JSON.parse(await readFile(path.join(run.folder, "result.json"), "utf8"))).toEqual(run);
    const recorded = await lines(run.folder);
    expect(recorded).toHaveLength(12);
    expect(JSON.parse(recorded[11])).toMatchObject({ index: 12, probability: 0.5, counts: run.counts, loss: run.metrics.loss });
    const report = await readFile(path.join(run.folder, "report.html"), "utf8");
    expect(report.match(/<svg/g)!.length).toBeGreaterThanOrEqual(2);
    expect(report).not.toMatch(/(src|href)="(?!data:)/);
    expect(report).toContain("ufom run p.ts --estimator ufom:0.5");
  });

  it("gives the same numbers again, and others for another seed", async () => {
    const project = await command.project({ "p.ts": source() });
    const run = (seed: string, out: string) => command.call(project, "run", "p.ts", "--outer-steps", "6", "--seed", seed, "--out", out);
    for (const [seed, out] of [
      ["1", "a"],
      ["1", "b"],
      ["2", "c"],
    ])
      expect((await run(seed, out)).code).toBe(0);
    const [a, b, c] = await Promise.all(["a", "b", "c"].map(out => steps(path.join(project, out))));
    expect(b).toEqual(a);
    expect(c).not.toEqual(a);
  });

  it("goes further with --resume, as if it had never stopped", async () => {
    const project = await command.project({ "p.ts": source() });
    const options = ["--estimator", "ufom:adaptive", "--outer", "adam:0.05", "--meta-batch", "2"];
    await command.call(project, "run", "p.ts", ...options, "--outer-steps", "20", "--out", "whole");
    await command.call(project, "run", "p.ts", ...options, "--outer-steps", "9", "--out", "parts");
    const { code, stdout } = await command.run(project, "run", "--resume", "parts", "--outer-steps", "20", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "finished", outerSteps: 20, estimator: "ufom:adaptive" });
    expect(await steps(path.join(project, "parts"))).toEqual(await steps(path.join(project, "whole")));
    expect(await theta(path.join(project, "parts"))).toEqual(await theta(path.join(project, "whole")));
  });

  it("goes further where the inner problem goes on as well: φ and v of a single loop are in the folder", async () => {
    const inner =
      "{ loss: (theta, { w }, { x }) => np.square(w.sub(x)).sum().add(np.exp(theta.center).mul(np.square(w)).sum()), rate: 0.1, steps: 4 }";
    const project = await command.project({ "p.ts": source({ inner, task: "() => ({ x: f32([1, -2, 3]) })" }) });
    const options = ["--estimator", "soba", "--outer", "sgd:0.05"];
    await command.call(project, "run", "p.ts", ...options, "--outer-steps", "20", "--out", "whole");
    await command.call(project, "run", "p.ts", ...options, "--outer-steps", "9", "--out", "parts");
    const { tensors } = readSafeTensors(await readFile(path.join(project, "parts", "checkpoint.safetensors")), "checkpoint");
    expect([...tensors.keys()].filter(name => name.startsWith("estimator"))).toEqual([
      "estimator.step.0",
      "estimator.v.0",
      "estimator.x.0",
    ]);
    expect((await command.run(project, "run", "--resume", "parts", "--outer-steps", "20")).code).toBe(0);
    expect(await steps(path.join(project, "parts"))).toEqual(await steps(path.join(project, "whole")));
    expect(await theta(path.join(project, "parts"))).toEqual(await theta(path.join(project, "whole")));
    const several = await command.call(project, "run", "p.ts", ...options, "--meta-batch", "2");
    expect([several.code === 0, several.stderr]).toEqual([false, expect.stringContaining("received a meta-batch of 2.")]);
  });

  it("stops at Ctrl-C, says how to go on, and goes on with the same numbers", async () => {
    const project = await command.project({ "p.ts": slow });
    const options = ["--outer-steps", "30", "--estimator", "exact"];
    let sent = false;
    const stopped = await command.start(
      project,
      ["run", "p.ts", ...options, "--out", "parts"],
      (stderr, child) => {
        if (!sent && /step [3-9]\/30/.test(stderr)) sent = child.kill("SIGINT");
      },
      { SLOW: "1" },
    );
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toContain("Stopping and saving the last outer step that is done");
    expect(stopped.stdout).toContain("Go on with: ufom run --resume parts");
    const done = (await lines(path.join(project, "parts"))).length;
    expect(done).toBeLessThan(30);
    expect(JSON.parse(await readFile(path.join(project, "parts/result.json"), "utf8"))).toMatchObject({
      outcome: "stopped",
      outerSteps: done,
    });

    expect((await command.run(project, "run", "--resume", "parts")).code).toBe(0);
    expect((await command.call(project, "run", "p.ts", ...options, "--out", "whole")).code).toBe(0);
    expect(await steps(path.join(project, "parts"))).toEqual(await steps(path.join(project, "whole")));
    expect(await theta(path.join(project, "parts"))).toEqual(await theta(path.join(project, "whole")));
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("hears %s within an outer step of 3,000,000 inner steps", async signal => {
    // A timer of the module's own has its turn within the step, too: it begins with the last task that is drawn, that of the step.
    const project = await command.project({
      "p.ts": source({
        head: "let timer;",
        task: `random => {
          clearTimeout(timer), (timer = setTimeout(() => console.error("within"), 500));
          return { x: random.normal([3]) };
        }`,
      }),
    });
    let sent = false;
    const { code, stderr } = await command.start(
      project,
      ["run", "p.ts", "--estimator", "exact:recompute", "--inner-steps", "3000000", "--outer-steps", "2", "--out", "r"],
      (said, child) => {
        if (!sent && said.includes("within")) sent = child.kill(signal);
      },
    );
    expect([sent, code]).toEqual([true, 1]);
    expect(stderr).toContain("Stopping and saving the last outer step that is done");
    expect(JSON.parse(await readFile(path.join(project, "r/result.json"), "utf8"))).toMatchObject({ outcome: "stopped", outerSteps: 0 });
    expect(await readdir(path.join(project, "r"))).toContain("checkpoint.safetensors");
  });

  it("quits at once at the second Ctrl-C", async () => {
    // From its seventh task on it waits for longer than this test may take: no step ends then.
    const stuck = source({
      head: "let tasks = 0;",
      task: `async random => {
        if (++tasks > 6) await new Promise(done => { process.stderr.write("stuck\\n"); setTimeout(done, 600_000); });
        return { x: random.normal([3]) };
      }`,
    });
    const project = await command.project({ "p.ts": stuck });
    let sent = 0;
    const { code, stderr } = await command.start(project, ["run", "p.ts", "--outer-steps", "30", "--out", "r"], (stderr, child) => {
      const press = () => child.kill("SIGINT");
      if (sent === 0 && stderr.includes("stuck")) sent = Number(press());
      // Later than what would be taken for the same press.
      if (sent === 1 && stderr.includes("Ctrl-C again")) {
        sent = 2;
        setTimeout(press, 400);
      }
    });
    expect([sent, code]).toEqual([2, 1]);
    expect(stderr).toContain("Stopping and saving the last outer step");
    // The step that it was at was not waited for, so nothing was concluded.
    expect(await readdir(path.join(project, "r"))).not.toContain("result.json");
  });

  it("stops when a budget is spent", async () => {
    const project = await command.project({ "p.ts": source() });
    const { code, stdout } = await command.call(
      project,
      "run",
      "p.ts",
      "--estimator",
      "exact",
      "--outer-steps",
      "1000",
      "--budget-evaluations",
      "100",
      "--json",
    );
    const run = JSON.parse(stdout) as RunDocument;
    expect(code).toBe(0);
    expect(run.outcome).toBe("budget");
    // 4 steps, 4 products and 1 outer gradient a task: 12 of them pass 100.
    expect(run.outerSteps).toBe(12);
  });

  it("stops when its time is spent", async () => {
    // 400 steps wait for ten seconds at the least, if nothing stops them.
    const project = await command.project({ "p.ts": slow });
    const args = ["run", "p.ts", "--outer-steps", "400", "--budget-seconds", "0.2", "--out", "r", "--json"];
    const { stdout } = await command.start(project, args, undefined, { SLOW: "1" });
    expect((JSON.parse(stdout) as RunDocument).outcome).toBe("budget");
    const { settings } = JSON.parse(await readFile(path.join(project, "r/config.json"), "utf8")) as { settings: { budget: unknown } };
    expect(settings.budget).toEqual({ seconds: 0.2 });
  });

  it("ends with 1 and the last good θ when it diverges", async () => {
    const project = await command.project({ "p.ts": source() });
    const { code, stdout } = await command.run(project, "run", "p.ts", "--outer", "sgd:1e30", "--outer-steps", "50", "--json");
    const run = JSON.parse(stdout) as RunDocument;
    expect(code).toBe(1);
    expect(run.outcome).toBe("diverged");
    const state = readState(await readFile(path.join(run.folder, "checkpoint.safetensors")), "c") as unknown as {
      theta: { center: { data: Float32Array } };
    };
    expect(state.theta.center.data.every(Number.isFinite)).toBe(true);
  });

  it("takes figures from the module's own functions", async () => {
    const tail = `export const defaults = { estimator: "exact", outer: "sgd:0.1", outerSteps: 5, dtype: "float64" };
export const evaluate = theta => ({ first: theta.center.data[0] });
export const track = (theta, { innerSteps, dtype }) => ({ innerSteps, wide: dtype === "float64" ? 1 : 0 });`;
    const project = await command.project({ "p.ts": source({ tail }) });
    const { stdout } = await command.call(project, "run", "p.ts", "--json");
    const run = JSON.parse(stdout) as RunDocument;
    expect(run).toMatchObject({ estimator: "exact", outerSteps: 5 });
    expect(Object.keys(run.metrics)).toEqual(["first"]);
    expect(JSON.parse((await lines(run.folder))[4])).toMatchObject({ tracked: { innerSteps: 4, wide: 1 } });
  });
});

describe("a run's folder", () => {
  it("is not overwritten", async () => {
    const project = await command.project({ "p.ts": source(), "used/notes.txt": "mine" });
    const { code, stderr } = await command.call(project, "run", "p.ts", "--out", "used");
    expect(code).toBe(2);
    expect(stderr).toMatch(/used must be a new or an empty folder; it holds notes\.txt/);
    expect(await readdir(path.join(project, "used"))).toEqual(["notes.txt"]);
  });

  it("is refused to another problem, other settings, a changed module and a damaged state", async () => {
    const project = await command.project({ "p.ts": source(), "q.ts": source({ outer: "(t, { w }) => w.sum()" }) });
    expect((await command.call(project, "run", "p.ts", "--outer-steps", "3", "--out", "r")).code).toBe(0);
    const resume = async (...args: string[]) => {
      const { code, stderr } = await command.call(project, "run", ...args, "--resume", "r");
      expect(code).toBe(2);
      return stderr.trimEnd().split("\n").at(-1);
    };
    expect(await resume("q.ts")).toMatch(/^ufom: --resume needs the problem of the run: r holds a run of .*p\.ts; received q\.ts\.$/);
    expect(await resume("--seed", "2", "--set", "a=1")).toMatch(/goes on with the settings of r.*received --seed, --set\.$/);
    expect(await resume("--outer-steps", "2")).toMatch(/--outer-steps must be at least the 3 steps/);
    await writeFile(path.join(project, "p.ts"), source({ outer: "(t, { w }) => w.sum()" }));
    expect(await resume("--outer-steps", "5")).toMatch(/^ufom: resume takes a checkpoint of the same problem/);
    for (const name of ["checkpoint", "checkpoint.previous"]) {
      const checkpoint = path.join(project, `r/${name}.safetensors`);
      const bytes = await readFile(checkpoint);
      await writeFile(checkpoint, bytes.subarray(0, bytes.length - 3));
    }
    expect(await resume("--outer-steps", "5")).toMatch(
      /^ufom: r\/checkpoint\.safetensors is not a safetensors file: .*\. The state before it is damaged too\.$/,
    );
    expect(await readdir(path.join(project, "r"))).not.toContain("run.lock");
  });
});
