/** The leaves of a gradient, in order; what is missing is zero. */
export type Gradient = readonly (ArrayLike<number> | undefined)[];

/** ⟨t, t′⟩, ⟨t, b⟩, ⟨b, b′⟩ and ⟨t − b, t′ − b′⟩: how many numbers a candidate has in a scope. */
export const KINDS = 4;

/** Where they lie. */
export const kind = { target: 0, inner: 1, baseline: 2, difference: 3 } as const;

/**
 * Inner products of the gradients of two tasks, or of one with itself, in float64: of a target t and each candidate b, over all leaves (scope 0) and in
 * each leaf (scopes 1, 2, …) where `perLeaf` asks for that. ⟨t, b⟩ is the mean of both ways to pair two tasks.
 *
 * @returns scope by scope, candidate by candidate, the four numbers of `kind`
 */
export function innerProducts(a: readonly Gradient[], b: readonly Gradient[], leaves: number, perLeaf: boolean): Float64Array {
  const candidates = a.length - 1,
    row = candidates * KINDS,
    out = new Float64Array(row * (perLeaf ? leaves + 1 : 1)),
    one = new Float64Array(KINDS);
  for (let leaf = 0; leaf < leaves; leaf++) {
    const [t, u] = [a[0][leaf], b[0][leaf]];
    for (let c = 0; c < candidates; c++) {
      fourOf(t, a[c + 1][leaf], u, b[c + 1][leaf], one);
      for (let k = 0; k < KINDS; k++) {
        out[c * KINDS + k] += one[k];
        if (perLeaf) out[(leaf + 1) * row + c * KINDS + k] = one[k];
      }
    }
  }
  return out;
}

type Leaf = ArrayLike<number> | undefined;

/** The four inner products of one leaf: of (t, b) of a task with (u, c) of a task. */
function fourOf(t: Leaf, b: Leaf, u: Leaf, c: Leaf, out: Float64Array): void {
  const n = Math.max(t?.length ?? 0, b?.length ?? 0, u?.length ?? 0, c?.length ?? 0);
  let [target, inner, baseline, difference] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [ti, bi, ui, ci] = [t ? t[i] : 0, b ? b[i] : 0, u ? u[i] : 0, c ? c[i] : 0];
    target += ti * ui;
    inner += (ti * ci + ui * bi) / 2;
    baseline += bi * ci;
    difference += (ti - bi) * (ui - ci);
  }
  out[kind.target] = target;
  out[kind.inner] = inner;
  out[kind.baseline] = baseline;
  out[kind.difference] = difference;
}

/** Whether every number of a gradient is finite. */
export const isFiniteGradient = (gradient: Gradient): boolean =>
  gradient.every(leaf => {
    if (!leaf) return true;
    for (let i = 0; i < leaf.length; i++) if (!Number.isFinite(leaf[i])) return false;
    return true;
  });
