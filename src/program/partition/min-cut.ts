/**
 * A network of edges with capacities, for a cut of least capacity: Dinic's algorithm.
 *
 * Source: E. A. Dinic, Algorithm for solution of a problem of maximum flow in networks with power estimation, Soviet Math. Doklady 11, 1970.
 */
export class Network {
  readonly #to: number[] = [];
  /** What an edge still carries; edge e ^ 1 leads back. */
  readonly #room: number[] = [];
  readonly #next: number[] = [];
  readonly #first: Int32Array;

  /** @param size how many places there are, numbered from 0 */
  constructor(private readonly size: number) {
    this.#first = new Int32Array(size).fill(-1);
  }

  /** @param capacity whole, or Infinity */
  edge(from: number, to: number, capacity: number): void {
    this.#half(from, to, capacity);
    this.#half(to, from, 0);
  }

  #half(from: number, to: number, capacity: number): void {
    this.#next.push(this.#first[from]);
    this.#first[from] = this.#to.push(to) - 1;
    this.#room.push(capacity);
  }

  /** The places on the source's side of a cut of least capacity; of several such cuts the one nearest to the source. */
  sourceSide(source: number, sink: number): Uint8Array {
    for (let levels = this.#levels(source, sink); levels[sink] >= 0; levels = this.#levels(source, sink)) this.#block(levels, source, sink);
    return Uint8Array.from(this.#levels(source, sink), level => (level < 0 ? 0 : 1));
  }

  /** How many edges that still carry something lead from the source to each place; −1 where none do. */
  #levels(source: number, sink: number): Int32Array {
    const levels = new Int32Array(this.size).fill(-1),
      queue = [source];
    levels[source] = 0;
    for (let head = 0; head < queue.length && levels[sink] < 0; head++) {
      const at = queue[head];
      for (let e = this.#first[at]; e >= 0; e = this.#next[e])
        if (this.#room[e] > 0 && levels[this.#to[e]] < 0) {
          levels[this.#to[e]] = levels[at] + 1;
          queue.push(this.#to[e]);
        }
    }
    return levels;
  }

  /** Sends all that goes by shortest paths. The path is a list of edges, as a recursion would be as deep as a program is long. */
  #block(levels: Int32Array, source: number, sink: number): void {
    const edge = Int32Array.from(this.#first),
      path: number[] = [];
    for (let at = source; ;) {
      if (at === sink) at = this.#send(path, source);
      let e = edge[at];
      while (e >= 0 && !(this.#room[e] > 0 && levels[this.#to[e]] === levels[at] + 1)) e = this.#next[e];
      edge[at] = e;
      if (e >= 0) {
        path.push(e);
        at = this.#to[e];
      } else {
        const last = path.pop();
        if (last === undefined) return;
        at = this.#to[last ^ 1];
        edge[at] = this.#next[last];
      }
    }
  }

  /** Fills a path, and takes back its edges from the first full one on. @returns where it ends then */
  #send(path: number[], source: number): number {
    const flow = path.reduce((least, e) => Math.min(least, this.#room[e]), Infinity);
    let full = path.length;
    for (let k = path.length - 1; k >= 0; k--) {
      this.#room[path[k]] -= flow;
      this.#room[path[k] ^ 1] += flow;
      if (this.#room[path[k]] === 0) full = k;
    }
    path.length = full;
    return full === 0 ? source : this.#to[path[full - 1]];
  }
}
