/** What half of a figure's 95 % interval is called, where a problem measures it: `accuracyInterval` beside `accuracy`. */
export const intervalOf = (name: string): string => `${name}Interval`;

/** Names of figures, without the halves of intervals that stand beside them. */
export function withoutHalves(names: readonly string[]): string[] {
  const halves = new Set(names.map(intervalOf));
  return names.filter(name => !halves.has(name));
}
