/** Median time of one call, after the engine's compilers have settled. */
export function medianMicroseconds(call: () => void, seconds = 0.5): number {
  const warm = performance.now() + 300;
  let calls = 0;
  while (performance.now() < warm || calls < 3) {
    call();
    calls++;
  }
  const batch = Math.max(1, Math.round(calls / 3000)),
    times: number[] = [],
    end = performance.now() + 1000 * seconds;
  while (performance.now() < end || times.length < 5) {
    const start = performance.now();
    for (let i = 0; i < batch; i++) call();
    times.push((performance.now() - start) / batch);
  }
  return 1000 * times.sort((a, b) => a - b)[times.length >> 1];
}
