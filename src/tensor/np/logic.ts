import { apply } from "../operation.js";
import type { Operand, Value } from "../value.js";
import { broadcastShapes, convert, promote, spread } from "./promote.js";

const compare = (op: "less" | "lessEqual" | "equal", x: Operand, y: Operand) => apply(op, promote(op, [x, y], true), {});
const truth = (x: Value) => convert(x, "bool");
const logical = (op: "and" | "or", x: Value, y: Value) => apply(op, promote(op, [truth(x), truth(y)], true), {});

/** x < y. */
export function less(x: Operand, y: Operand): Value {
  return compare("less", x, y);
}
/** x ≤ y. */
export function lessEqual(x: Operand, y: Operand): Value {
  return compare("lessEqual", x, y);
}
/** x > y. */
export function greater(x: Operand, y: Operand): Value {
  return compare("less", y, x);
}
/** x ≥ y. */
export function greaterEqual(x: Operand, y: Operand): Value {
  return compare("lessEqual", y, x);
}
/** x = y. */
export function equal(x: Operand, y: Operand): Value {
  return compare("equal", x, y);
}
/** x ≠ y. */
export function notEqual(x: Operand, y: Operand): Value {
  return logicalNot(equal(x, y));
}
/** Both are true. */
export function logicalAnd(x: Value, y: Value): Value {
  return logical("and", x, y);
}
/** At least one is true. */
export function logicalOr(x: Value, y: Value): Value {
  return logical("or", x, y);
}
export function logicalNot(x: Value): Value {
  return apply("not", [truth(x)], {});
}

/** x where the condition holds, else y; broadcast. The branch not taken does not touch value or derivative. */
export function where(condition: Value, x: Operand, y: Operand): Value {
  const [a, b] = promote("where", [x, y]),
    c = truth(condition),
    shape = broadcastShapes("where", [c, a, b]);
  return apply("where", [spread(c, shape), spread(a, shape), spread(b, shape)], {});
}
