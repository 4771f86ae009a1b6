// What runs in a JavaScript world of its own: its `Math` is changed before.
import { evaluateProgram } from "../../src/program/evaluate.js";
import { runSuite } from "./suite/index.js";

Object.assign(globalThis, { runSuite, evaluateProgram });
