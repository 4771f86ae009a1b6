import type { Value } from "../value.js";
import { literal } from "../np/create.js";
import { equal, less, where } from "../np/logic.js";
import { binary, plus } from "./elementwise.js";

export const add = binary(
  "add",
  (a, b) => a + b,
  (_, g) => [g, g],
  (_, s, t) => plus(s, t),
);

export const subtract = binary(
  "subtract",
  (a, b) => a - b,
  (_, g) => [g, g.neg()],
  (_, s, t) => (s && t ? s.sub(t) : (s ?? t?.neg() ?? null)),
);

export const multiply = binary(
  "multiply",
  (a, b) => a * b,
  (_, g, a, b) => [g.mul(b), g.mul(a)],
  (_, s, t, a, b) => plus(s && s.mul(b), t && a.mul(t)),
);

/** d(a/b) = (da − y db) / b with y = a/b: one division each way. */
export const divide = binary(
  "divide",
  (a, b) => a / b,
  (y, g, _, b) => {
    const share = g.div(b);
    return [share, share.mul(y).neg()];
  },
  (y, s, t, _, b) => plus(s, t && y.mul(t).neg())?.div(b) ?? null,
);

/** The share of a derivative that goes to `a` when it wins against `b` by `wins`: ties share, as in PyTorch. */
const share = (wins: Value, a: Value, b: Value) => where(wins, literal(1, a), where(equal(a, b), literal(0.5, a), literal(0, a)));

const extremum = (op: "maximum" | "minimum", value: (a: number, b: number) => number) => {
  const wins = (a: Value, b: Value) => (op === "maximum" ? less(b, a) : less(a, b));
  return binary(
    op,
    value,
    (_, g, a, b) => [g.mul(share(wins(a, b), a, b)), g.mul(share(wins(b, a), a, b))],
    (_, s, t, a, b) => plus(s && s.mul(share(wins(a, b), a, b)), t && t.mul(share(wins(b, a), a, b))),
  );
};
export const maximum = extremum("maximum", Math.max) as ReturnType<typeof binary<"maximum">>;
export const minimum = extremum("minimum", Math.min) as ReturnType<typeof binary<"minimum">>;
