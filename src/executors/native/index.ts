import type { NativeInfo } from "../executor.js";
import type { LibraryProducts } from "../wasm/library-call.js";
import { loadBlas } from "./blas.js";
import type { Blas } from "./blas.js";
import { builtin } from "./host.js";
import { keep, measuredBefore } from "./kept.js";
import type { Measured } from "./kept.js";
import { measure } from "./measure.js";
import type { NativeChoice } from "./options.js";
import { productsOf } from "./products.js";

export { besideOthers, nativeChoice } from "./options.js";
export type { NativeChoice, NativeOption } from "./options.js";

/** What was measured, and why it could not be kept. */
interface Known {
  readonly measured: Measured;
  readonly notKept?: string;
}

const known = new Map<string, Known>();

/** What a library's rates on this machine are kept under. */
export const keyOf = ({ description, path }: Blas, threads: number): string =>
  [description, path, builtin("os").cpus()[0]?.model ?? "", `${threads} threads`].join("; ");

/** How fast a library is here: measured once on a machine, and kept in a file. */
function measuredOf(blas: Blas, threads: number): Known {
  const key = keyOf(blas, threads),
    now = known.get(key);
  if (now) return now;
  const before = measuredBefore(key),
    measured = before ?? measure(blas, threads),
    notKept = before ? undefined : keep(key, measured),
    found = { measured, ...(notKept === undefined ? {} : { notKept }) };
  known.set(key, found);
  return found;
}

/** The products of a library, for an executor. @throws UfomError if koffi or the library is missing, with the command that adds it */
export function libraryProducts({ path, threads, threshold }: NativeChoice): LibraryProducts {
  const blas = loadBlas(path),
    set = blas.threadsOf(threads ?? builtin("os").availableParallelism());
  if (threshold !== undefined) return productsOf(blas, set, threshold);
  const { measured, notKept } = measuredOf(blas, set);
  return productsOf(blas, set, measured.threshold, notKept);
}

/** A library as a sentence tells it. */
export const describeNative = ({ library, path, threads, threshold, notKept }: NativeInfo): string =>
  `products of at least ${threshold} multiplications by ${library} (${path}), ${threads} ${threads === 1 ? "thread" : "threads"}`
  + (notKept === undefined ? "" : `; where that is was measured now and could not be kept (${notKept})`);
