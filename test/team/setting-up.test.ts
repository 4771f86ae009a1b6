// A thread that is ended while it sets itself up: what loads a library may not be interrupted, or the whole process ends.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Order } from "../../src/team/threads/messages.js";
import { startThread } from "../../src/team/threads/spawn.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "ufom-setting-up-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A thread that takes a while to set itself up, and writes down how far it came. */
const source = (file: string): string => `
  const { parentPort } = require("node:worker_threads"), { appendFileSync } = require("node:fs");
  process.on("exit", () => appendFileSync(${JSON.stringify(file)}, "ended "));
  parentPort.on("message", () => {
    appendFileSync(${JSON.stringify(file)}, "begun ");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    appendFileSync(${JSON.stringify(file)}, "ready ");
    parentPort.postMessage({ kind: "ready" });
    setInterval(() => {}, 1000);
  });
`;

const until = async (file: string, text: string): Promise<string> => {
  for (;;) {
    const found = await readFile(file, "utf8").catch(() => "");
    if (found.includes(text)) return found;
    await sleep(5);
  }
};

it("is ended when that is done, and nothing is heard of it", async () => {
  const file = path.join(folder, "slow"),
    heard: unknown[] = [],
    thread = startThread(source(file), { answer: answer => heard.push(answer), ended: why => heard.push(why) });
  thread.post({ kind: "setup" } as Order);
  await until(file, "begun");
  thread.kill();
  expect(await until(file, "ready")).toBe("begun ready ");
  // Ended from outside, it writes nothing more.
  await sleep(50);
  expect(heard).toEqual([]);
});

it("is ended at once when it is ready", async () => {
  const file = path.join(folder, "ready"),
    heard: unknown[] = [],
    ready = new Promise<void>(resolve => {
      const thread = startThread(source(file), {
        answer: answer => {
          heard.push(answer);
          thread.kill();
          resolve();
        },
        ended: why => heard.push(why),
      });
      thread.post({ kind: "setup" } as Order);
    });
  await ready;
  await sleep(50);
  expect(heard).toEqual([{ kind: "ready" }]);
});
