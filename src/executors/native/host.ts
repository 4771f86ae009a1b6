import { fail } from "../../tensor/error.js";

/** What is used of node:os, node:fs, node:path, node:module and node:crypto. */
interface Modules {
  readonly os: {
    availableParallelism(): number;
    cpus(): readonly { readonly model: string }[];
    homedir(): string;
  };
  readonly fs: {
    readFileSync(path: string, encoding: "utf8"): string;
    writeFileSync(path: string, text: string): void;
    renameSync(from: string, to: string): void;
    mkdirSync(path: string, options: { recursive: true }): unknown;
  };
  readonly path: { join(...parts: string[]): string; dirname(path: string): string };
  readonly module: { createRequire(url: string): ((name: string) => unknown) & { resolve(name: string): string } };
}

interface NodeProcess {
  readonly platform: string;
  readonly arch: string;
  readonly pid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly versions?: { readonly node?: string };
  getBuiltinModule?(name: string): unknown;
}

/** Node, or undefined in a page. */
export function nodeProcess(): NodeProcess | undefined {
  const { process } = globalThis as { readonly process?: NodeProcess };
  return process?.versions?.node === undefined || process.getBuiltinModule === undefined ? undefined : process;
}

/** A module of Node's own, asked for where it is used, so that pages load none. @throws where this is no Node */
export function builtin<N extends keyof Modules>(name: N): Modules[N] {
  const process = nodeProcess() ?? fail("native", "needs Node 20.19 or newer, since a page has no libraries", "a place that is none");
  return process.getBuiltinModule!(`node:${name}`) as Modules[N];
}
