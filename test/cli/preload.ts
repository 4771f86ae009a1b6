import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * A module for `node --import` that stands between a command and the file system. It is told what to do by the environment:
 *
 * * KILL_AT=n: the process is killed before its n-th call; with KILL_HALF=1 a call that writes does half of that first; TELL_CALLS=1: it names
 *   them all at the end;
 * * FULL_WHILE=file: as long as that file is there, every write fails as on a full disk, after half of it was written;
 * * FAIL=call:CODE: every call of that name fails so; FAIL_IN=text: only for paths with that text in them.
 */
const source = `
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const env = process.env, files = fs.promises;
const calls = [];
const half = (handle, data, position) => fs.writeSync(handle.fd, data, 0, data.length >> 1, position);
const failure = (code, syscall, path, dest) => {
  const error = Object.assign(new Error(code + ": refused, " + syscall), { code, syscall: syscall.toLowerCase(), errno: -1 });
  // As of the system's own errors, whose stacks have no frame of a module like this one.
  error.stack = error.message;
  return Object.assign(error, path === undefined ? {} : { path }, dest === undefined ? {} : { dest });
};
const kill = () => {
  process.kill(process.pid, "SIGKILL");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};
function wrap(object, name, isWrite) {
  const real = object[name];
  object[name] = async function (...args) {
    const bytes = isWrite ? Buffer.from(args[0]) : undefined;
    if (calls.push(name) === Number(env.KILL_AT)) {
      if (bytes && env.KILL_HALF) half(this, bytes, args[3]);
      kill();
    }
    if (bytes && env.FULL_WHILE && fs.existsSync(env.FULL_WHILE)) {
      half(this, bytes, args[3]);
      throw failure("ENOSPC", "write");
    }
    const [failing, code] = (env.FAIL ?? "").split(":");
    if (failing === name && (!env.FAIL_IN || String(args[0]).includes(env.FAIL_IN))) {
      const two = ["rename", "link", "copyFile"].includes(name);
      throw failure(code, name, isWrite ? undefined : String(args[0]), two ? String(args[1]) : undefined);
    }
    return real.apply(this, args);
  };
}
const handle = await files.open(process.execPath);
const prototype = Object.getPrototypeOf(handle);
await handle.close();
for (const name of ["open", "rename", "link", "rm", "mkdir", "copyFile", "readFile", "readdir", "stat", "truncate"]) wrap(files, name, false);
for (const name of ["write", "writeFile"]) wrap(prototype, name, true);
for (const name of ["sync", "close", "truncate"]) wrap(prototype, name, false);
syncBuiltinESMExports();
if (env.TELL_CALLS) process.on("exit", () => fs.writeSync(2, "calls: " + calls.join(" ") + "\\n"));
`;

/** Writes the module. @returns the options of node that load it */
export async function writePreload(): Promise<string> {
  const file = path.join(await mkdtemp(path.join(tmpdir(), "ufom-preload-")), "preload.mjs");
  await writeFile(file, source);
  return `--import=${file}`;
}
