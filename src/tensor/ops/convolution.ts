import type { Convolution } from "../../program/program.js";
import { fail } from "../error.js";
import { moveaxis, reshape } from "../np/shape.js";
import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { Shape, Type, TypedArray } from "../types.js";
import { isFloat, sameShape, showType } from "../types.js";
import type { Value } from "../value.js";
import { needs, plus } from "./elementwise.js";
import { correlate } from "./correlate.js";

/**
 * The arrays that a convolution relates: x [N, G·I, …], the kernel w [G·O, I, …] and y [N, G·O, …]. The trilinear form
 * Σ y[n, g, o, p] · x[n, g, i, p·stride + k·dilation − low] · w[g, o, i, k] has three derivatives, one an operation of this
 * file; the derivatives of each are the two others.
 */
export type Role = "x" | "w" | "y";

/** The operation that gives an array of the role, and the roles of its operands. */
const operationOf = { x: "convInput", w: "convKernel", y: "conv" } as const;
const operandsOf = { x: ["y", "w"], w: ["x", "y"], y: ["x", "w"] } as const;

/** Extents that arrays share; the three axes before the spatial ones by name, those that are one axis of the array side by side. */
type Letter = "N" | "G" | "O" | "I";
type Extents = Readonly<Record<Letter, number>>;
const layouts: Readonly<Record<Role, readonly (readonly Letter[])[]>> = {
  x: [["N"], ["G", "I"]],
  w: [["G", "O"], ["I"]],
  y: [["N"], ["G", "O"]],
};

const extentsOf = (shapes: Readonly<Record<Role, Shape>>, groups: number): Extents => ({
  N: shapes.x[0],
  G: groups,
  O: shapes.w[0] / groups,
  I: shapes.w[1],
});

const listed = (n: readonly number[], rank: number, least: number) => n.length === rank && n.every(v => Number.isInteger(v) && v >= least);

/** What a window of a kernel spans. */
export const spanOf = (kernel: number, dilation: number): number => (kernel === 0 ? 0 : (kernel - 1) * dilation + 1);

/** @throws unless groups divide the channels, of which x has as many as the kernel in all groups; `received` is what a refusal shows */
export function checkChannels(who: string, x: Type, w: Type, groups: number, received: readonly Type[] = [x, w]): void {
  if (!Number.isInteger(groups) || groups < 1 || w.shape[0] % groups !== 0)
    fail(who, `takes a number of groups that divides the ${w.shape[0]} output channels`, `${groups}`);
  const channels = groups * w.shape[1];
  if (x.shape[1] !== channels)
    fail(
      who,
      `takes as many input channels as the kernel has in ${groups === 1 ? "its one group" : `${groups} groups`}, ${channels}`,
      received.map(showType).join(" and "),
    );
}

/** The type of a convolution. @throws where x, w and the parameters do not fit */
function typeOf(x: Type, w: Type, params: Convolution): Type {
  const { strides, padding, dilation, groups } = params;
  const rank = x.shape.length - 2;
  needs("conv", "floating point numbers", isFloat, [x, w]);
  const received = `${showType(x)} and ${showType(w)}`;
  if (x.dtype !== w.dtype) fail("conv", "takes operands of one dtype", received);
  if (rank < 1 || w.shape.length !== x.shape.length)
    fail("conv", "takes x [N, C, …] and a kernel [O, I, …] with as many spatial axes, at least one", received);
  if (!listed(strides, rank, 1)) fail("conv", `takes a whole stride ≥ 1 for each of ${rank} spatial axes`, `[${strides.join(", ")}]`);
  if (!listed(dilation, rank, 1)) fail("conv", `takes a whole dilation ≥ 1 for each of ${rank} spatial axes`, `[${dilation.join(", ")}]`);
  if (padding.length !== rank || !padding.every(p => listed(p, 2, -Infinity)))
    fail("conv", `takes whole numbers [low, high] of padding for each of ${rank} spatial axes`, JSON.stringify(padding));
  checkChannels("conv", x, w, groups);
  const spatial = x.shape.slice(2).map((n, a) => {
    const padded = n + padding[a][0] + padding[a][1];
    if (padded < 0) fail("conv", `cannot cut more than there is of axis ${a + 2} of ${showType(x)}`, `padding [${padding[a].join(", ")}]`);
    const span = spanOf(w.shape[a + 2], dilation[a]);
    return padded < span ? 0 : Math.floor((padded - span) / strides[a]) + 1;
  });
  return { shape: [x.shape[0], w.shape[0], ...spatial], dtype: x.dtype };
}

/** The three types, of which one is the result's: `shape` is its shape, or nothing where it follows from the others. */
function typesOf(role: Role, operands: readonly Type[], params: Convolution, shape: Shape | undefined): Record<Role, Type> {
  const types = Object.fromEntries(operandsOf[role].map((r, k) => [r, operands[k]])) as Record<Role, Type>;
  if (role !== "y") types[role] = { shape: shape ?? [], dtype: operands[0].dtype };
  const y = typeOf(types.x, types.w, params);
  if (role !== "y" && (y.dtype !== types.y.dtype || !sameShape(y.shape, types.y.shape)))
    fail(operationOf[role], `takes a cotangent like the convolution's result, ${showType(y)}`, showType(types.y));
  return { ...types, y };
}

/** The array of a role by its operation. */
const product = (role: Role, values: Readonly<Partial<Record<Role, Value>>>, params: Convolution, shape: Shape): Value =>
  apply(
    operationOf[role],
    operandsOf[role].map(r => values[r]!),
    params,
    role === "y" ? undefined : { shape },
  );

const has = (role: Role, letter: Letter): boolean => layouts[role].flat().includes(letter);

/** The axis of all arrays that have it into which a batch over some of them goes: that which only those share with the result. */
function axisFor(role: Role, batched: readonly Role[]): Letter {
  if (batched.length > 1) return "G";
  return (["N", "O", "I"] as const).find(letter => has(role, letter) && has(batched[0], letter))!;
}

/** Extents of the array's axes with those of a leading batch put before (apart) or into one letter's. */
function shapeWith(role: Role, extents: Extents, spatial: Shape, into: Letter, size: number, apart: boolean): number[] {
  const lead = layouts[role].map(axis =>
    axis.flatMap(l => (l === into ? (apart ? [size, extents[l]] : [size * extents[l]]) : [extents[l]])),
  );
  return [...(apart ? lead.flat() : lead.map(axis => axis.reduce((n, d) => n * d, 1))), ...spatial];
}

const placeOf = (role: Role, letter: Letter): number => layouts[role].flat().indexOf(letter);

/** One operation of the family. */
function family<R extends Role>(role: R): Operation<(typeof operationOf)[R]> {
  const operands = operandsOf[role];
  const rules: Operation<"conv" | "convInput" | "convKernel"> = {
    type: (types, params, wanted) => typesOf(role, types, params, wanted?.shape)[role],
    pullback: (v, g) => operands.map((r, k) => product(r, { [operands[1 - k]]: v.inputs[1 - k], [role]: g }, v.params, v.inputs[k].shape)),
    pushforward: (v, tangents) => {
      const [s, t] = tangents.map((tangent, k) => {
        const other = { [operands[1 - k]]: v.inputs[1 - k] };
        return tangent && product(role, { ...other, [operands[k]]: tangent }, v.params, v.shape);
      });
      return plus(s, t);
    },
    batch(v, values, batched, size) {
      const { params } = v;
      const types = typesOf(role, v.inputs, params, v.shape);
      const extents = extentsOf({ x: types.x.shape, w: types.w.shape, y: types.y.shape }, params.groups);
      const into = axisFor(
        role,
        operands.filter((_, k) => batched[k]),
      );
      const spatial = (r: Role) => types[r].shape.slice(2);
      const merged = (r: Role) => shapeWith(r, extents, spatial(r), into, size, false);
      const arrays = operands.map((r, k) => {
        if (!batched[k]) return [r, values[k]];
        const apart = reshape(values[k], [size, ...layouts[r].flat().map(l => extents[l]), ...spatial(r)]);
        return [r, reshape(moveaxis(apart, 0, placeOf(r, into)), merged(r))];
      });
      const groups = into === "G" ? size * params.groups : params.groups;
      const result = product(role, Object.fromEntries(arrays) as Record<Role, Value>, { ...params, groups }, merged(role));
      const apart = reshape(result, shapeWith(role, extents, spatial(role), into, size, true));
      return reshape(moveaxis(apart, placeOf(role, into), 0), [size, ...v.shape]);
    },
    evaluate(arrays, v) {
      const types = typesOf(role, arrays, v.params, v.shape);
      const data = Object.fromEntries(operands.map((r, k) => [r, arrays[k].data])) as Record<Role, TypedArray>;
      return correlate(role, data, types, extentsOf({ x: types.x.shape, w: types.w.shape, y: types.y.shape }, v.params.groups), v.params);
    },
  };
  return rules;
}

/** y[n, o, p] = Σ x[n, i, p·stride + k·dilation − low] · w[o, i, k] over the channels i of o's group and the places k of the kernel. */
export const conv = family("y");
/** Its adjoint in x: x̄ from ȳ and w. */
export const convInput = family("x");
/** Its adjoint in w: w̄ from x and ȳ. */
export const convKernel = family("w");
