import { evaluateBatch, looksBack } from "../core/batch/evaluate.js";
import type { BatchBuffers } from "../core/batch/batch-buffers.js";
import type { Continuation } from "../core/batch/recorded-batch.js";
import { FEW_PLANS, Plans } from "../core/batch/plans.js";
import { recording } from "../core/batch/recordings.js";
import { OneAtATime } from "../core/batch/one-at-a-time.js";
import { recordMean } from "../core/batch/mean-routine.js";
import type { SharedMean } from "../core/batch/shared-batch.js";
import { recordTask } from "../core/batch/task-routine.js";
import type { Choice, Estimator } from "../core/estimators/estimator.js";
import { isPromise } from "../core/evaluation/awaitable.js";
import type { CompiledProblem } from "../core/evaluation/compiled-problem.js";
import type { State } from "../core/evaluation/machine.js";
import { Pauses } from "../core/evaluation/pauses.js";
import type { Job, MakeTeam, Team } from "../core/solve/team.js";
import type { UseMean } from "../core/batch/evaluate.js";
import type { Awaitable, Buffer } from "../executors/executor.js";
import { WasmExecutor } from "../executors/wasm/executor.js";
import type { HostArray } from "../tensor/types.js";
import { chooseWorkers, coresHere } from "./choose-workers.js";
import { AtomicCrew, canTake } from "./threads/atomic-crew.js";
import { Board, bytesOfSlot, Layout } from "./threads/board.js";
import type { Crew } from "./threads/crew.js";
import { MessageCrew } from "./threads/message-crew.js";
import { nodeModule } from "./threads/port.js";
import { boardPlan, setupOf } from "./threads/setup.js";
import type { Setup } from "./threads/setup.js";
import { BoardBatch } from "./threads/shared.js";
import { startThread } from "./threads/spawn.js";

/** How a team of threads is gathered. */
export interface ThreadsOptions {
  /** Threads that compute tasks, this one among them where it may; chosen from the cores and the work if not given. */
  readonly workers?: number;
  /** Meta-batches that are to come: for the choice. */
  readonly batches?: number;
  readonly cores?: number;
  /** The code of a thread. */
  readonly source?: string;
  /** How jobs are handed over: threads take them from shared memory while this one computes too (`take`), or are told them by messages. */
  readonly handing?: "take" | "tell";
  /** Whether this thread computes too, where there are others. */
  readonly here?: boolean;
  /** What starts a thread. */
  readonly start?: typeof startThread;
  /** Whether memory is shared; if not, what jobs need and give is copied. */
  readonly shared?: boolean;
}

/** Bytes of the jobs that lie on a board at once. */
const MOST_BYTES = 2 ** 28;

/** A batch that was asked for last. */
interface Known {
  readonly tasks: number;
  readonly continuation: Continuation | undefined;
  readonly plans: Plans;
  /** Whether it takes no more plans: with them a task's routine would be too long. */
  readonly full: boolean;
  /** A promise while it is being made; undefined: the tasks are computed here. */
  batch: Awaitable<BoardBatch | undefined>;
}

/** Computes the tasks of a meta-batch in several threads, with the bits of one. */
export class ThreadsTeam implements Team {
  readonly name = "threads";
  workers = 1;
  readonly #told = new Set<string>();
  #known: Known | undefined;
  #crew: Crew | undefined;
  #loaded: { readonly board: Board; readonly setup: Setup } | undefined;
  #replaced = 0;
  #disposed = false;
  readonly #oneAtATime = new OneAtATime();

  constructor(
    private readonly options: ThreadsOptions,
    private readonly compiled: CompiledProblem,
    private readonly estimator: Estimator,
    private readonly pauses = new Pauses(),
  ) {}

  get notes(): readonly string[] {
    const crew = this.#crew,
      replaced = this.#replaced + (crew?.replaced ?? 0);
    return [
      ...this.#told,
      ...(replaced
        ? [
            `workers: ${replaced === 1 ? "a thread" : `${replaced} threads`} ended and ${replaced === 1 ? "was" : "were"} replaced, and what was under way there was done again (the last ${crew?.lastWords}).`,
          ]
        : []),
      ...(crew?.refused === undefined ? [] : [`workers: threads ${crew.refused}; the tasks were computed without them.`]),
    ];
  }

  recording(choices: readonly Choice[], continuation: Continuation) {
    return recording(this.compiled, this.estimator, choices, continuation, this.pauses.signal);
  }

  shared(choices: readonly Choice[], continuation?: Continuation, key?: HostArray): Awaitable<BoardBatch | undefined> {
    const known = this.#known;
    if (known?.tasks !== choices.length || known.continuation !== continuation) {
      if (known) disposeOf(known.batch);
      return this.#prepare({ tasks: choices.length, continuation, plans: new Plans(choices), full: false, batch: undefined }, key);
    }
    const { batch, plans, full } = known;
    if (isPromise(batch)) return batch.then(() => this.shared(choices, continuation, key));
    // What is computed here needs no plans.
    if (!batch) return undefined;
    const missing = plans.unknown(choices);
    if (!missing.length) return batch;
    const more = full ? undefined : plans.with(missing, 1);
    if (more) return this.#prepare({ ...known, plans: more }, key, known);
    this.#told.add("workers: meta-batches that drew a plan which was not written down yet were computed in one thread.");
    return undefined;
  }

  /** @param before what it takes the place of, which comes back if it cannot be made, and takes no more plans if it was too long with them */
  #prepare(known: Known, key: HostArray | undefined, before?: Known): Promise<BoardBatch | undefined> {
    const { plans, tasks, continuation } = known,
      back = (full: boolean): undefined => {
        if (this.#known === known) this.#known = before && { ...before, full };
        else if (before) disposeOf(before.batch);
      };
    this.#known = known;
    const batch = this.#make(plans.choices, tasks, continuation, key, before !== undefined).then(
      made => {
        if (!made && before) return back(true);
        if (before) disposeOf(before.batch);
        return (known.batch = made);
      },
      (error: unknown) => {
        back(before?.full ?? false);
        throw error;
      },
    );
    known.batch = batch;
    return batch;
  }

  /** @param more whether some of the plans have a batch already */
  async #make(choices: readonly Choice[], n: number, continuation: Continuation | undefined, key: HostArray | undefined, more: boolean) {
    const { compiled, estimator, options } = this,
      { workers: asked, batches = 1, cores = coresHere() } = options,
      wanted = asked !== undefined && asked > 1;
    const here = (why: string) => {
      if (wanted) this.#told.add(`workers: ${asked} threads were asked for; ${why}, so the tasks were computed in this one.`);
      return undefined;
    };
    if (asked === 1 || (asked === undefined && (n < 2 || cores < 2))) return undefined;
    if (!(compiled.executor instanceof WasmExecutor)) return here(`they have the executor wasm, and here it is ${compiled.executor.name}`);
    const { native } = compiled.executor;
    if ((estimator.facts.plans?.(compiled.steps) ?? 1) > FEW_PLANS)
      return here(`each draw of ${estimator.name} is another plan, and threads have those that were written down`);
    if (native && native.threads > 1) return here(`each of the library's products has ${native.threads} threads of its own`);
    const source = options.source ?? (await import("./threads/source.js")).threadSource;
    if (source === undefined) return here("their code is made by the build");
    const task = await recordTask(compiled, estimator, choices, key, this.pauses.signal);
    if (!task) return more ? undefined : here("the evaluation of a task is too long to be written down");
    const chosen = chooseWorkers({ asked, cores, tasks: n, effort: Math.max(...task.plans.map(({ effort }) => effort)), batches });
    if (chosen.note !== undefined) this.#told.add(chosen.note);
    this.workers = chosen.workers;
    if (chosen.workers < 2) return undefined;
    const mean = await recordMean(compiled, task.plans[0].lossType, task.leaves, n, continuation);
    if (!mean) return here("θ is too large for their results to be put together");
    const plan = boardPlan(compiled, task, 0),
      slots = Math.min(n, Math.max(2 * chosen.workers, Math.floor(MOST_BYTES / bytesOfSlot(plan)))),
      inNode = nodeModule("worker_threads") !== undefined,
      { handing = inNode && canTake() ? "take" : "tell", shared = canShare(inNode) } = options,
      bytes = new Layout({ ...plan, slots }).bytes,
      board = new Board({ ...plan, slots }, shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
    for (let slot = 0; slot < slots; slot++) board.words[board.claimAt(slot)] = -1;
    const setup = setupOf(compiled, task, board.layout.plan);
    this.#loaded = { board, setup };
    if (this.#crew && !this.#crew.disposed) this.#crew.load(board, setup);
    const crew = () => this.#crewFor(handing, options.here ?? handing === "take", source);
    return new BoardBatch({ compiled, estimator, choices, task, mean, board, crew });
  }

  #crewFor(handing: "take" | "tell", here: boolean, source: string): Crew {
    const crew = this.#crew;
    if (crew && !crew.disposed) return crew;
    this.#replaced += crew?.replaced ?? 0;
    const { board, setup } = this.#loaded!,
      { start = startThread } = this.options,
      Kind = handing === "take" ? AtomicCrew : MessageCrew;
    return (this.#crew = new Kind(this.workers - Number(here), board, setup, hear => start(source, hear), here));
  }

  async mean<R>(theta: State, jobs: readonly Job[], use: UseMean<R>, pauses = this.pauses): Promise<R> {
    return this.#oneAtATime.use(() => this.#mean(theta, jobs, use, pauses));
  }

  async #mean<R>(theta: State, jobs: readonly Job[], use: UseMean<R>, pauses: Pauses): Promise<R> {
    const { compiled, estimator } = this,
      choices = jobs.map(({ choice }) => choice),
      batch = await this.shared(choices);
    if (!batch) return evaluateBatch(compiled, estimator, theta, jobs, use, pauses);
    batch.forget();
    batch.asked = true;
    const tasks = jobs.map(({ task }) => task);
    return batch.use({ theta, inputs: [], tasks, stepsDone: 0 }, choices, pauses, mean => this.#hand(mean, use));
  }

  /** Hands a mean over as it is handed over where all is computed here: what evaluations left lies in memory. */
  async #hand<R>(mean: SharedMean, use: UseMean<R>): Promise<R> {
    const { executor } = this.compiled,
      held: Buffer[] = [],
      upload = (array: HostArray) => {
        const buffer = executor.upload(array);
        held.push(buffer);
        return buffer;
      };
    try {
      const carries = mean.seen.map(({ carry }) =>
          Object.fromEntries(Object.entries(carry).map(([name, arrays]) => [name, arrays.map(upload)])),
        ),
        ran: BatchBuffers = { ...mean, carries };
      return await use(ran, () => (looksBack(this.compiled, this.estimator) ? mean.seen : []));
    } finally {
      for (const buffer of held) executor.free(buffer);
    }
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#crew?.dispose();
    const known = this.#known;
    this.#known = undefined;
    if (known) disposeOf(known.batch);
  }
}

function disposeOf(batch: Awaitable<BoardBatch | undefined>): void {
  if (isPromise(batch))
    void batch.then(
      late => late?.dispose(),
      // Whoever asked for it is told; there is nothing to give back.
      () => undefined,
    );
  else batch?.dispose();
}

/** Whether threads may share memory here: in Node, and in pages that are isolated from others. */
const canShare = (inNode: boolean): boolean =>
  typeof SharedArrayBuffer !== "undefined"
  && (inNode || (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated === true);

/** Computes the tasks of a meta-batch in several threads. */
export const threads =
  (options: ThreadsOptions = {}): MakeTeam =>
  (compiled, estimator, pauses) =>
    new ThreadsTeam(options, compiled, estimator, pauses);
