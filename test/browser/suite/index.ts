import { createWasmExecutor } from "../../../src/index.js";
import { optimize } from "../../../src/program/passes/index.js";
import type { Program } from "../../../src/program/program.js";
import { deserializeProgram } from "../../../src/program/serialize.js";
import { sha256 } from "../../../src/program/sha256.js";
import type { HostArray } from "../../../src/tensor/types.js";
import type { Case } from "./case.js";
import { precisions } from "./case.js";
import { elementCases } from "./elements.js";
import { loopCases } from "./loops.js";
import { matrixCases } from "./matrices.js";
import { networkCases } from "./networks.js";
import { tame, wild } from "./numbers.js";
import { orderCases } from "./order.js";
import { productCases } from "./products.js";
import { randomCases } from "./random.js";
import { solveCase } from "./solve.js";

/** SHA-256 of all bits that each program gave, by name, and of the runs of `solve`. */
export type Digests = Readonly<Record<string, string>>;

const randomCase = (text: string, i: number): Case => {
  const program = deserializeProgram(text),
    precision = program.nodes.some(node => node.dtype === "float32") ? "float32" : "float64";
  return {
    name: `random program ${i + 1}, ${precision}`,
    program,
    runs: [tame, wild].map(numbers => program.inputs.map((type, k) => numbers(type, i, k))),
  };
};

/** All programs. @param texts of random programs, serialized: what is random is drawn once and kept */
export const cases = (texts: readonly string[]): readonly Case[] => [
  ...elementCases(),
  ...productCases(),
  ...matrixCases(),
  ...networkCases(),
  ...randomCases(),
  ...orderCases(),
  ...loopCases(),
  ...texts.map(randomCase),
];

type SyncExecutor = ReturnType<typeof createWasmExecutor>;

function run(executor: SyncExecutor, program: Program, inputs: readonly HostArray[]): readonly HostArray[] {
  const executable = executor.compile(program),
    given = inputs.map(x => executor.upload(x)),
    results = executable.run(given),
    read = results.map(b => executor.read(b));
  for (const buffer of [...given, ...results]) executor.free(buffer);
  executable.dispose();
  return read;
}

/** One digest of arrays' types and bits. */
function digestOf(arrays: readonly HostArray[]): string {
  const parts = arrays.flatMap(({ shape, dtype, data }) => [
    new TextEncoder().encode(`${dtype}[${shape.join()}]`),
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  ]);
  const all = new Uint8Array(parts.reduce((n, { length }) => n + length, 0));
  parts.reduce((at, part) => {
    all.set(part, at);
    return at + part.length;
  }, 0);
  return sha256(all);
}

/** The results of a program on all its numbers, as it is and after the passes. */
const resultsOf = (executor: SyncExecutor, { program, runs }: Case): readonly HostArray[] =>
  [program, optimize(program)].flatMap(p => runs.flatMap(inputs => run(executor, p, inputs)));

/**
 * Runs everything on a new wasm executor.
 * @param report is told each digest as it is known
 */
export async function runSuite(
  texts: readonly string[],
  report?: (name: string, digest: string) => void | Promise<void>,
): Promise<Digests> {
  const executor = createWasmExecutor(),
    digests: Record<string, string> = {};
  const note = async (name: string, arrays: readonly HostArray[]): Promise<void> => {
    digests[name] = digestOf(arrays);
    await report?.(name, digests[name]);
  };
  for (const one of cases(texts)) await note(one.name, resultsOf(executor, one));
  // In float64, where no rounding hides the last bits of what is computed outside of programs, too.
  for (const dtype of precisions) await note(`100 steps of solve, ${dtype}`, await solveCase(executor, dtype));
  executor.dispose();
  return digests;
}

/** One digest of all. */
export const digestOfAll = (digests: Digests): string => sha256(new TextEncoder().encode(Object.values(digests).join("\n")));

/** The first name whose digests differ, or that only one has; undefined if none does. */
export const firstDifference = (expected: Digests, actual: Digests): string | undefined =>
  [...Object.keys(expected), ...Object.keys(actual)].find(name => expected[name] !== actual[name]);
