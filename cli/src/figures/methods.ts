/** A method as figures draw it: each has one colour in all of them. */
export interface Method {
  readonly name: string;
  /** The probability of the exact gradient. */
  readonly q: number;
  /** Whose colour it has. */
  readonly place: number;
}

export const ufom = (q: number, name = `UFOM, q = ${q}`): Method => ({ name, q, place: 0 });
export const firstOrder: Method = { name: "first-order", q: 0, place: 1 };
export const exact: Method = { name: "exact", q: 1, place: 2 };
