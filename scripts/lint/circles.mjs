// A lint rule: no module of src/ or of cli/src/ imports itself by way of others, types included.
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { root } from "../shell.mjs";

/**
 * Circles that may stay: every module of the circle lies in one of the places. Folders end with a slash.
 * @type {readonly { places: readonly string[], reason: string }[]}
 */
export const allowed = [
  {
    places: ["tensor/value.ts", "tensor/operation.ts", "tensor/constants.ts", "tensor/np/", "tensor/ops/"],
    reason: "x.add(y) is np.add(x, y), whose operation has rules that are written with values again: one language, in files by subject",
  },
];

/** @typedef {ReadonlyMap<string, readonly string[]>} Graph modules, and what each of them imports */

/**
 * The modules of a folder and what they import from each other, in whatever form.
 * @param {string} folder absolute path
 * @returns {Graph}
 */
export function importsIn(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map(file => file.split(sep).join("/"));
  const modules = new Set(files.filter(file => file.endsWith(".ts")));
  return new Map(
    [...modules].sort().map(module => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(folder, module), "utf8"));
      const near = importedFiles.map(({ fileName }) => fileName).filter(name => name.startsWith("."));
      const targets = near.map(name => posix.join(posix.dirname(module), name).replace(/\.js$/, ".ts"));
      return [module, [...new Set(targets.filter(target => modules.has(target)))]];
    }),
  );
}

/**
 * All modules that a module leads to.
 * @param {Graph} graph
 * @param {string} from
 */
function reachableFrom(graph, from) {
  const seen = new Set(graph.get(from));
  for (const module of seen) for (const next of graph.get(module) ?? []) seen.add(next);
  return seen;
}

/**
 * The circles of a graph: sets of modules each of which leads to all others.
 * @param {Graph} graph
 * @returns {string[][]}
 */
export function circlesOf(graph) {
  const reach = new Map([...graph.keys()].map(module => [module, reachableFrom(graph, module)]));
  /** @type {string[][]} */
  const circles = [];
  const done = new Set();
  for (const module of graph.keys()) {
    if (done.has(module) || !reach.get(module)?.has(module)) continue;
    const circle = [...graph.keys()].filter(other => reach.get(module)?.has(other) && reach.get(other)?.has(module));
    for (const member of circle) done.add(member);
    circles.push(circle);
  }
  return circles;
}

/**
 * One way around a circle, from its first module back to it.
 * @param {Graph} graph
 * @param {readonly string[]} circle
 */
export function wayAround(graph, circle) {
  const [first] = circle;
  /** @type {Map<string, string>} */
  const before = new Map();
  const pending = [first];
  for (const module of pending) {
    for (const next of graph.get(module) ?? []) {
      if (!circle.includes(next) || before.has(next)) continue;
      before.set(next, module);
      pending.push(next);
    }
  }
  const way = [first];
  for (let at = before.get(first); at !== undefined && at !== first; at = before.get(at)) way.unshift(at);
  return [first, ...way];
}

/** @param {readonly string[]} circle */
const mayStay = circle =>
  allowed.some(({ places }) =>
    circle.every(module => places.some(place => (place.endsWith("/") ? module.startsWith(place) : module === place))),
  );

const sources = ["src", "cli/src"].map(folder => resolve(root, folder));
/** @type {Map<string, string> | undefined} sentences, by the module where they are reported */
let complaints;

/** What is wrong, by the path of the first module of each circle: all sources are read once. */
export function circleComplaints() {
  complaints ??= new Map(
    sources.flatMap(source => {
      const graph = importsIn(source);
      return circlesOf(graph)
        .filter(circle => !mayStay(circle))
        .map(circle => [
          join(source, circle[0]),
          `${circle.length} modules import each other in a circle: ${wayAround(graph, circle).join(" → ")}.`,
        ]);
    }),
  );
  return complaints;
}

/** @type {import("eslint").Rule.RuleModule} */
export const circlesRule = {
  meta: { type: "problem", schema: [], docs: { description: "modules do not import each other in circles" } },
  create: context => ({
    Program(node) {
      const message = circleComplaints().get(resolve(context.filename));
      if (message) context.report({ node, message });
    },
  }),
};

// node scripts/lint/circles.mjs lists all circles, those that may stay as well.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const graph of sources.map(importsIn))
    for (const circle of circlesOf(graph))
      console.log(`${mayStay(circle) ? "may stay" : "FORBIDDEN"}, ${circle.length} modules: ${wayAround(graph, circle).join(" → ")}`);
}
