import { builtin, nodeProcess } from "./host.js";

/** What was measured of a library on a machine. */
export interface Measured {
  /** Products of at least so many multiplications are faster in the library. */
  readonly threshold: number;
  /** Operations a nanosecond of a large product, in WebAssembly and in the library. */
  readonly wasm: number;
  readonly library: number;
}

/** The file of what was measured on this machine, in the user's folder for what can be made again. */
export function keptFile(): string {
  const { join } = builtin("path"),
    { XDG_CACHE_HOME } = nodeProcess()!.env;
  return join(XDG_CACHE_HOME ?? join(builtin("os").homedir(), ".cache"), "ufom", "native.json");
}

type Kept = Readonly<Record<string, Measured | undefined>>;

const isMeasured = (x: unknown): x is Measured =>
  typeof x === "object" && x !== null && (["threshold", "wasm", "library"] as const).every(key => Number.isFinite((x as Measured)[key]));

/** What the file holds; nothing if there is none, or it is not one of ours: then it is written anew. */
function readKept(): Kept {
  let text: string;
  try {
    text = builtin("fs").readFileSync(keptFile(), "utf8");
  } catch {
    // Nothing was measured here before.
    return {};
  }
  try {
    const kept: unknown = JSON.parse(text);
    return typeof kept === "object" && kept !== null ? (kept as Kept) : {};
  } catch {
    // Not JSON: what it held can be measured again.
    return {};
  }
}

/** What was measured before. */
export function measuredBefore(key: string): Measured | undefined {
  const kept = readKept()[key];
  return isMeasured(kept) ? kept : undefined;
}

/** Keeps what was measured for later runs. @returns why it could not, if it could not: then it is measured again */
export function keep(key: string, measured: Measured): string | undefined {
  const fs = builtin("fs"),
    file = keptFile(),
    written = `${file}.${nodeProcess()!.pid}`;
  try {
    fs.mkdirSync(builtin("path").dirname(file), { recursive: true });
    fs.writeFileSync(written, `${JSON.stringify({ ...readKept(), [key]: measured }, undefined, 2)}\n`);
    // At once: who reads sees the old file or the new one.
    fs.renameSync(written, file);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
