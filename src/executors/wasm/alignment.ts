/** All memory is given out in multiples of this, so that a vector may reach past the end of an array. */
export const ALIGNMENT = 64;
export const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
