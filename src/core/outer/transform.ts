import type { HostTree } from "../../tensor/types.js";

/** A number that depends on the outer step k = 1, 2, …. */
export type Schedule = (k: number) => number;

/** State of a transform: host arrays, numbers, and lists and objects of them, so that it can be saved exactly. */
export type TransformState = HostTree | number | null | readonly TransformState[] | { readonly [key: string]: TransformState };

/** A pair of pure functions that turns gradients into updates of θ; chained as optax chains them. */
export interface OuterTransform<S extends TransformState = TransformState> {
  /** As spelled in reports: `adam(0.5)`. */
  readonly name: string;
  init(theta: HostTree): S;
  /** Updates are added to θ. `k` counts outer steps from 1. */
  update(gradient: HostTree, state: S, theta: HostTree, k: number): { readonly updates: HostTree; readonly state: S };
}
