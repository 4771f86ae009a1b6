import { apply } from "../operation.js";
import type { Operand, Value } from "../value.js";
import { broadcastShapes, commonDType, convert, lift, promote, spread } from "./promote.js";

const compare = (op: "less" | "lessEqual" | "equal", x: Operand, y: Operand) => apply(op, promote(op, [x, y], commonDType(op, [x, y])), {});
/** Truth values: anything but 0 is true. */
const truth = (who: string, x: Operand) => convert(lift(who, x, "bool"), "bool");
const logical = (op: "and" | "or", x: Operand, y: Operand) => apply(op, promote(op, [truth(op, x), truth(op, y)], "bool"), {});

/** x < y, broadcast, as bool. */
export function less(x: Operand, y: Operand): Value {
  return compare("less", x, y);
}
/** x ≤ y, broadcast, as bool. */
export function lessEqual(x: Operand, y: Operand): Value {
  return compare("lessEqual", x, y);
}
/** x > y, broadcast, as bool. */
export function greater(x: Operand, y: Operand): Value {
  return compare("less", y, x);
}
/** x ≥ y, broadcast, as bool. */
export function greaterEqual(x: Operand, y: Operand): Value {
  return compare("lessEqual", y, x);
}
/** x = y, broadcast, as bool. */
export function equal(x: Operand, y: Operand): Value {
  return compare("equal", x, y);
}
/** x ≠ y, broadcast, as bool. */
export function notEqual(x: Operand, y: Operand): Value {
  return logicalNot(equal(x, y));
}
/** Both are true, broadcast; anything but 0 is true. */
export function logicalAnd(x: Operand, y: Operand): Value {
  return logical("and", x, y);
}
/** At least one is true, broadcast; anything but 0 is true. */
export function logicalOr(x: Operand, y: Operand): Value {
  return logical("or", x, y);
}
/** True becomes false, and false true. */
export function logicalNot(x: Operand): Value {
  return apply("not", [truth("not", x)], {});
}

/**
 * x where the condition holds, else y; broadcast. The branch not taken gets the derivative 0, which an infinite one further back makes NaN:
 * choose before the operation, as in `np.log(np.where(ok, x, 1))`.
 */
export function where(condition: Operand, x: Operand, y: Operand): Value {
  const [a, b] = promote("where", [x, y], commonDType("where", [x, y]));
  const c = truth("where", condition);
  const shape = broadcastShapes("where", [c, a, b]);
  return apply("where", [spread(c, shape), spread(a, shape), spread(b, shape)], {});
}
