import type { Program } from "../../program/program.js";
import type { EmitBody } from "../ops/loops.js";
import type { Body } from "./body.js";

const programs = new WeakMap<Body, Program>();

/** A body as a program, written once. */
export function programOf(body: Body, emit: EmitBody): Program {
  let program = programs.get(body);
  if (!program) programs.set(body, (program = emit(body.inputs, body.outputs)));
  return program;
}
