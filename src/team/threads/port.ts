import type { Answer, Order } from "./messages.js";

/** A thread's way to who started it. */
export interface Port {
  post(message: Answer, transfer: ArrayBuffer[]): void;
  listen(hear: (order: Order) => void): void;
}

/** What Node has of threads, as far as it is used here. */
export interface NodeThreads {
  /** Nothing in a process's first thread. */
  readonly parentPort: null | {
    postMessage(message: unknown, transfer: ArrayBuffer[]): void;
    on(event: "message", hear: (data: Order) => void): void;
  };
  readonly Worker: new (source: string, options: object) => NodeWorker;
}

/** A thread of Node. */
export interface NodeWorker {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  on(event: "message", hear: (data: Answer) => void): void;
  on(event: "error", hear: (error: Error) => void): void;
  on(event: "exit", hear: (code: number) => void): void;
  terminate(): Promise<unknown>;
  ref(): void;
  unref(): void;
}

interface NodeProcess {
  getBuiltinModule?(name: string): unknown;
}

/** A module of Node, where there is one: asked for when it is used, so that bundlers for pages do not look for it. */
export function nodeModule<M>(name: string): M | undefined {
  const { process } = globalThis as { readonly process?: NodeProcess };
  return process?.getBuiltinModule?.(`node:${name}`) as M | undefined;
}

/** In a thread: the way to who started it. */
export function portHere(): Port {
  const node = nodeModule<NodeThreads>("worker_threads");
  if (node)
    return {
      post: (message, transfer) => node.parentPort?.postMessage(message, transfer),
      listen: hear => node.parentPort?.on("message", hear),
    };
  const scope = globalThis as unknown as {
    postMessage(message: unknown, transfer: ArrayBuffer[]): void;
    onmessage: ((event: { readonly data: Order }) => void) | null;
  };
  return {
    post: (message, transfer) => scope.postMessage(message, transfer),
    listen: hear => {
      scope.onmessage = ({ data }) => hear(data);
    },
  };
}
