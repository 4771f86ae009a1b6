import { plusMinus, short } from "./format.js";

/** What half of a figure's 95 % interval is called, where a problem measures it: `accuracyInterval` beside `accuracy`. */
export const intervalOf = (name: string): string => `${name}Interval`;

/** Names of figures, without the halves of intervals that stand beside them. */
export function withoutHalves(names: readonly string[]): string[] {
  const halves = new Set(names.map(intervalOf));
  return names.filter(name => !halves.has(name));
}

/** Figures as they are shown, each with its interval where it has one: `["accuracy", "0.9663 ± 0.0067"]`. */
export const shownFigures = (metrics: Readonly<Record<string, number>>): [name: string, value: string][] =>
  withoutHalves(Object.keys(metrics)).map(name => {
    const half = metrics[intervalOf(name)] as number | undefined;
    return [name, half === undefined ? short(metrics[name]) : plusMinus(metrics[name], half)];
  });
