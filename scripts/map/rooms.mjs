// A house of rooms: modules taken together, and the arrows between them.

/**
 * `types` says that the arrow is there for types alone.
 * @typedef {{ from: string, to: string, types: boolean }} Arrow
 * @typedef {{ rooms: Map<string, number>, arrows: Arrow[], circles: string[][] }} House `rooms` with the number of their modules
 */

/**
 * The rooms of some modules.
 * @param {{ modules: readonly string[], imports: readonly import("./imports.mjs").Import[] }} code
 * @param {(module: string) => string | undefined} roomOf the room of a module; none for what is outside of the house
 * @returns {House}
 */
export function house({ modules, imports }, roomOf) {
  /** @type {Map<string, number>} */
  const rooms = new Map();
  for (const module of modules) {
    const room = roomOf(module);
    if (room !== undefined) rooms.set(room, (rooms.get(room) ?? 0) + 1);
  }
  /** @type {Map<string, Arrow>} */
  const arrows = new Map();
  for (const { from: importer, to: imported, types } of imports) {
    const [from, to] = [roomOf(importer), roomOf(imported)];
    if (from === undefined || to === undefined || from === to) continue;
    const key = `${from} ${to}`;
    arrows.set(key, { from, to, types: types && (arrows.get(key)?.types ?? true) });
  }
  const sorted = [...arrows.values()].sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
  return { rooms: new Map([...rooms].sort(([a], [b]) => compare(a, b))), arrows: sorted, circles: circlesOf([...rooms.keys()], sorted) };
}

/** By code units: the same on every machine. */
const compare = (/** @type {string} */ a, /** @type {string} */ b) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Sets of rooms each of which leads to each other: circles. One room alone is none.
 * @param {readonly string[]} rooms
 * @param {readonly Arrow[]} arrows
 */
function circlesOf(rooms, arrows) {
  /** @param {string} start */
  const reach = start => {
    const seen = new Set([start]);
    for (const room of seen) for (const { from, to } of arrows) if (from === room) seen.add(to);
    return seen;
  };
  const reached = new Map(rooms.map(room => [room, reach(room)]));
  /** @type {string[][]} */
  const circles = [];
  for (const room of [...rooms].sort(compare)) {
    if (circles.some(circle => circle.includes(room))) continue;
    const circle = rooms.filter(other => reached.get(room)?.has(other) && reached.get(other)?.has(room)).sort(compare);
    if (circle.length > 1) circles.push(circle);
  }
  return circles;
}
