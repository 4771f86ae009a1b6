import { where } from "../np/logic.js";
import { spread } from "../np/promote.js";
import { loopValue, partsOf, rememberRows, resultOf, tupleOf } from "../ops/loops.js";
import { isFloat } from "../types.js";
import type { Value } from "../value.js";
import type { Body } from "./body.js";
import { orZeros, placeholder, pullBody, pushBody, spreadBody, usedOfAround } from "./body.js";
import { lostInputs } from "./lost.js";
import { programOf } from "./emitted.js";

/** Both ways of a choice, of the same inputs and outputs. */
type Ways = readonly [Body, Body];

/** Changes both ways; those that are one body stay one. */
const each = (ways: Ways, change: (body: Body) => Body): Ways => [change(ways[0]), change(ways[1])];

/** A choice in the graph: the results of one of two bodies. What they use of around becomes operands of both. */
export function makeCond(pred: Value, given: Ways, operands: readonly Value[]): Value[] {
  const value = choice(pred, given, operands);
  return given[0].outputs.map((_, k) => resultOf(value, k));
}

function choice(pred: Value, given: Ways, operands: readonly Value[]): Value {
  const around = usedOfAround(given),
    ways = each(given, body => ({ ...body, inputs: [...around, ...body.inputs] }));
  for (const { inputs } of ways) inputs.slice(around.length).forEach((x, i) => rememberRows(x, operands[i]));
  return loopValue("cond", [pred, ...around, ...operands], {
    results: ways[0].outputs,
    lost: () => {
      const found = ways.map(body => lostInputs(body));
      return [...around, ...operands].filter((_, i) => found.some(f => f[i]));
    },
    within: ways.flatMap(({ outputs }) => outputs),
    pullback: (y, g) => pullCond(ways, y, partsOf(g)),
    pushforward: (y, [, ...tangents]) => pushCond(ways, y, tangents),
    batch: (_, [p, ...lanes], [isBatched, ...batched], size) =>
      isBatched ? selectLanes(p, ways, lanes, batched, size) : spreadCond(p, ways, lanes, batched, size),
    parameters: emit => ({ onTrue: programOf(ways[0], emit), onFalse: programOf(ways[1], emit) }),
  });
}

/** The way that was taken goes back; operands that it does not use get zeros. */
function pullCond(ways: Ways, y: Value, given: readonly (Value | null)[]): (Value | null)[] {
  const [pred, ...operands] = y.inputs;
  const cotangents = given.map((g, k) => (isFloat(ways[0].outputs[k]) ? g : null));
  const back = each(ways, body => {
    const seeds = cotangents.map((g, k) => g && placeholder(body.outputs[k])),
      wanted = body.inputs.filter(isFloat);
    return {
      first: body.first,
      inputs: [...body.inputs, ...seeds.filter(s => s !== null)],
      outputs: pullBody(body, wanted, seeds).map((c, i) => orZeros(c, wanted[i])),
    };
  });
  const pulled = makeCond(pred, back, [...operands, ...cotangents.filter(g => g !== null)]);
  let at = 0;
  return [null, ...operands.map(x => (isFloat(x) ? pulled[at++] : null))];
}

function pushCond(ways: Ways, y: Value, tangents: readonly (Value | null)[]): Value | null {
  if (tangents.every(t => t === null)) return null;
  const [pred, ...operands] = y.inputs;
  const directions = ways.map(({ inputs }) => inputs.map((x, i) => tangents[i] && placeholder(x))),
    outputs = ways.map((body, w) => pushBody(body, directions[w]));
  const moves = ways[0].outputs.map((_, k) => outputs.some(o => o[k] !== null));
  const [onTrue, onFalse] = ways.map((body, w): Body => ({
    first: body.first,
    inputs: [...body.inputs, ...directions[w].filter(t => t !== null)],
    outputs: body.outputs.flatMap((v, k) => (moves[k] ? [orZeros(outputs[w][k], v)] : [])),
  }));
  if (!moves.includes(true)) return null;
  const pushed = makeCond(pred, [onTrue, onFalse], [...operands, ...tangents.filter(t => t !== null)]);
  let at = 0;
  return tupleOf(moves.map(yes => (yes ? pushed[at++] : null)));
}

/** One choice for all lanes. */
function spreadCond(pred: Value, ways: Ways, operands: readonly Value[], batched: readonly boolean[], size: number): Value {
  const wide = each(ways, body => {
    const lanes = body.inputs.map((x, i) => (batched[i] ? placeholder({ shape: [size, ...x.shape], dtype: x.dtype }) : null));
    return {
      first: body.first,
      inputs: body.inputs.map((x, i) => lanes[i] ?? x),
      outputs: spreadBody(body, lanes, size).map((v, k) => v ?? spread(body.outputs[k], [size, ...body.outputs[k].shape])),
    };
  });
  return tupleOf(makeCond(pred, wide, operands));
}

/** A choice for each lane: both ways are taken, and the lanes selected. */
function selectLanes(pred: Value, ways: Ways, operands: readonly Value[], batched: readonly boolean[], size: number): Value {
  const all = operands.map((x, i) => (batched[i] ? x : spread(x, [size, ...x.shape])));
  const [yes, no] = ways.map(body => {
    const results = spreadBody(body, all, size);
    return results.map((v, k) => v ?? spread(body.outputs[k], [size, ...body.outputs[k].shape]));
  });
  return tupleOf(yes.map((v, k) => where(pred.reshape([size, ...v.shape.slice(1).map(() => 1)]), v, no[k])));
}
