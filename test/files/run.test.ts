import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import {
  adapt,
  adam,
  defineProblem,
  full,
  loadRun,
  loadTree,
  np,
  saveRun,
  solve,
  zeros,
  type HostArray,
  type SolveStep,
} from "../../src/index.js";
import { InstalledCommand, source } from "../cli/command.js";

/** The problem that `source()` writes as a module. */
const problem = defineProblem({
  theta: () => ({ center: full(0.5, 3) }),
  task: random => ({ x: random.normal([3]) }),
  init: theta => ({ w: theta.center }),
  inner: { loss: (_, { w }, { x }) => np.square(w.sub(x)).sum().add(np.exp(w).sum()), rate: 0.1, steps: 4 },
  outer: (_, { w }, { x }) => np.square(w.mul(2).sub(x)).mean(),
});
const options = { estimator: "ufom:adaptive", outer: adam(0.05), metaBatch: 2, seed: 5 };

async function run(outerSteps: number, more: object = {}) {
  const solving = solve(problem, { ...options, outerSteps, ...more }),
    metrics: SolveStep[] = [];
  for await (const step of solving) metrics.push(step);
  return { checkpoint: solving.checkpoint(), metrics, result: await solving.result() };
}

const scratch = mkdtempSync(join(tmpdir(), "ufom-run-"));
let folders = 0;
const fresh = () => join(scratch, `run-${++folders}`);
afterAll(() => rmSync(scratch, { recursive: true }));

test("a server that has not all files of a run is none the worse, and one that fails is told", async () => {
  const { checkpoint } = await run(2),
    saved = new Map<string, Uint8Array>();
  await saveRun((name, content) => void saved.set(name, content), { checkpoint });
  const serve = (status: number) => (name: string) =>
    Promise.resolve(saved.has(name) ? new Response(new Uint8Array(saved.get(name)!)) : new Response("", { status }));
  const loaded = await loadRun(serve(404));
  expect(Object.keys(loaded).sort()).toEqual(["checkpoint", "config", "theta"]);
  expect(loaded.checkpoint).toEqual(checkpoint);
  await expect(loadRun(serve(500))).rejects.toThrow(/^ufom: loadRun needs a response that is ok; received 500/);
});

describe("a run that solve made", () => {
  test("is saved in a folder, loaded, gone on with, and used", async () => {
    const folder = fresh(),
      saved = await run(6);
    await saveRun(folder, { ...saved, problem: "./problem.ts", outer: "adam:0.05" });
    expect(readdirSync(folder).sort()).toEqual([
      "best.safetensors",
      "checkpoint.safetensors",
      "config.json",
      "metrics.jsonl",
      "result.json",
    ]);
    const loaded = await loadRun(folder, { like: problem.theta(1) });
    expectTypeOf(loaded.theta).toEqualTypeOf<{ center: HostArray }>();
    expect(loaded.theta).toEqual(saved.result.theta);
    expect(loaded.best).toEqual(saved.result.best);
    expectTypeOf(loaded.best!.theta).toEqualTypeOf<{ center: HostArray }>();
    expect(loaded.checkpoint).toEqual(saved.checkpoint);
    expect(loaded.metrics).toEqual(saved.metrics);
    const { outcome, message, outerSteps, counts, loss } = saved.result;
    expect(loaded.result).toMatchObject({ problem: "./problem.ts", estimator: "ufom:adaptive", seed: 5, outer: "adam:0.05", folder });
    expect(loaded.result).toMatchObject({ outcome, message, outerSteps, counts, metrics: { loss } });
    expect(loaded.config).toMatchObject({
      version: 1,
      settings: { problem: "./problem.ts", metaBatch: 2, dtype: "float32", innerSteps: 4 },
    });

    const whole = await run(10),
      again = await run(10, { resume: loaded.checkpoint });
    expect(again.result.theta).toEqual(whole.result.theta);
    expect(again.metrics.map(({ index }) => index)).toEqual([7, 8, 9, 10]);
    expect((await adapt(problem, { theta: loaded.theta, innerSteps: loaded.checkpoint.run.innerSteps })).outer).toBe(
      (await adapt(problem, { theta: saved.result.theta })).outer,
    );
    // And it survives JSON, loaded as it is.
    const json = await run(10, { resume: JSON.parse(JSON.stringify(loaded.checkpoint)) as object });
    expect(json.result.theta).toEqual(whole.result.theta);
  });

  test("goes to a sink and comes from a reader, as in a page; or is its checkpoint alone", async () => {
    const files = new Map<string, Blob>(),
      { checkpoint, result } = await run(2);
    await saveRun(
      async (name, content) => {
        await Promise.resolve();
        files.set(name, new Blob([content as Uint8Array<ArrayBuffer>]));
      },
      { checkpoint },
    );
    expect([...files.keys()]).toEqual(["config.json", "checkpoint.safetensors"]);
    const loaded = await loadRun(name => files.get(name));
    expect(loaded.theta).toEqual(result.theta);
    expect(Object.keys(loaded)).toEqual(["theta", "checkpoint", "config"]);
    const alone = await loadRun(files.get("checkpoint.safetensors")!);
    expect(Object.keys(alone)).toEqual(["theta", "checkpoint"]);
    expect(alone.checkpoint).toEqual(checkpoint);
    const later = await loadRun(async name => Promise.resolve(files.get(name) ?? null), { like: { center: zeros(3) } });
    expect(later.theta).toEqual(result.theta);
  });

  test("may be saved again on its way, and then what was not given stays", async () => {
    const folder = fresh(),
      first = await run(2),
      then = await run(3);
    await saveRun(folder, { checkpoint: first.checkpoint, metrics: first.metrics, problem: "mine.ts" });
    await saveRun(folder, { checkpoint: then.checkpoint });
    const { checkpoint, metrics, config } = await loadRun(folder);
    expect(checkpoint.index).toBe(3);
    expect(metrics).toHaveLength(2);
    expect(config).toMatchObject({ settings: { problem: "mine.ts" } });
    expect(await loadRun(folder, { metrics: false })).not.toHaveProperty("metrics");
  });

  test("keeps numbers that JSON does not know as NaN", async () => {
    const folder = fresh(),
      { checkpoint, metrics, result } = await run(1);
    await saveRun(folder, {
      checkpoint,
      metrics: [{ ...metrics[0], loss: NaN, gradientNorm: Infinity }],
      result: { ...result, loss: NaN },
    });
    const loaded = await loadRun(folder);
    expect(loaded.metrics).toMatchObject([{ index: 1, loss: NaN, gradientNorm: NaN }]);
    expect(loaded.result?.metrics).toEqual({ loss: NaN });
  });
});

describe("the command", () => {
  let command: InstalledCommand;
  beforeAll(async () => {
    command = await InstalledCommand.make();
  });
  afterAll(() => command.remove());

  test("writes runs that are loaded", async () => {
    const project = await command.project({ "problem.ts": source() });
    const asked = ["--seed", "5", "--meta-batch", "2", "--outer", "adam:0.05", "--estimator", "ufom:adaptive", "--outer-steps", "6"];
    expect(await command.run(project, "run", "./problem.ts", ...asked, "--out", "r")).toMatchObject({ code: 0 });
    const folder = join(project, "r"),
      loaded = await loadRun(folder, { like: problem.theta(1) }),
      { checkpoint, metrics, result } = await run(6);
    const { seconds: _, ...state } = loaded.checkpoint,
      { seconds: __, ...wanted } = checkpoint;
    expect(state).toEqual(wanted);
    expect(loaded.theta).toEqual(result.theta);
    expect(loaded.best).toEqual(result.best);
    expect(loaded.metrics?.map(({ index, loss }) => [index, loss])).toEqual(metrics.map(({ index, loss }) => [index, loss]));
    expect(loaded.result).toMatchObject({ outcome: "finished", outerSteps: 6 });
    expect(loaded.config).toMatchObject({ version: 1, settings: { estimator: "ufom:adaptive" } });
    expect(await loadTree(join(folder, "checkpoint.safetensors"))).toMatchObject({ theta: result.theta });
    expect((await loadRun(join(folder, "checkpoint.safetensors"))).theta).toEqual(result.theta);
  });

  test("goes on with a run that was saved by code", async () => {
    const project = await command.project({ "problem.ts": source() }),
      folder = join(project, "r");
    await saveRun(folder, { ...(await run(3)), problem: join(project, "problem.ts"), outer: "adam:0.05" });
    expect(await command.run(project, "run", "--resume", "r", "--outer-steps", "8")).toMatchObject({ code: 0 });
    const { theta, metrics, result } = await loadRun(folder);
    expect(theta).toEqual((await run(8)).result.theta);
    expect(metrics).toHaveLength(8);
    expect(result).toMatchObject({ outcome: "finished", outerSteps: 8 });
  });
});

describe("what is damaged or something else", () => {
  async function saved() {
    const folder = fresh();
    await saveRun(folder, { ...(await run(2)), problem: "p.ts" });
    return folder;
  }

  test("a last line that was cut off is left out; another line that is no JSON is named", async () => {
    const folder = await saved(),
      metrics = join(folder, "metrics.jsonl");
    appendFileSync(metrics, '{"index":3,"lo');
    expect((await loadRun(folder)).metrics).toHaveLength(2);
    appendFileSync(metrics, "\n");
    await expect(loadRun(folder)).rejects.toThrow(`ufom: line 3 of ${folder}/metrics.jsonl must be JSON; received `);
    expect((await loadRun(folder, { metrics: false })).checkpoint.index).toBe(2);
  });

  test.each<[string, (folder: string) => void, string]>([
    [
      "no folder",
      folder => rmSync(folder, { recursive: true }),
      "ufom: loadRun needs the checkpoint of a run; received FOLDER without checkpoint.safetensors.",
    ],
    ["no checkpoint", folder => rmSync(join(folder, "checkpoint.safetensors")), "received FOLDER without checkpoint.safetensors."],
    [
      "config.json is no JSON",
      folder => writeFileSync(join(folder, "config.json"), "{"),
      "ufom: FOLDER/config.json must be JSON; received ",
    ],
    [
      "result.json is a list",
      folder => writeFileSync(join(folder, "result.json"), "[]"),
      "ufom: FOLDER/result.json must hold an object; received [].",
    ],
    [
      "the checkpoint is cut off",
      folder => {
        const file = join(folder, "checkpoint.safetensors");
        writeFileSync(file, readFileSync(file).subarray(0, -1));
      },
      "ufom: FOLDER/checkpoint.safetensors is not a safetensors file: its arrays need ",
    ],
    [
      "the checkpoint is a folder",
      folder => {
        rmSync(join(folder, "checkpoint.safetensors"));
        mkdirSync(join(folder, "checkpoint.safetensors"));
      },
      "ufom: loadRun cannot read FOLDER/checkpoint.safetensors: it is a folder (EISDIR).",
    ],
  ])("%s", async (_, damage, sentence) => {
    const folder = await saved();
    damage(folder);
    await expect(loadRun(folder)).rejects.toThrow(sentence.replace("FOLDER", folder));
  });

  test("a θ of another shape, an unknown option, no source", async () => {
    const folder = await saved();
    await expect(loadRun(folder, { like: { center: zeros(4) } })).rejects.toThrow(
      `ufom: θ of ${folder} must keep center at float32[4]; received float32[3].`,
    );
    await expect(loadRun(folder, { metric: false } as object)).rejects.toThrow("(did you mean metrics?)");
    await expect(loadRun(3 as never)).rejects.toThrow("ufom: loadRun takes bytes, a Blob, a Response or a path; received 3.");
    await expect(loadRun(() => undefined)).rejects.toThrow("ufom: loadRun needs the checkpoint of a run; received files without");
  });

  test("saveRun writes over nothing but the same run", async () => {
    const other = fresh(),
      { checkpoint } = await run(1);
    mkdirSync(other);
    await saveRun(other, { checkpoint });
    rmSync(join(other, "checkpoint.safetensors"));
    await expect(saveRun(other, { checkpoint })).rejects.toThrow(
      `ufom: saveRun needs a new or an empty folder, or that of the same run; received ${other}, which holds config.json.`,
    );
    const folder = await saved(),
      before = readFileSync(join(folder, "checkpoint.safetensors"));
    const { checkpoint: another } = await run(2, { seed: 6 });
    await expect(saveRun(folder, { checkpoint: another })).rejects.toThrow(`received ${folder}, which holds another run.`);
    expect(readFileSync(join(folder, "checkpoint.safetensors"))).toEqual(before);
    writeFileSync(join(scratch, "file"), "");
    await expect(saveRun(join(scratch, "file"), { checkpoint })).rejects.toThrow("a part of the path is no folder (ENOTDIR).");
  });

  test("saveRun needs a checkpoint and a place", async () => {
    const { checkpoint } = await run(1),
      save = saveRun as (target: unknown, run: unknown) => Promise<void>;
    await expect(save(fresh(), {})).rejects.toThrow("ufom: saveRun takes a checkpoint: run.checkpoint(), that of loadRun");
    await expect(save(fresh(), { checkpoint, steps: [] })).rejects.toThrow("ufom: saveRun takes ");
    await expect(save(3, { checkpoint })).rejects.toThrow(
      "ufom: saveRun takes the path of a folder, or a function of a name and bytes; received 3.",
    );
    await expect(save("a\0b", { checkpoint })).rejects.toThrow("the path holds a character that no path may have");
    expect(existsSync("a")).toBe(false);
  });
});
