import type { Chart, Level, Series } from "../problems/figure.js";
import type { Groups } from "../tuning/groups.js";
import type { MethodResult } from "../tuning/tune.js";

/** What charts of a tuning need: as it is in memory, and as `result.json` has it. */
export interface Drawn {
  readonly methods: readonly Pick<MethodResult, "name" | "curve" | "numbers">[];
  readonly groups: Pick<Groups, "names">;
}

/** A curve is drawn whole from this part of the work on. */
const early = 0.02;

/** The lowest loss that each method had found, against its work. */
export function curves({ methods }: Drawn): Chart[] {
  const drawn = methods.filter(({ curve }) => curve.length > 0);
  if (drawn.length === 0) return [];
  // What a search began with may be far above all that comes later, which is what there is to see.
  const end = Math.max(...drawn.map(({ curve }) => curve.at(-1)![0]));
  const soon = drawn.map(({ curve }) => (curve.find(([work]) => work >= end * early) ?? curve.at(-1)!)[1]);
  const [low, high] = [Math.min(...drawn.map(({ curve }) => curve.at(-1)![1])), Math.max(...soon)];
  return [
    {
      kind: "chart",
      title: "Lowest loss so far",
      caption: "On the folds that were searched on, so that whoever has more to choose looks better here than on other rows.",
      x: { label: "work, in inner steps on a fold" },
      y: { label: "loss", ...(high > low && Number.isFinite(high) ? { max: high + (high - low) / 10 } : {}) },
      series: drawn.map(({ name, curve }) => ({ name, points: curve })),
    },
  ];
}

/** Groups whose names are written beside their points. */
const mostNames = 12;

/** What a label takes of an axis's length. */
const labelHeight = 0.07;

/** A line for each search; those that lie too near to each other share a label, which the highest has. */
function levelsOf(methods: Drawn["methods"], nearest: number): Level[] {
  const levels: { label: string; readonly y: number }[] = [];
  const named: { label: string; readonly y: number }[] = [];
  for (const { name, numbers } of methods.toSorted((a, b) => b.numbers.penalties[0] - a.numbers.penalties[0])) {
    const level: { label: string; readonly y: number } = { label: name, y: numbers.penalties[0] };
    const above = named.at(-1);
    if (above !== undefined && Math.log10(above.y / level.y) < nearest) {
      above.label += `, ${name}`;
      level.label = "";
    } else named.push(level);
    levels.push(level);
  }
  return levels;
}

/**
 * Penalties by hypergradients, each group beside the one that a search found for all.
 * @param parts which groups are drawn in a colour of their own, by a name for each
 */
export function penalties({ methods, groups }: Drawn, parts: Readonly<Record<string, (group: string) => boolean>> = {}): Chart[] {
  const learned = methods.find(({ name }) => name === "hypergradient");
  if (learned === undefined || groups.names.length < 2) return [];
  const sorted = groups.names
    .map((name, i) => ({ name, penalty: learned.numbers.penalties[i] }))
    .sort((a, b) => a.penalty - b.penalty)
    .map((group, i) => ({ ...group, place: i + 1 }));
  const one = methods.filter(
    ({ name, numbers }) => name !== "hypergradient" && name !== "untuned" && numbers.penalties.every(y => y === numbers.penalties[0]),
  );
  // A search's penalty may lie orders of magnitude from all of the groups': the axis reaches both.
  const drawn = [...sorted.map(({ penalty }) => penalty), ...one.map(({ numbers }) => numbers.penalties[0])]
    .filter(y => y > 0)
    .map(Math.log10);
  const [low, high] = [Math.floor(Math.min(...drawn)), Math.ceil(Math.max(...drawn))];
  const of = (name: string, belongs: (group: string) => boolean): Series => ({
    ...{ name, style: "points" },
    points: sorted.filter(group => belongs(group.name)).map(({ place, penalty }) => [place, penalty] as const),
  });
  const series = Object.keys(parts).length === 0 ? [of("hypergradient", () => true)] : Object.entries(parts).map(part => of(...part));
  const named = sorted.length <= mostNames;
  return [
    {
      kind: "chart",
      title: "Penalties of groups",
      caption: "In ascending order; dashed, the one penalty that each search found for all. A group with a large λ is left out in effect.",
      x: { label: "groups", ...(named ? { min: 0, max: sorted.length + 1 } : {}) },
      y: { label: "λ", scale: "log", min: 10 ** low, max: 10 ** high },
      series,
      levels: levelsOf(one, (high - low) * labelHeight),
      ...(named
        ? {
            marks: sorted.map(({ name, place, penalty }) => ({
              ...{ kind: "name" as const, label: name, x: place, y: penalty },
              // Towards the middle, where there is room.
              side: 2 * place <= sorted.length ? ("right" as const) : ("left" as const),
            })),
          }
        : {}),
    },
  ];
}
