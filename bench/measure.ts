// One row of the bench: all parties on one case, in turns, round by round.
import { cpus } from "node:os";
import type { Case } from "./cases.js";
import { Party, type PartyName, type Prepared, type UfomOptions } from "./party.js";
import { rangeOf, spreadOf, type Spread } from "./statistics.js";

/** A case, and on how many cores it is computed. */
export interface RowSpec {
  readonly case: Case;
  /** `one`: everybody on the same core. `all`: everybody as it is fastest with all cores, of the ways that there are. */
  readonly cores: "one" | "all";
}

/** How parties are started and for how long they are timed. */
export interface Setting {
  readonly python: string;
  readonly peers: readonly PartyName[];
  readonly cpu: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly ufom: UfomOptions;
}

/** What was measured of a peer. */
export interface PeerResult {
  readonly seconds: Spread;
  /** Its time over ours, round by round. */
  readonly ratio: Spread;
  readonly first: number;
  readonly gradient: Float32Array;
  /** Largest difference of its gradient from ours, of the largest element. */
  readonly difference: number;
  /** Its fastest form, and way to use the cores. */
  readonly form: string;
}

export interface Row {
  readonly name: string;
  readonly seconds: Spread;
  readonly first: number;
  readonly gflops: number;
  readonly gradient: Float32Array;
  readonly peers: Partial<Record<PartyName, PeerResult>>;
}

/** A way in which a party takes part: threads of one process, or a process a core, which share the tasks. */
interface Contestant {
  readonly name: PartyName;
  readonly way: string;
  start(): Process[];
}
interface Process {
  readonly party: Party;
  readonly case: Case;
}

const largest = (a: Float32Array) => a.reduce((m, x) => Math.max(m, Math.abs(x)), 0);

/** The mean of gradients of parts of the tasks. */
function meanOf(parts: readonly { readonly gradient: Float32Array; readonly share: number }[]): Float32Array {
  if (parts.length === 1) return parts[0].gradient;
  return parts[0].gradient.map((_, i) => parts.reduce((sum, { gradient, share }) => sum + share * gradient[i], 0));
}

function contestants({ case: c, cores }: RowSpec, { python, peers, cpu, ufom }: Setting): Contestant[] {
  const alone = (name: PartyName, at: number | undefined, way = ""): Contestant => ({
    name,
    way,
    start: () => [{ party: new Party(name, python, at, name === "ufom" ? ufom : {}), case: c }],
  });
  if (cores === "one") return (["ufom", ...peers] as const).map(name => alone(name, cpu));
  const all = cpus().length,
    shares = Array.from({ length: Math.min(all, c.tasks) }, (_, k): [number, number] => {
      const n = Math.min(all, c.tasks),
        [from, to] = [k, k + 1].map(i => Math.round((i * c.tasks) / n));
      return [from, to - from];
    });
  return [
    alone("ufom", undefined),
    ...peers.flatMap(name => [
      alone(name, undefined, "all threads"),
      // PyTorch's parties try one thread by themselves.
      ...(name === "jax" ? [alone(name, cpu, "one thread")] : []),
      ...(c.tasks > 1 && name !== "torch"
        ? [
            {
              name,
              way: "a process a core",
              start: () => shares.map((part, k) => ({ party: new Party(name, python, k), case: { ...c, part } })),
            },
          ]
        : []),
    ]),
  ];
}

/** All at once, as processes that share the tasks are. */
async function prepare(processes: readonly Process[]): Promise<Prepared> {
  const all = await Promise.all(processes.map(({ party, case: c }) => party.prepare(c))),
    tasks = processes.map(({ case: c }) => c.part?.[1] ?? c.tasks),
    sum = tasks.reduce((a, b) => a + b, 0);
  return {
    first: Math.max(...all.map(({ first }) => first)),
    variant: all[0].variant,
    gradient: meanOf(all.map(({ gradient }, i) => ({ gradient, share: tasks[i] / sum }))),
    flops: all[0].flops,
  };
}

async function time(processes: readonly Process[], seconds: number): Promise<number> {
  const all = await Promise.all(processes.map(({ party, case: c }) => party.time(c, seconds)));
  return Math.max(...all.map(samples => spreadOf(samples).median));
}

/** The gradients of a case alone, each of a fresh process. */
export async function gradientsOf(spec: RowSpec, setting: Setting): Promise<Partial<Record<PartyName, Float32Array>>> {
  const found: Partial<Record<PartyName, Float32Array>> = {};
  for (const { name, start } of contestants(spec, setting)) {
    const processes = start();
    try {
      found[name] = (await prepare(processes)).gradient;
    } finally {
      for (const { party } of processes) await party.end();
    }
  }
  return found;
}

/** Measures a row, in fresh processes: the first result is that of a program nobody has compiled. */
export async function measure(spec: RowSpec, setting: Setting): Promise<Row> {
  const { rounds, seconds } = setting,
    all = contestants(spec, setting),
    running = new Map<Contestant, Process[]>(),
    prepared = new Map<Contestant, Prepared>(),
    samples = new Map<Contestant, number[]>(all.map(one => [one, []]));
  try {
    // One after another: a party that loads its libraries would lengthen another's first result.
    for (const one of all) {
      const processes = one.start();
      running.set(one, processes);
      prepared.set(one, await prepare(processes));
      await time(processes, 3 * seconds);
    }
    for (let k = 0; k < rounds; k++) for (const [one, processes] of running) samples.get(one)!.push(await time(processes, seconds));
  } finally {
    for (const { party } of [...running.values()].flat()) await party.end();
  }
  const us = all[0],
    ours = samples.get(us)!,
    own = prepared.get(us)!,
    scale = largest(own.gradient);
  const of = (one: Contestant): PeerResult => {
    const { first, variant, gradient } = prepared.get(one)!;
    return {
      seconds: rangeOf(samples.get(one)!),
      ratio: rangeOf(samples.get(one)!.map((t, k) => t / ours[k])),
      first,
      gradient,
      difference: largest(gradient.map((x, i) => x - own.gradient[i])) / scale,
      form: [variant, one.way].filter(Boolean).join(", "),
    };
  };
  const peers = setting.peers.map(name => {
    const ways = all.filter(one => one.name === name).map(of);
    return [name, ways.reduce((a, b) => (b.ratio.median < a.ratio.median ? b : a))] as const;
  });
  return {
    name: spec.case.name,
    seconds: rangeOf(ours),
    first: own.first,
    gflops: (own.flops ?? 0) / spreadOf(ours).median / 1e9,
    gradient: own.gradient,
    peers: Object.fromEntries(peers),
  };
}
