import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { createInterface, type Interface } from "node:readline";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.js";
import type { Case } from "./cases.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Who takes part in the bench: ufom, JAX, PyTorch as one writes it, and PyTorch's strongest form. */
export type PartyName = "ufom" | "jax" | "torch" | "torch best";

/** Our peer, bundled once for all parties. */
const peer = join(tmpdir(), `ufom-peer-${process.pid}.mjs`);
await bundle("peers/ufom_peer.ts", peer);
process.on("exit", () => {
  rmSync(peer, { force: true });
});

const hasTaskset = spawnSync("taskset", ["--version"], { stdio: "ignore" }).status === 0;

const commands: Record<PartyName, (python: string) => readonly string[]> = {
  ufom: () => [process.execPath, peer],
  jax: python => [python, here("peers/jax_peer.py")],
  torch: python => [python, here("peers/torch_peer.py"), "eager"],
  "torch best": python => [python, here("peers/torch_peer.py"), "best"],
};

/** The peers that Python has here, and what they are. */
export function peersOf(python: string): PartyName[] {
  const has = (module: string) => spawnSync(python, ["-c", `import ${module}`], { stdio: "ignore" }).status === 0;
  return [...(has("jax") ? (["jax"] as const) : []), ...(has("torch") ? (["torch", "torch best"] as const) : [])];
}

export interface Prepared {
  /** Seconds from the problem's source to the first result. */
  readonly first: number;
  /** Which of a peer's forms was the fastest. */
  readonly variant?: string;
  readonly gradient: Float32Array;
  readonly flops?: number;
}

/** How ufom's own party runs, where it is not one thread of WebAssembly. */
export interface UfomOptions {
  readonly workers?: number;
  readonly native?: boolean;
}

/** A process that answers one JSON line for each JSON line, on one core (`cpu`) or on all. */
export class Party {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #failure: Error | undefined;

  constructor(
    readonly name: PartyName,
    python: string,
    cpu: number | undefined,
    options: UfomOptions = {},
  ) {
    const pinned = hasTaskset && cpu !== undefined ? ["taskset", "-c", String(cpu)] : [],
      [command, ...args] = [...pinned, ...commands[name](python)],
      threads = cpu === undefined ? cpus().length : 1;
    this.#child = spawn(command, args, {
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        ...process.env,
        ...(cpu === undefined ? {} : { UFOM_BENCH_CPU: String(cpu) }),
        OMP_NUM_THREADS: String(threads),
        MKL_NUM_THREADS: String(threads),
        // ufom's party is a bundle in a temporary folder, from where koffi would not be found.
        NODE_PATH: here("../node_modules"),
        UFOM_BENCH_OPTIONS: JSON.stringify(options),
      },
    });
    this.#child.on("error", error => {
      this.#failure = error;
    });
    this.#reader = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async #ask<T>(request: object): Promise<T> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`ufom: the bench's party ${this.name} must answer; it ended.`, { cause: this.#failure });
    return JSON.parse(value) as T;
  }

  info = () => this.#ask<{ name: string; threads: number }>({ op: "info" });
  /** Makes a case ready; the gradient comes in a file, as it may have ten million numbers. */
  async prepare(c: Case): Promise<Prepared> {
    const out = join(tmpdir(), `ufom-bench-${process.pid}-${this.#child.pid}.f32`);
    const { gradient: _, ...answer } = await this.#ask<Prepared>({ op: "prepare", case: c, out });
    const bytes = readFileSync(out);
    rmSync(out);
    return { ...answer, gradient: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4) };
  }
  time = async (c: Case, seconds: number) => (await this.#ask<{ samples: number[] }>({ op: "time", case: c, seconds })).samples;
  /** kB of resident memory before a gradient and at the highest in it. */
  once = (c: Case, form?: string) => this.#ask<{ base: number; peak: number }>({ op: "once", case: c, form });
  /** Ends the process and waits for it: what it does at the end would slow the next one's first result down. */
  async end(): Promise<void> {
    const ended = this.#child.exitCode === null ? new Promise(resolve => this.#child.once("exit", resolve)) : undefined;
    this.#child.stdin?.end();
    this.#reader.close();
    await ended;
  }
}
