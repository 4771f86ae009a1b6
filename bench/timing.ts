/** Milliseconds: what the process itself computed, where other work on the machine must not count (`UFOM_BENCH_CLOCK=cpu`); else the time on the wall. */
export function now(): number {
  if (process.env.UFOM_BENCH_CLOCK !== "cpu") return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Microseconds of a call: of half the batches no more than `median`. */
export interface CallTime {
  readonly median: number;
  readonly best: number;
}

/** Times calls after the engine's compilers have settled, in batches of about 0.1 ms or one call. */
export function callMicroseconds(call: () => void, seconds = 0.5): CallTime {
  const warm = performance.now() + 300;
  let calls = 0;
  while (performance.now() < warm || calls < 3) {
    call();
    calls++;
  }
  const batch = Math.max(1, Math.round(calls / 3000));
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end || times.length < 5) {
    const start = performance.now();
    for (let i = 0; i < batch; i++) call();
    times.push((1000 * (performance.now() - start)) / batch);
  }
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1], best: times[0] };
}

/** Median time of one call. */
export const medianMicroseconds = (call: () => void, seconds?: number): number => callMicroseconds(call, seconds).median;
