/** n (n − 1) … (n − k + 1): what the k-th derivative of xⁿ has before xⁿ⁻ᵏ. */
export const fallingFactorial = (n: number, k: number): number =>
  Array.from({ length: k }, (_, i) => n - i).reduce((product, factor) => product * factor, 1);
