/** Γ((ν + 1)/2) / Γ(ν/2) of a whole ν, by its recursion g(ν + 1) = ν/(2 g(ν)). */
function gammaRatio(freedom: number): number {
  let g = 1 / Math.sqrt(Math.PI);
  for (let k = 1; k < freedom; k++) g = k / (2 * g);
  return g;
}

const known = new Map<number, number>();

/** log of what the density is at 0 with scale 1. */
function logAtZero(freedom: number): number {
  const log = known.get(freedom) ?? Math.log(gammaRatio(freedom)) - 0.5 * Math.log(freedom * Math.PI);
  known.set(freedom, log);
  return log;
}

/** log density of Student's t with a whole number of degrees of freedom. */
export function logStudent(x: number, scale: number, freedom: number): number {
  const z = x / scale;
  return logAtZero(freedom) - Math.log(scale) - ((freedom + 1) / 2) * Math.log1p((z * z) / freedom);
}
