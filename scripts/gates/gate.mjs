import { runTool } from "../shell.mjs";

/**
 * What a gate found. `output` is shown when it failed; `note` stands beside its name when it passed.
 * Gates count as one check each; the tests' gate says how many it ran.
 * @typedef {{ ok: boolean, output: string, note?: string, tests?: { passed: number, failed: number } }} Verdict
 */

/**
 * One quality gate.
 * @typedef {{ name: string, judge: () => Promise<Verdict> }} Gate
 */

/**
 * What is done before the next begins: one gate, or several lists of gates at the same time, each of which goes through its own in turn.
 * @typedef {Gate | readonly (readonly Gate[])[]} Step
 */

/**
 * A gate that is a tool's exit code.
 * @param {string} name
 * @param {string} script the tool's program below node_modules
 * @param {readonly string[]} args
 * @returns {Gate}
 */
export const toolGate = (name, script, args) => ({
  name,
  judge: async () => {
    const { code, output } = await runTool(script, args);
    return { ok: code === 0, output };
  },
});
