/** A number and what it counts: `1 outer step`, `2,805 outer steps`. @param one of them, whose plural ends in s */
export const quantity = (n: number, one: string): string =>
  `${n.toLocaleString("en-US", { maximumFractionDigits: 0 })} ${one}${n === 1 ? "" : "s"}`;
