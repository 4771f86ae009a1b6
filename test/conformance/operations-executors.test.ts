import { executors } from "./run.js";
import { runOperationTests } from "./suites/operations.js";

for (const [name, options] of Object.entries(executors)) runOperationTests(name, options);
