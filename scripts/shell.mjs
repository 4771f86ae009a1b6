import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The repository's root: every command runs there. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** What is captured is plain text, whatever the terminal can show. */
const { FORCE_COLOR: _, ...inherited } = process.env;
const plain = { ...inherited, NO_COLOR: "1" };

const windows = process.platform === "win32";

/**
 * @typedef {object} Options
 * @property {boolean} [show] whether the output goes straight to the terminal instead of into the result
 * @property {number} [minutes] after which the command is stopped; unless given, it has all the time that it takes
 * @property {(stop: (why: string) => void) => () => void} [watch] begins to watch, may stop the command, and answers how to end watching
 * @property {string} [cwd]
 * @property {Readonly<Record<string, string>>} [environment] variables beside those of this process
 */

/**
 * Runs a command to its end. A non-zero exit code is a result, not an exception.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Options} [options]
 * @returns {Promise<{ code: number, output: string }>} the exit code, and what the command wrote (both streams)
 */
export function run(command, args, { show = false, minutes, watch, cwd = root, environment = {} } = {}) {
  return new Promise(resolve => {
    // npm and npx are command scripts on Windows, which only a shell can start.
    const shell = windows && /^(npm|npx)$/.test(command);
    const child = spawn(command, args, {
      cwd,
      shell,
      env: { ...(show ? process.env : plain), ...environment },
      stdio: show ? "inherit" : ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", chunk => (output += chunk));
    child.stderr?.setEncoding("utf8").on("data", chunk => (output += chunk));
    // Ctrl-C reaches the child too; what a shown command makes of it (saving, for one) is waited for.
    const leaveToChild = () => {};
    if (show) process.on("SIGINT", leaveToChild);
    const stop = (/** @type {string} */ why) => {
      output += `\n${command} ${why} and was stopped.\n`;
      child.kill("SIGKILL");
    };
    const timer = minutes === undefined ? undefined : setTimeout(() => stop(`took longer than ${minutes} minutes`), minutes * 60_000);
    const endWatch = watch?.(stop);
    const end = (/** @type {number} */ code) => {
      clearTimeout(timer);
      endWatch?.();
      process.off("SIGINT", leaveToChild);
      resolve({ code, output });
    };
    child.once("error", error => {
      output += `${command} cannot be started: ${error.message}\n`;
      end(127);
    });
    child.once("close", code => end(code ?? 1));
  });
}

/**
 * Runs a JavaScript program that a package in node_modules provides, without npx in between.
 * @param {string} script path below node_modules
 * @param {readonly string[]} args
 * @param {Options} [options]
 */
export const runTool = (script, args, options) => run(process.execPath, [`node_modules/${script}`, ...args], options);
