import type { Checkpoint, CheckpointJson } from "../core/solve/checkpoint.js";
import { givenCheckpoint, withJson } from "../core/solve/checkpoint.js";
import type { Best, SolveResult, SolveStep } from "../core/solve/result.js";
import { fail } from "../tensor/error.js";
import { checkOptions } from "../tensor/options.js";
import { describeTree } from "../tensor/tree.js";
import type { HostArray, HostTree, TreeOf } from "../tensor/types.js";
import { namesIn, readInFolder, writeInFolder } from "./disk.js";
import type { Saved } from "./packed.js";
import { parseJson, parseResult, parseSteps, runFiles, type RunRecord, type SavedStep } from "./run-files.js";
import { readState, writeState } from "./saved-state.js";
import { contentOf, type Source } from "./source.js";
import { asLike } from "./tree.js";

/** A run that is to be saved. */
export interface RunToSave {
  /** `run.checkpoint()`, at any step. */
  readonly checkpoint: Checkpoint | CheckpointJson;
  /** The steps so far, all of them if the command is to go on with the run. */
  readonly metrics?: Iterable<SolveStep>;
  /** `await run.result()`, once it has ended. */
  readonly result?: SolveResult<unknown>;
  /** A built-in problem's name, or the path of the module whose default export is the problem: then the command can go on with the run. */
  readonly problem?: string;
  /** The outer transform as the command spells it, `adam:0.05`: it needs that too, to go on with the run. */
  readonly outer?: string;
}

/** Takes a file of a run, by its name in the folder. */
export type Sink = (name: string, content: Uint8Array) => void | PromiseLike<void>;

/** Gives a file of a run by its name; nothing if there is none of that name. */
export type Reader = (name: string) => Source | undefined | null | PromiseLike<Source | undefined | null>;

/** What is wanted of a run. */
export interface LoadRunOptions<TH = HostTree> {
  /** A θ such as `problem.theta(1)`: that of the run must have its names and shapes, and is given in its type. */
  readonly like?: TH;
  /** `false` to leave the metrics unread: a line a step may be much. */
  readonly metrics?: boolean;
}

/** A run that was saved. */
export interface LoadedRun<TH = HostTree> {
  /** What was learned. */
  readonly theta: TH;
  /** What `solve`'s option `resume` goes on from. */
  readonly checkpoint: Checkpoint;
  /** The best θ of the run, and by what it is that, if it was saved: θ above is the last one. */
  readonly best?: Best<TH>;
  /** config.json, if there is one. The command writes `{ version, ufom, settings }`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The steps, if they were saved; a last line that was cut off is left out. */
  readonly metrics?: readonly SavedStep[];
  /** result.json, if the run has ended. */
  readonly result?: RunRecord;
}

const files = {
  config: "config.json",
  metrics: "metrics.jsonl",
  checkpoint: "checkpoint.safetensors",
  best: "best.safetensors",
  result: "result.json",
} as const;

/**
 * Saves a run that was made by `solve` in the form of the command's run folders: config.json, metrics.jsonl, checkpoint.safetensors,
 * best.safetensors, result.json.
 *
 * In a folder, files are replaced one by one at a stroke; those of which nothing was given stay, and so does a config.json. `ufom run --resume` goes on
 * with such a run if `problem` says where its problem is, `outer` how its outer transform is spelled, and `metrics` are all of its steps.
 *
 * @example
 * const problem = defineProblem({
 *   theta: () => f32([3]),
 *   task: () => f32([1]),
 *   init: theta => theta,
 *   inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: 0.25, steps: 2 },
 *   outer: (_, phi, task) => np.square(phi.sub(task)).sum(),
 * });
 * const run = solve(problem, { estimator: exact(), outer: sgd(4), outerSteps: 2 });
 * const result = await run.result();
 * const saved = new Map<string, Uint8Array>(); // or the path of a folder
 * await saveRun((name, content) => void saved.set(name, content), { checkpoint: run.checkpoint(), result });
 * const loaded = await loadRun(name => saved.get(name), { like: problem.theta(1) });
 * loaded.theta.data; // [1.5]
 * loaded.checkpoint.index; // 2
 *
 * @param target the path of a folder, which is made if need be (Node), or a function that takes each file's name and bytes
 * @param run the checkpoint, and what else there is
 * @throws UfomError if the checkpoint is none, the folder holds something else or another run, or it cannot be written
 */
export async function saveRun(target: string | Sink, run: RunToSave): Promise<void> {
  const { problem, outer, metrics, result } = checkOptions(
    "saveRun",
    run,
    { checkpoint: true, metrics: true, result: true, problem: true, outer: true },
    "a run of",
  );
  const checkpoint = givenCheckpoint("saveRun", run.checkpoint),
    contents = runFiles({ checkpoint, problem, outer, metrics, result, folder: typeof target === "string" ? target : undefined });
  const all: readonly (readonly [string, Uint8Array | undefined])[] = [
    [files.config, contents.config],
    [files.metrics, contents.metrics],
    [files.checkpoint, writeState(checkpoint as unknown as Saved)],
    [files.best, result && writeState({ ...result.best } as unknown as Saved)],
    [files.result, contents.result],
  ];
  if (typeof target !== "string" && typeof target !== "function")
    return fail("saveRun", "takes the path of a folder, or a function of a name and bytes", describeTree(target));
  const there = typeof target === "string" ? await checkFolder(target, checkpoint) : [];
  for (const [name, content] of all) {
    if (content === undefined || (name === files.config && there.includes(name))) continue;
    if (typeof target === "string") await writeInFolder("saveRun", target, name, content);
    else await target(name, content);
  }
}

/** What is in a folder already. @throws if that is something else than this run */
async function checkFolder(folder: string, { problem, run }: Checkpoint): Promise<readonly string[]> {
  const names = (await namesIn("saveRun", folder)) ?? [];
  if (!names.length) return names;
  const there = names.includes(files.checkpoint) ? await readInFolder("saveRun", folder, files.checkpoint) : undefined;
  if (!there)
    return fail(
      "saveRun",
      "needs a new or an empty folder, or that of the same run",
      `${folder}, which holds ${names.slice(0, 3).join(", ")}`,
    );
  const other = checkpointIn(there, `${folder}/${files.checkpoint}`);
  const differs = Object.entries(run).find(
    ([key, value]) => (other.run as unknown as Record<string, unknown> | undefined)?.[key] !== value,
  );
  if (differs || other.problem !== problem)
    fail(
      "saveRun",
      "keeps what is there: it needs a new or an empty folder, or that of the same run",
      `${folder}, which holds another run`,
    );
  return names;
}

/** The checkpoint in a file. @throws if it holds none */
function checkpointIn(bytes: Uint8Array, name: string): Checkpoint {
  const state = readState(bytes, name),
    { theta, index, run } = (state ?? {}) as Partial<Checkpoint>;
  if (theta === undefined || !Number.isSafeInteger(index) || typeof run !== "object")
    return fail(name, "must hold the checkpoint of a run", describeTree(state));
  return withJson(state as unknown as Checkpoint);
}

/** The best θ in a file. @throws if it holds none, or differs from `like` */
function bestIn<TH>(bytes: Uint8Array, name: string, like: TH | undefined): Best<TH> {
  const state = readState(bytes, name) as unknown as Best<HostTree> | null;
  if (typeof state !== "object" || state?.theta === undefined) return fail(name, "must hold the best θ of a run", describeTree(state));
  const theta = like === undefined ? state.theta : asLike(`θ of ${name}`, like as HostTree, state.theta);
  return { ...state, theta: theta as TH };
}

/**
 * Loads a run: one that the command or `saveRun` wrote, whole or the checkpoint by itself.
 *
 * @example
 * const problem = defineProblem({
 *   theta: () => f32([3]),
 *   task: () => f32([1]),
 *   init: theta => theta,
 *   inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: 0.25, steps: 2 },
 *   outer: (_, phi, task) => np.square(phi.sub(task)).sum(),
 * });
 * const run = solve(problem, { estimator: exact(), outer: sgd(4), outerSteps: 2 });
 * await run.result();
 * const saved = new Map<string, Uint8Array>();
 * await saveRun((name, content) => void saved.set(name, content), { checkpoint: run.checkpoint() });
 * const { theta } = await loadRun(saved.get("checkpoint.safetensors")!, { like: problem.theta(1) }); // or the path of a run's folder
 * (await adapt(problem, { theta })).outer; // 0.015625
 *
 * @param source the path of a run's folder or of a checkpoint (Node); the bytes, the Blob or the Response of a checkpoint; or a function that gives the
 * files of a run by their names, as in a page: `name => fetch(…)`
 * @param options.like a θ whose structure, shapes and dtypes are expected, such as `problem.theta(1)`
 * @param options.metrics `false` to leave the metrics unread
 * @returns θ, the checkpoint to go on from, and of the best θ, config, metrics and result what there is
 * @throws UfomError if there is no checkpoint, a file is damaged, or θ differs from `like`
 */
export async function loadRun<TH extends TreeOf<HostArray, TH> = HostTree>(
  source: Source | PromiseLike<Source> | Reader,
  options: LoadRunOptions<TH> = {},
): Promise<LoadedRun<TH>> {
  const { like, metrics: wanted = true } = checkOptions<LoadRunOptions<TH>>("loadRun", options, { like: true, metrics: true }),
    given = typeof source === "function" ? source : await source,
    { read, place } = await filesOf(given),
    content = await read(files.checkpoint);
  if (!content) return fail("loadRun", "needs the checkpoint of a run", `${place || "files"} without ${files.checkpoint}`);
  const nameOf = (file: string) => (place ? `${place}/${file}` : file),
    checkpoint = checkpointIn(content, typeof given === "function" || isFolder(given) ? nameOf(files.checkpoint) : place),
    theta = (like === undefined ? checkpoint.theta : asLike(`θ of ${place || files.checkpoint}`, like, checkpoint.theta)) as TH;
  const best = await read(files.best),
    config = await read(files.config),
    metrics = wanted ? await read(files.metrics) : undefined,
    result = await read(files.result);
  return {
    theta,
    checkpoint,
    ...(best && { best: bestIn(best, nameOf(files.best), like) }),
    ...(config && { config: parseJson(nameOf(files.config), config) }),
    ...(metrics && { metrics: parseSteps(nameOf(files.metrics), metrics) }),
    ...(result && { result: parseResult(nameOf(files.result), result) }),
  };
}

const isFolder = (source: unknown): source is string => typeof source === "string" && !source.endsWith(".safetensors");

/** Whether a server says that it has no such file: not every run has all of them. */
const isAbsent = (source: Source): boolean => typeof source === "object" && "status" in source && source.status === 404;

/** How the files of a run are read, and what the run is called. */
async function filesOf(source: Source | Reader): Promise<{ read: (name: string) => Promise<Uint8Array | undefined>; place: string }> {
  if (typeof source === "function") {
    const read = async (name: string) => {
      const found = await source(name);
      return found === undefined || found === null || isAbsent(found) ? undefined : (await contentOf("loadRun", found, name)).bytes;
    };
    return { read, place: "" };
  }
  if (isFolder(source)) return { read: name => readInFolder("loadRun", source, name), place: source };
  const { bytes, name: place } = await contentOf("loadRun", source, "what loadRun was given");
  return { read: async name => Promise.resolve(name === files.checkpoint ? bytes : undefined), place };
}
