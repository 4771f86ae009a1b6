/** Names of executors, in the order in which `auto` tries them. Apart from the executors themselves, so that a list of names loads none. */
export const automaticOrder = ["wasm", "reference"] as const;

/** An executor that can be asked for. */
export type ExecutorName = "auto" | (typeof automaticOrder)[number];

export const executorNames: readonly ExecutorName[] = ["auto", ...automaticOrder];
