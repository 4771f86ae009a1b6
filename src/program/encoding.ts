/** Text of a number from which it comes back exactly: `-0`, `NaN` and `Infinity` included. */
export const numberText = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));
