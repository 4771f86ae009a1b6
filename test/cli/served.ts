import { fork, type ChildProcess } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Ended } from "./command.js";

/**
 * One process for many commands: it calls the installed command's `runCommandLine` as main.ts does, in the folder and with the variables of each
 * call, and answers what was written and with which code a process would have ended. Whatever a command leaves behind is removed after it.
 */
const server = (commandLine: string): string => `
import { runCommandLine } from ${JSON.stringify(pathToFileURL(commandLine).href)};
const streams = ["stdout", "stderr"];
const collect = (stream, chunks) => {
  stream.write = (chunk, encoding, done) => {
    chunks.push(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
    const then = typeof encoding === "function" ? encoding : done;
    if (then) process.nextTick(then);
    return true;
  };
};
process.on("message", async ({ cwd, args, env }) => {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.exitCode = undefined;
  const written = { stdout: [], stderr: [] };
  for (const name of streams) collect(process[name], written[name]);
  const code = await runCommandLine(args);
  for (const name of streams) process[name].removeAllListeners("error");
  process.send({ code: process.exitCode ?? code, stdout: written.stdout.join(""), stderr: written.stderr.join("") });
});
process.send("ready");
`;

/** The modules of a folder, which a process loads once. */
const modulesOf = (folder: string): [string, string][] =>
  readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
    .map(({ name }) => [path.join(folder, name), readFileSync(path.join(folder, name), "utf8")]);

/** The next thing that the process says. */
const answer = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    const end = (code: number | null, signal: string | null) => reject(new Error(`the process of the commands ended: ${code ?? signal}`));
    child.once("exit", end);
    child.once("message", message => {
      child.off("exit", end);
      resolve(message as T);
    });
  });

/** Commands that are called one after another in one process, which has loaded what they need once. */
export class Served {
  #child: Promise<ChildProcess> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #modules = new Map<string, string>();

  constructor(
    private readonly commandLine: string,
    private readonly scratch: string,
    private readonly options: string,
  ) {}

  async #start(): Promise<ChildProcess> {
    // Where no module is a user's, whose lines would be told.
    const file = path.join(this.scratch, "served/node_modules/served.mjs");
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, server(this.commandLine));
    const child = fork(file, {
      cwd: this.scratch,
      env: { ...process.env, NODE_OPTIONS: this.options },
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    await answer(child);
    return child;
  }

  async #call(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
    // A module that has been loaded and is another now needs another process.
    const now = modulesOf(cwd);
    if (now.some(([file, text]) => (this.#modules.get(file) ?? text) !== text)) await this.end();
    for (const [file, text] of now) this.#modules.set(file, text);
    const child = await (this.#child ??= this.#start());
    child.send({ cwd, args, env });
    return await answer<Ended>(child);
  }

  /** How a command ends with these variables, and no others; those that were called before have ended by then. */
  call(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
    const ended = this.#last.then(() => this.#call(cwd, args, env));
    this.#last = ended.catch(() => undefined);
    return ended;
  }

  /** Ends the process, if there is one. */
  async end(): Promise<void> {
    const child = await this.#child;
    this.#child = undefined;
    this.#modules.clear();
    if (child === undefined) return;
    const gone = new Promise(resolve => child.once("exit", resolve));
    child.disconnect();
    await gone;
  }
}
