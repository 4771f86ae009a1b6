// A lint rule: which folder of src/ may import which. The table is the architecture; a rule nobody checks is a wish.
import { dirname, relative, resolve, sep } from "node:path";
import { root } from "../shell.mjs";

/**
 * The folders of src/, and for each what it may import: folders or single modules of src/ (itself always), more of them
 * in `import type`, and packages or node: modules. The longest name that fits a file decides. What is not named here is
 * the outside (the command with its reports and data sets), which may import everything.
 * @type {Record<string, { modules: readonly string[], types?: readonly string[], packages?: readonly string[] }>}
 */
export const layers = {
  tensor: { modules: ["program"] },
  program: { modules: ["tensor"] },
  compiler: { modules: ["tensor", "program"] },
  executors: { modules: ["tensor", "program", "compiler"] },
  core: { modules: ["tensor", "program", "executors/executor.ts", "files/json-state.ts"], types: ["files/packed.ts"] },
  files: { modules: ["tensor", "core/trees", "core/solve/checkpoint.ts"], types: ["core"] },
  team: { modules: ["core", "tensor", "program", "executors"] },
  "cli/problems": {
    modules: ["tensor", "cli/datasets", "index.ts", "core/problem", "core/random"],
    types: ["core", "executors/executor.ts"],
  },
};

/** The command's modules are named cli/… @param {string} file absolute path */
const inSource = file => {
  const command = relative(resolve(root, "cli/src"), file).split(sep).join("/");
  return command.startsWith("..") ? relative(resolve(root, "src"), file).split(sep).join("/") : `cli/${command}`;
};

/**
 * The module of the library that a package's name stands for: the command imports the library as others do.
 * @param {string} specifier
 */
const ofLibrary = specifier =>
  specifier === "ufom" ? "index.ts" : specifier.startsWith("ufom/internal/") ? `${specifier.slice("ufom/internal/".length)}.ts` : undefined;

/**
 * Whether a file lies in a folder of src/, or is the named module.
 * @param {string} file relative to src/
 * @param {string} place
 */
const within = (file, place) => file === place || file.startsWith(`${place}/`);

/**
 * Why a module may not import another, or undefined if it may.
 * @param {string} importer absolute path
 * @param {string} specifier as written
 * @param {boolean} typeOnly whether it is an `import type`
 */
export function forbidden(importer, specifier, typeOnly = false) {
  const from = inSource(importer);
  const layer = Object.keys(layers)
    .filter(name => within(from, name))
    .sort((a, b) => b.length - a.length)[0];
  if (from.startsWith("..") || layer === undefined) return undefined;
  const { modules, types = [], packages = [] } = layers[layer];
  const may = [layer, ...modules, ...(typeOnly ? types : [])];
  const library = from.startsWith("cli/") ? ofLibrary(specifier) : undefined;
  if (library === undefined && !specifier.startsWith(".")) {
    const allowed = packages.some(name => specifier === name || specifier.startsWith(`${name}/`));
    return allowed
      ? undefined
      : `src/${layer} must not import ${specifier}: it may import no package but ${packages.join(", ") || "none"}.`;
  }
  const to = library ?? inSource(resolve(dirname(importer), specifier)).replace(/\.js$/, ".ts");
  if (may.some(place => within(to, place))) return undefined;
  return `src/${layer} must not import src/${to}: it may import ${may.join(", ")}.`;
}

/** @type {import("eslint").Rule.RuleModule} */
export const layersRule = {
  meta: { type: "problem", schema: [], docs: { description: "folders of src/ import only what the architecture lets them" } },
  create(context) {
    const check = (/** @type {any} */ node) => {
      const specifier = node.source?.value;
      const message =
        typeof specifier === "string"
          ? forbidden(context.filename, specifier, node.importKind === "type" || node.exportKind === "type")
          : undefined;
      if (message) context.report({ node: node.source, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};
