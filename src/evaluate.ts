import { isPromise } from "./core/evaluation/awaitable.js";
import { checkPrecision, hostTree } from "./core/problem/problem.js";
import type { HostedTree } from "./core/problem/sampled.js";
import { rebuildLike } from "./core/trees/host-leaves.js";
import { leaves, leavesWithPaths } from "./core/trees/host-tree.js";
import { inPrecision } from "./core/trees/precision.js";
import type { ExecutorOption } from "./executor-option.js";
import { executorOf } from "./executor-option.js";
import { executorNames } from "./executors/names.js";
import type { Awaitable, Buffer, Executable, Executor } from "./executors/executor.js";
import { optimize } from "./program/passes/index.js";
import { fail } from "./tensor/error.js";
import { isHostArray } from "./tensor/host.js";
import { checkOptions } from "./tensor/options.js";
import { trace } from "./tensor/trace.js";
import { describeTree } from "./tensor/tree.js";
import type { FloatType, HostTree } from "./tensor/types.js";
import { isFloat, showType } from "./tensor/types.js";
import type { Value } from "./tensor/value.js";

/** Where and how a function is evaluated. */
export interface EvaluateOptions extends ExecutorOption {
  /** What floating point arguments are converted to and computed in; the precision that all of them have if not given. */
  readonly dtype?: FloatType;
}

/** Trees of host arrays in place of trees of values. */
export type HostedArguments<A extends readonly unknown[]> = { [K in keyof A]: HostedTree<A[K]> };

/** A function that was traced for arguments of certain types, and compiled. */
interface Compiled {
  readonly executable: Awaitable<Executable>;
  /** The result's tree with its leaves' types. */
  readonly output: unknown;
  /** Calls under way; the last one gives the executable back if the entry has left the cache meanwhile. */
  users: number;
  left: boolean;
}

type Cache = Map<string, Compiled>;

/** Signatures that a function stays compiled for, the latest used. */
const most = 32;

const dispose = ({ executable }: Compiled): void =>
  // What could not be compiled was told to whoever asked, and holds nothing.
  isPromise(executable)
    ? void executable.then(
        late => late.dispose(),
        () => {},
      )
    : executable.dispose();

function leave(cache: Cache, key: string, entry: Compiled): void {
  if (entry.left) return;
  entry.left = true;
  cache.delete(key);
  if (!entry.users) dispose(entry);
}

/** What executors hold for a function is given back when the function is no more. */
const collected = new FinalizationRegistry<Cache>(cache => {
  for (const [key, entry] of cache) leave(cache, key, entry);
});

/** The structure, shapes and dtypes of a tree, as text. */
const signatureOf = (tree: HostTree): string =>
  isHostArray(tree)
    ? showType(tree)
    : Array.isArray(tree)
      ? `[${(tree as readonly HostTree[]).map(signatureOf).join()}]`
      : `{${Object.entries(tree)
          .map(([key, child]) => `${JSON.stringify(key)}:${signatureOf(child)}`)
          .join()}}`;

/** The precision that all floating point arguments have; float32 of none. @throws if they have two */
function precisionOf(args: readonly HostTree[]): FloatType {
  const floats = args.flatMap((arg, i) =>
      leavesWithPaths(arg)
        .filter(([, leaf]) => isFloat(leaf))
        .map(([path, leaf]) => ({ leaf, place: `argument ${i + 1}${path && `, ${path}`}` })),
    ),
    [first] = floats,
    other = floats.find(({ leaf }) => leaf.dtype !== first.leaf.dtype);
  if (other) {
    const show = ({ leaf, place }: typeof first) => `${showType(leaf)} (${place})`;
    fail("evaluate", "needs floating point arguments of one precision, or the option dtype", `${show(first)} and ${show(other)}`);
  }
  return (first?.leaf.dtype ?? "float32") as FloatType;
}

/**
 * Makes a function of values one of numbers: trees of host arrays in, trees of host arrays out.
 *
 * It is traced, optimized and compiled at its first call, and again for arguments of other shapes or dtypes; for the 32 latest of such signatures it
 * stays compiled. So a number that it takes from outside is the one of its first call. A function may hold derivatives: `evaluate(grad(loss))`.
 *
 * @example
 * const softplus = evaluate((x: Value) => np.log(np.exp(x).add(1)));
 * (await softplus(f32([0, 1]))).data; // [0.693147182465, 1.31326162815]
 * (await softplus(f64([0]))).data; // [0.69314718056]
 * const slope = evaluate(grad(({ a }: { a: Value }, x: Value) => a.mul(x).sum()));
 * (await slope({ a: f32([1, 2]) }, f32([3, 4]))).a.data; // [3, 4]
 *
 * @param f from trees of values to a tree of values
 * @param options.executor an executor, or its name: `auto`, `wasm`, `reference`
 * @param options.dtype `float32` or `float64`, which floating point arguments are converted to; they must be of one precision if it is not given
 * @returns a function of trees of host arrays, which promises a tree of host arrays. The numbers are taken when it is called
 * @throws UfomError if `f` is no function; the function's promise is rejected if an argument is no tree of host arrays, or with what `f` throws
 */
export function evaluate<A extends readonly unknown[] = Value[], R = unknown>(
  f: (...args: A) => R,
  options: EvaluateOptions = {},
): (...args: HostedArguments<A>) => Promise<HostedTree<R>> {
  if (typeof f !== "function") fail("evaluate", "takes a function of values", describeTree(f));
  const { dtype: wanted, executor, native } = checkOptions("evaluate", options, { dtype: true, executor: true, native: true }),
    where = { executor, native };
  if (wanted !== undefined) checkPrecision(wanted);
  if (native !== undefined || (typeof executor === "string" && !executorNames.includes(executor))) executorOf(where);
  const cache: Cache = new Map();
  const evaluated = async (...args: HostedArguments<A>) =>
    (await call(f, args, { dtype: wanted, executor: executorOf(where), cache })) as HostedTree<R>;
  collected.register(evaluated, cache);
  return evaluated;
}

interface Call {
  readonly dtype: FloatType | undefined;
  readonly executor: Executor;
  readonly cache: Cache;
}

/** One call: everything up to the upload of the arguments happens at once, so that their numbers are those of the call. */
async function call(f: (...args: never) => unknown, given: readonly HostTree[], { dtype, executor, cache }: Call): Promise<HostTree> {
  if (given.length < f.length) fail("evaluate", `needs ${f.length} arguments, as many as the function has`, `${given.length}`);
  const trees = given.map((tree, i) => hostTree(`evaluate's argument ${i + 1}`, tree, "must be")),
    precision = dtype ?? precisionOf(trees),
    args = trees.map(tree => inPrecision(tree, precision)),
    entry = entryFor(f, args, { dtype: precision, executor, cache });
  const held: Buffer[] = [];
  entry.users++;
  try {
    for (const array of args.flatMap(leaves)) held.push(executor.upload(array));
    const executable = isPromise(entry.executable) ? await entry.executable : entry.executable,
      answer = executable.run([...held]),
      outputs = isPromise(answer) ? await answer : answer;
    held.push(...outputs);
    return rebuildLike(entry.output, await executor.readAll(outputs));
  } finally {
    for (const buffer of held) executor.free(buffer);
    if (!--entry.users && entry.left) dispose(entry);
  }
}

/** The function compiled for arguments like these. */
function entryFor(
  f: (...args: never) => unknown,
  args: readonly HostTree[],
  { dtype, executor, cache }: Call & { readonly dtype: FloatType },
) {
  const key = [dtype, ...args.map(signatureOf)].join(";"),
    known = cache.get(key);
  if (known) {
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  const { program, output } = trace(f, args, dtype),
    executable = executor.compile(optimize(program), f.name || "evaluate"),
    made: Compiled = { executable, output, users: 0, left: false };
  cache.set(key, made);
  if (isPromise(executable)) executable.catch(() => leave(cache, key, made));
  for (const [oldest, entry] of cache) {
    if (cache.size <= most) break;
    leave(cache, oldest, entry);
  }
  return made;
}
