// An executor around another one that counts what the core asks of it.
import type { Buffer, Executor } from "../../src/executors/executor.js";

export interface CountingExecutor extends Executor {
  /** Runs of a program, by the name it was compiled under. */
  readonly runs: Map<string, number>;
  /** The most buffers alive at once since the last `restart`. */
  peak(): number;
  restart(): void;
  /** Called before every run: throw to make it fail. */
  before: (name: string) => void;
}

export interface CountingOptions {
  /** Answer with promises, as an executor outside this process would. */
  readonly later?: boolean;
}

export function countingExecutor(inner: Executor, { later = false }: CountingOptions = {}): CountingExecutor {
  const runs = new Map<string, number>();
  let peak = 0;
  const answer = <T>(value: T): T | Promise<T> => (later ? Promise.resolve().then(() => value) : value);
  const seen = <T>(value: T): T => {
    peak = Math.max(peak, inner.usage().buffers);
    return value;
  };
  const self: CountingExecutor = {
    name: `counting ${inner.name}`,
    runs,
    peak: () => peak,
    restart() {
      runs.clear();
      peak = 0;
    },
    before: () => {},
    compile(program, name = "program") {
      const executable = inner.compile(program, name);
      if (executable instanceof Promise) throw new Error("the counting executor wraps executors that answer at once");
      const run = (inputs: readonly Buffer[]) => {
        self.before(name);
        runs.set(name, (runs.get(name) ?? 0) + 1);
        return answer(seen(executable.run(inputs) as Buffer[]));
      };
      return answer({ program, statistics: executable.statistics, run, dispose: () => executable.dispose() });
    },
    upload: array => seen(inner.upload(array)),
    write: (buffer, array) => inner.write(buffer, array),
    read: buffer => {
      self.before("read");
      return answer(inner.read(buffer)) as never;
    },
    readAll: buffers => {
      self.before("read");
      return answer(inner.readAll(buffers)) as never;
    },
    free: buffer => inner.free(buffer),
    usage: () => inner.usage(),
    dispose: () => inner.dispose(),
  };
  return self;
}
