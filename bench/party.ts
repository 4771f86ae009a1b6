import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type { Case } from "./cases.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Who takes part in the bench. */
export type PartyName = "ufom" | "jax" | "torch";

let bundle: string | undefined;

/** Our peer as plain JavaScript, as the package has it: what loads TypeScript in development slows closures down. */
function ufomPeer(): string {
  if (!bundle) {
    bundle = join(tmpdir(), `ufom-peer-${process.pid}.mjs`);
    buildSync({
      entryPoints: [here("peers/ufom_peer.ts")],
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: bundle,
      logLevel: "error",
    });
    process.on("exit", () => {
      rmSync(bundle as string, { force: true });
    });
  }
  return bundle;
}

const hasTaskset = spawnSync("taskset", ["--version"], { stdio: "ignore" }).status === 0;

const commands: Record<PartyName, (python: string) => readonly string[]> = {
  ufom: () => [process.execPath, ufomPeer()],
  jax: python => [python, here("peers/jax_peer.py")],
  torch: python => [python, here("peers/torch_peer.py")],
};

export interface Prepared {
  /** Seconds from the problem's source to the first result. */
  readonly first: number;
  readonly gradient: readonly number[];
  readonly flops?: number;
}

/** A process that answers one JSON line for each JSON line. */
export class Party {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #failure: Error | undefined;

  constructor(
    readonly name: PartyName,
    python: string,
    cpu: number,
  ) {
    const pinned = hasTaskset ? ["taskset", "-c", String(cpu)] : [],
      [command, ...args] = [...pinned, ...commands[name](python)];
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, UFOM_BENCH_CPU: String(cpu) } });
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
  prepare = (c: Case) => this.#ask<Prepared>({ op: "prepare", case: c });
  time = async (c: Case, seconds: number) => (await this.#ask<{ samples: number[] }>({ op: "time", case: c, seconds })).samples;
  /** Ends the process and waits for it: what it does at the end would slow the next one's first result down. */
  async end(): Promise<void> {
    const ended = this.#child.exitCode === null ? new Promise(resolve => this.#child.once("exit", resolve)) : undefined;
    this.#child.stdin?.end();
    this.#reader.close();
    await ended;
  }
}
