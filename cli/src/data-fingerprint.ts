import { createHash } from "node:crypto";
import type { HostArray, HostTree, Problem } from "ufom";

/** Tasks of the first outer step that are looked at; each is drawn for it once more. */
const most = 8;

const isArray = (tree: HostTree): tree is HostArray => "dtype" in tree && "data" in tree && ArrayBuffer.isView(tree.data);

/** The arrays of a tree with their paths, by name, whatever the order of keys. */
function* arraysOf(tree: HostTree, path: string): Generator<readonly [path: string, array: HostArray]> {
  if (isArray(tree)) yield [path, tree];
  else for (const key of Object.keys(tree).sort()) yield* arraysOf((tree as Record<string, HostTree>)[key], `${path}.${key}`);
}

/** A hash of what a problem's numbers begin from: θ₀ and the tasks of the first outer step, every bit of them. */
export async function dataFingerprint(problem: Problem, seed: number, metaBatch: number): Promise<string> {
  const hash = createHash("sha256");
  const add = (tree: HostTree, name: string) => {
    for (const [path, { shape, dtype, data }] of arraysOf(tree, name)) {
      hash.update(`${path}:${dtype}[${shape.join(",")}]\n`);
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  };
  add(problem.theta(seed), "theta");
  for (let i = 0; i < Math.min(metaBatch, most); i++) add(await problem.task(seed, 1, i), `task${i}`);
  return hash.digest("hex");
}
