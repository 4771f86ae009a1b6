import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { published } from "../../cli/src/datasets/published.js";
import { FileServer } from "../support/file-server.js";
import { greyPng } from "../support/pictures.js";
import { needsSharedData, sharedData } from "../support/shared-data.js";
import { InstalledCommand, type Ended } from "./command.js";
import { writePreload } from "./preload.js";

let command: InstalledCommand;
let preload: string;
beforeAll(async () => {
  command = await InstalledCommand.make();
  preload = await writePreload();
});
afterAll(() => command.remove());

/** A project, and the environment in which its data lie below it. */
async function own(): Promise<{ project: string; env: NodeJS.ProcessEnv; data: string }> {
  const project = await command.project();
  const data = path.join(project, "data");
  return { project, data, env: { UFOM_DATA: data, XDG_CACHE_HOME: path.join(project, "cache") } };
}

function sentenceOf({ stderr }: Ended): string {
  const last = stderr.trimEnd().split("\n").at(-1)!;
  expect(stderr).not.toMatch(/should not have happened|^\s+at |node:internal/m);
  expect(last).toMatch(/^ufom: /);
  return last;
}

describe("ufom data", () => {
  it("without a name lists what there is and what is here", async () => {
    const { project, env, data } = await own();
    const { code, stdout } = await command.callWith(env, project, ["data", "--json"]);
    const listed = JSON.parse(stdout) as {
      folder: string;
      sets: { name: string; here: boolean; bytes?: number; files: { url: string; sha256: string }[] }[];
    };
    expect([code, listed.folder]).toEqual([0, data]);
    expect(listed.sets.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["omniglot", "omniglot-964", "omniglot-small", "cifar100", "mini-imagenet", "mnist", "fashion-mnist"]),
    );
    expect(listed.sets.find(({ name }) => name === "omniglot")).toMatchObject({ here: false, bytes: 15_927_098 });
    for (const { files } of listed.sets)
      for (const { url, sha256 } of files)
        expect([url, sha256]).toEqual([expect.stringMatching(/^https?:/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
    const people = await command.callWith(env, project, ["data"]);
    expect(people.stdout).toMatch(/omniglot +no +15\.9 MB/);
    expect(people.stdout).toMatch(/mini-imagenet +no +--from/);
  });

  it.each<[string[], RegExp]>([
    [["omniglott"], /^ufom: there is no data set named "omniglott" \(did you mean omniglot\?\); there is omniglot, /],
    [["--from", "x"], /^ufom: --from needs the NAME of a data set before it/],
    [["omniglot", "--from", ""], /^ufom: --from must be the name of a folder; received ""\.$/],
    [["omniglot", "--from", "none"], /^ufom: --from must name a file or a folder; there is no none\.$/],
    [["mini-imagenet"], /^ufom: mini-imagenet is not in \S+: there is no official archive .* ufom data mini-imagenet --from FOLDER$/],
    [
      ["mini-imagenet", "--from", "none"],
      /^ufom: --from must name a folder for mini-imagenet; received "none": there is no official archive/,
    ],
    [
      ["omniglot-964"],
      /^ufom: omniglot needs \S+ and \S+ in \S+, where they are not; get them with: ufom data omniglot-964 --from FOLDER$/,
    ],
  ])("%j is answered with a sentence", async (args, sentence) => {
    const { project, env } = await own();
    const ended = await command.callWith(env, project, ["data", ...args]);
    expect([ended.code, sentenceOf(ended)]).toEqual([2, expect.stringMatching(sentence)]);
    expect(await readdir(project)).toEqual([]);
  });

  it("offline says what to do", async () => {
    const { project, env } = await own();
    const ended = await command.callWith({ ...env, UFOM_MIRROR: "http://127.0.0.1:9/m" }, project, ["data", "fashion-mnist"]);
    expect([ended.code, sentenceOf(ended)]).toEqual([
      1,
      expect.stringMatching(
        /^ufom: http:\/\/127\.0\.0\.1:9\/m\/train-images-idx3-ubyte\.gz cannot be fetched: .*; or fetch it elsewhere, and give it with --from FILE or put it in data\/fashion-mnist\.$/,
      ),
    ]);
    const wrong = await command.callWith({ ...env, UFOM_MIRROR: "ftp://x" }, project, ["data", "fashion-mnist"]);
    expect([wrong.code, sentenceOf(wrong)]).toEqual([
      2,
      'ufom: UFOM_MIRROR must be an address that begins with http:// or https://; received "ftp://x".',
    ]);
  });

  it("mini-imagenet is noted where it lies, when it is what it should be", async () => {
    const { project, env, data } = await own();
    const folder = path.join(project, "mini");
    for (const name of ["train/a", "val/b"]) {
      await mkdir(path.join(folder, name), { recursive: true });
      await writeFile(
        path.join(folder, name, "1.png"),
        greyPng(10, 10, x => 20 * x),
      );
    }
    const args = ["data", "mini-imagenet", "--from", "mini"];
    const refused = await command.callWith(env, project, args);
    expect([refused.code, sentenceOf(refused)]).toEqual([
      2,
      expect.stringMatching(/must hold the folders train, val, test .*; there is no test\.$/),
    ]);
    expect(existsSync(data)).toBe(false);
    await cp(path.join(folder, "val"), path.join(folder, "test"), { recursive: true });
    expect((await command.callWith(env, project, args)).code).toBe(0);
    expect(JSON.parse(await readFile(path.join(data, "mini-imagenet.json"), "utf8"))).toEqual({ from: folder });
    const { stdout } = await command.callWith(env, project, ["data", "mini-imagenet", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ folder, parts: { train: { n: 1, classes: [1] }, val: { n: 1 }, test: { n: 1 } } });
  });
});

describe.skipIf(sharedData === undefined)(`with Omniglot's small archives ${needsSharedData}`, () => {
  const names = published["omniglot-small"].map(({ name }) => name);
  const archives = () => path.join(sharedData!, "omniglot");
  const filesOf = async () =>
    Object.fromEntries(await Promise.all(names.map(async name => [name, await readFile(path.join(archives(), name))] as const)));
  const args = ["data", "omniglot-small", "--json"];
  const checked = { parts: { background: { n: 242 * 20 } }, files: names.map(file => ({ file })) };

  it("are fetched, checked and read; Ctrl-C leaves a part that is gone on with", async () => {
    const { project, env, data } = await own();
    const server = await FileServer.start({ files: await filesOf(), slowly: 400_000 });
    try {
      const withMirror = { ...env, UFOM_MIRROR: server.address };
      let pressed = false;
      const stopped = await command.start(
        project,
        args,
        (stderr, child) => {
          if (!pressed && /zip: [1-9]/.test(stderr)) pressed = child.kill("SIGINT");
        },
        withMirror,
      );
      expect([stopped.code, sentenceOf(stopped)]).toEqual([
        1,
        expect.stringMatching(
          /^ufom: images_background_small1\.zip was not fetched whole: it was stopped \(.* of 1\.32 MB are kept, and the same command/,
        ),
      ]);
      expect(JSON.parse(stopped.stdout)).toEqual({ error: sentenceOf(stopped) });
      expect(await readdir(path.join(data, "omniglot"))).toEqual([`${names[0]}.part`]);
      server.behaviour = { files: await filesOf() };
      const done = await command.start(project, args, undefined, withMirror);
      expect([done.code, JSON.parse(done.stdout)]).toEqual([0, expect.objectContaining({ name: "omniglot-small" })]);
      expect(JSON.parse(done.stdout)).toMatchObject(checked);
      expect(server.asked).toEqual([names[0], expect.stringMatching(/small1\.zip bytes=\d+-$/), names[1]]);
      expect((await readdir(path.join(data, "omniglot"))).sort()).toEqual(names);
    } finally {
      await server.stop();
    }
  });

  it("are taken from a file or a folder; what is missing is told", async () => {
    const { project, env, data } = await own();
    const one = await command.callWith(env, project, [...args, "--from", path.join(archives(), names[1])]);
    expect([one.code, JSON.parse(one.stdout)]).toEqual([
      0,
      { name: "omniglot-small", folder: path.join(data, "omniglot"), missing: [names[0]] },
    ]);
    const all = await command.callWith(env, project, [...args, "--from", sharedData!]);
    expect([all.code, JSON.parse(all.stdout)]).toEqual([0, expect.objectContaining({ licence: "MIT" })]);
    expect(JSON.parse(all.stdout)).toMatchObject(checked);
    await truncate(path.join(data, "omniglot", names[0]), 1000);
    const damaged = await command.callWith(env, project, args);
    expect([damaged.code, sentenceOf(damaged)]).toEqual([
      2,
      "ufom: data/omniglot/images_background_small1.zip must be the file as it was published; received 1000 bytes in place of 1319022: remove it to fetch it anew.",
    ]);
  });

  it("omniglot takes what a folder has of the smaller sets where the whole one is not in it, and tells which", async () => {
    const { project, env, data } = await own();
    const taken = await command.callWith(env, project, ["data", "omniglot", "--from", archives(), "--json"]);
    expect([taken.code, JSON.parse(taken.stdout)]).toEqual([0, expect.objectContaining({ name: "omniglot-small" })]);
    expect(taken.stderr).toMatch(/has omniglot-small, 242 characters of 8 alphabets: .*: that is taken\.$/m);
    expect((await readdir(path.join(data, "omniglot"))).sort()).toEqual(expect.arrayContaining(names));
  });

  it("a full disk is told, and no file is there in part under its name", async () => {
    const { project, env, data } = await own();
    const server = await FileServer.start({ files: await filesOf() });
    try {
      const flag = path.join(project, "full");
      await writeFile(flag, "");
      const full = { ...env, UFOM_MIRROR: server.address, NODE_OPTIONS: preload, FULL_WHILE: flag };
      const ended = await command.start(project, args, undefined, full);
      expect([ended.code, sentenceOf(ended)]).toEqual([
        1,
        expect.stringMatching(
          /^ufom: data\/omniglot\/images_background_small1\.zip\.part cannot be written: the disk is full \(ENOSPC\)( \(.* are kept, and the same command goes on from there\))?\.$/,
        ),
      ]);
      expect(await readdir(path.join(data, "omniglot"))).toEqual([`${names[0]}.part`]);
      const copied = await command.start(project, [...args, "--from", archives()], undefined, {
        ...env,
        NODE_OPTIONS: preload,
        FAIL: "copyFile:ENOSPC",
      });
      expect([copied.code, sentenceOf(copied)]).toEqual([2, expect.stringMatching(/cannot be written: the disk is full \(ENOSPC\)\.$/)]);
      expect(await readdir(path.join(data, "omniglot"))).toEqual([`${names[0]}.part`]);
      // Decoded images that find no room are told and used all the same.
      const { stderr, stdout, code } = await command.start(project, args, undefined, {
        UFOM_DATA: sharedData!,
        XDG_CACHE_HOME: path.join(project, "other"),
        NODE_OPTIONS: preload,
        FULL_WHILE: flag,
      });
      expect(stderr).toContain("The decoded images are not kept for the next start: ");
      expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ name: "omniglot-small" })]);
      expect(await readdir(path.join(project, "other/ufom/decoded"))).toEqual([]);
    } finally {
      await server.stop();
    }
  });
});
