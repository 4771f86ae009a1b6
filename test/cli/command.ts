import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { installed } from "./installed.js";
import { Served } from "./served.js";

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Library and command as they are installed (dist/, templates/, package.json), made from the sources as they are now. */
export class InstalledCommand {
  readonly #served = new Map<string, Served>();

  private constructor(
    readonly folder: string,
    readonly scratch: string,
  ) {}

  static async make(): Promise<InstalledCommand> {
    return new InstalledCommand(await installed(), await mkdtemp(path.join(tmpdir(), "ufom-cli-")));
  }

  /** Removes the projects; what is installed is there for all test files, which must not change it. */
  async remove(): Promise<void> {
    for (const served of this.#served.values()) await served.end();
    await rm(this.scratch, { recursive: true, force: true });
  }

  get main(): string {
    return path.join(this.folder, "node_modules/ufom-cli/dist/main.js");
  }

  /** A new empty folder outside of the checkout, with these files. */
  async project(files: Readonly<Record<string, string>> = {}): Promise<string> {
    const folder = await mkdtemp(path.join(this.scratch, "p-"));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
    return folder;
  }

  /** Starts a command. @param watch is told all of standard error so far, and the process */
  start(
    cwd: string,
    args: readonly string[],
    watch?: (stderr: string, child: ChildProcess) => void,
    env: NodeJS.ProcessEnv = {},
  ): Promise<Ended> {
    const child = spawn(process.execPath, [this.main, ...args], { cwd, env: { ...process.env, NODE_OPTIONS: "", ...env } });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      watch?.(stderr, child);
    });
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", code => resolve({ code, stdout, stderr }));
    });
  }

  run(cwd: string, ...args: string[]): Promise<Ended> {
    return this.start(cwd, args);
  }

  /** The same within one process that serves all such calls, which saves its start: for what neither is sent a signal nor runs beside another. */
  call(cwd: string, ...args: string[]): Promise<Ended> {
    return this.callWith({}, cwd, args);
  }

  /** The same with variables of its own. What NODE_OPTIONS loads is loaded once for all calls with these. */
  callWith(env: NodeJS.ProcessEnv, cwd: string, args: readonly string[]): Promise<Ended> {
    const { NODE_OPTIONS: options = "" } = env,
      commandLine = path.join(this.folder, "node_modules/ufom-cli/dist/run-command-line.js"),
      served = this.#served.get(options) ?? new Served(commandLine, this.scratch, options);
    this.#served.set(options, served);
    return served.call(cwd, args, { ...process.env, ...env });
  }
}

/** A small problem as users write it; each part can be replaced. */
export const source = (parts: Readonly<Record<string, string>> = {}): string => {
  const { head = "", theta = "() => ({ center: full(0.5, 3) })", task, init, inner, outer, tail = "" } = parts;
  return `import { defineProblem, full, np, nn, zeros, f32 } from "ufom";
${head}
export default defineProblem({
  theta: ${theta},
  task: ${task ?? "random => ({ x: random.normal([3]) })"},
  init: ${init ?? "theta => ({ w: theta.center })"},
  inner: ${inner ?? "{ loss: (theta, { w }, { x }) => np.square(w.sub(x)).sum().add(np.exp(w).sum()), rate: 0.1, steps: 4 }"},
  outer: ${outer ?? "(theta, { w }, { x }) => np.square(w.mul(2).sub(x)).mean()"},
});
${tail}
`;
};
