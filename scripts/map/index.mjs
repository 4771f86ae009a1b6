// `npm run map`: docs/map.md, drawn from the imports of src/.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../shell.mjs";
import { readFolder } from "./imports.mjs";
import { house } from "./rooms.mjs";

export const page = join(root, "docs/map.md");

const count = (/** @type {number} */ n, /** @type {string} */ thing) => `${n} ${thing}${n === 1 ? "" : "s"}`;

/**
 * A house as a picture, its figures above it and its circles below.
 * @param {import("./rooms.mjs").House} house
 */
function draw({ rooms, arrows, circles }) {
  const names = [...rooms.keys()],
    id = (/** @type {string} */ room) => `r${names.indexOf(room)}`,
    types = arrows.filter(arrow => arrow.types).length;
  return [
    `${count(names.length, "room")}, ${count(arrows.length, "arrow")} (${types} of them for types alone), ${count(circles.length, "circle")}.`,
    "",
    "```mermaid",
    "flowchart TD",
    ...names.map(room => `  ${id(room)}["${room}<br>${count(rooms.get(room) ?? 0, "module")}"]`),
    ...arrows.map(arrow => `  ${id(arrow.from)} ${arrow.types ? "-.->" : "-->"} ${id(arrow.to)}`),
    "```",
    "",
    "| room | imports from | types alone from |",
    "| --- | --- | --- |",
    ...names.map(room => {
      const to = (/** @type {boolean} */ alone) =>
        arrows
          .filter(arrow => arrow.from === room && arrow.types === alone)
          .map(arrow => arrow.to)
          .join(", ") || "–";
      return `| ${room} | ${to(false)} | ${to(true)} |`;
    }),
    ...circles.flatMap(circle => ["", `A circle: ${circle.join(", ")}.`]),
  ];
}

/** The first folder of a path, or the module that lies in none. */
const first = (/** @type {string} */ module) => module.split("/")[0];

/** The page as the code is now. */
export function map() {
  const code = readFolder(join(root, "src")),
    whole = house(code, first),
    core = house(code, module => (module.startsWith("core/") ? first(module.slice("core/".length)) : undefined));
  return [
    "# A map of the rooms",
    "",
    "`npm run map` draws this page from the imports of `src/`, and a test holds it to them. An arrow goes from a room to one that it imports",
    "from; a dotted one is there for types alone. A circle is a set of rooms that all lead to each other. What the rooms are for, and which",
    "arrows are allowed, is in [architecture](architecture.md).",
    "",
    "## `src/`",
    "",
    ...draw(whole),
    "",
    "## `src/core/`",
    "",
    ...draw(core),
    "",
  ].join("\n");
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(page, map());
