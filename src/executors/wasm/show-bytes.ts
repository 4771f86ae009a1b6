const units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"];

/** Bytes as people write them: `160 GB`. */
export function showBytes(bytes: number): string {
  let [size, unit] = [bytes, 0];
  for (; size >= 999.5 && unit < units.length - 1; unit++) size /= 1000;
  return `${Number(size.toPrecision(3))} ${units[unit]}`;
}
