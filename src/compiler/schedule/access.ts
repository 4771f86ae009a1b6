/** How a loop nest goes through memory: elements between neighbours, for each axis of the nest (and for more axes where a kernel says so). */
export interface Walk {
  strides: readonly number[];
}

/**
 * Merges neighbouring axes that all walks go through as through one; axes before and from `boundary` stay apart. Strides
 * after those of the shape are left as they are.
 */
export function collapse(shape: readonly number[], walks: readonly Walk[], boundary = shape.length): { shape: number[]; boundary: number } {
  const extents: number[] = [],
    keep: number[] = [];
  let front = 0;
  shape.forEach((n, i) => {
    const last = keep.length - 1;
    if (i > 0 && i !== boundary && walks.every(a => a.strides[keep[last]] === a.strides[i] * n)) {
      extents[last] *= n;
      keep[last] = i;
    } else {
      extents.push(n);
      keep.push(i);
    }
    if (i < boundary) front = keep.length;
  });
  for (const a of walks) a.strides = [...keep.map(i => a.strides[i]), ...a.strides.slice(shape.length)];
  return { shape: extents, boundary: front };
}
