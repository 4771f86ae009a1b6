/** Placeholder type until the kernels land. */
export interface Kernels { readonly steps: number }
