/** Arrays of a part of an estimator, under the part's name: `baseline.key`. */
export const prefixed = <T>(part: string, arrays: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${part}.${name}`, array]));

/** The arrays of a part, under their own names again. */
export const partOf = <T>(part: string, arrays: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(arrays).flatMap(([name, array]) => (name.startsWith(`${part}.`) ? [[name.slice(part.length + 1), array]] : [])),
  );
