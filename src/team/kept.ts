import type { Estimator } from "../core/estimators/estimator.js";
import type { CompiledProblem } from "../core/evaluation/compiled-problem.js";
import type { ThreadsOptions } from "./threads.js";
import { ThreadsTeam } from "./threads.js";

/** A team that waits for the next call. */
interface Entry {
  readonly estimator: Estimator;
  readonly workers: number | undefined;
  readonly team: ThreadsTeam;
  users: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Milliseconds that threads wait for the next call. */
const LINGER = 2000;

const kept = new WeakMap<CompiledProblem, Entry[]>();

function entriesOf(compiled: CompiledProblem): Entry[] {
  let entries = kept.get(compiled);
  if (!entries) {
    const made = (entries = [] as Entry[]);
    kept.set(compiled, made);
    compiled.onDispose(() => {
      for (const entry of made.splice(0)) end(entry);
    });
  }
  return entries;
}

function end({ team, timer }: Entry): void {
  clearTimeout(timer);
  team.dispose();
}

/**
 * Does something with a team of threads for a compiled problem and an estimator. The threads stay for the next call, if that comes within two
 * seconds; the process does not stay alive for them.
 */
export async function withTeam<R>(
  compiled: CompiledProblem,
  estimator: Estimator,
  options: ThreadsOptions,
  f: (team: ThreadsTeam) => Promise<R>,
): Promise<R> {
  const { workers } = options,
    entries = entriesOf(compiled);
  let entry = entries.find(one => one.estimator === estimator && one.workers === workers);
  if (!entry)
    entries.push((entry = { estimator, workers, team: new ThreadsTeam(options, compiled, estimator), users: 0, timer: undefined }));
  const { team } = entry,
    own = entry;
  own.users++;
  clearTimeout(own.timer);
  try {
    return await f(team);
  } finally {
    if (--own.users === 0) {
      const leave = () => {
        const at = entries.indexOf(own);
        if (at >= 0) entries.splice(at, 1);
        end(own);
      };
      // Without threads there is nothing to wait for.
      if (team.workers < 2) leave();
      else {
        own.timer = setTimeout(leave, LINGER);
        (own.timer as { unref?(): void }).unref?.();
      }
    }
  }
}
