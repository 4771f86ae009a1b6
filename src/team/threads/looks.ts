/** The clock is asked once in so many looks: it takes longer than a look. */
const AT_ONCE = 32;

/**
 * Looks again and again whether something holds, for a while: waking a thread that sleeps takes longer than most of what threads wait for.
 * @returns whether it does
 */
export function looks(milliseconds: number, holds: () => boolean): boolean {
  const end = performance.now() + milliseconds;
  do {
    for (let look = 0; look < AT_ONCE; look++) if (holds()) return true;
  } while (performance.now() < end);
  return false;
}
