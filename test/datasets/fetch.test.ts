import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { download } from "../../cli/src/datasets/fetch/download.js";
import { take } from "../../cli/src/datasets/fetch/take.js";
import { FailedError, UsageError } from "../../cli/src/failure.js";
import { stream } from "../../src/core/random/index.js";
import { FileServer, type Behaviour } from "../support/file-server.js";

const content = Buffer.from(Uint8Array.from(stream(1, "file").uniform([200_000], 0, 256).data, Math.floor));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let folder: string;
let target: string;
let server: FileServer | undefined;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "ufom-fetch-"));
  target = path.join(folder, "set/file.zip");
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
const serve = async (behaviour: Omit<Behaviour, "files"> & Partial<Pick<Behaviour, "files">> = {}): Promise<FileServer> =>
  (server = await FileServer.start({ files: { "file.zip": content }, ...behaviour }));

const published = (address: string) => ({ name: "file.zip", url: `${address}/file.zip`, bytes: content.length, sha256: sha256(content) });
const pauses: number[] = [];
const get = (address: string, more: { signal?: AbortSignal; there?: (bytes: number) => void } = {}) =>
  download(published(address), target, { pause: async milliseconds => void pauses.push(milliseconds), ...more });
const there = () => readdir(path.join(folder, "set")).catch(() => [] as string[]);
const part = () => path.join(folder, "set/file.zip.part");

describe("download", () => {
  it("fetches a file, tells how much is there, and leaves nothing else", async () => {
    const { address, asked } = await serve();
    const told: number[] = [];
    await get(address, { there: bytes => void told.push(bytes) });
    expect(Buffer.compare(await readFile(target), content)).toBe(0);
    expect([await there(), asked, told.at(-1)]).toEqual([["file.zip"], ["file.zip"], content.length]);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it("goes on from a part that an earlier call left", async () => {
    const { address, asked } = await serve();
    await mkdir(path.dirname(target));
    await writeFile(part(), content.subarray(0, 150_000));
    await get(address);
    expect([await there(), asked]).toEqual([["file.zip"], ["file.zip bytes=150000-"]]);
    expect(Buffer.compare(await readFile(target), content)).toBe(0);
  });

  it.each([true, false])("goes on when the connection is cut, as long as more comes (the server says the length: %s)", async saysLength => {
    const { address, asked } = await serve({ cutAfter: 30_000, saysLength });
    await get(address);
    expect(Buffer.compare(await readFile(target), content)).toBe(0);
    expect(asked).toEqual(["file.zip", ...[1, 2, 3, 4, 5, 6].map(i => `file.zip bytes=${i * 30_000}-`)]);
  });

  it("begins again where the server knows no parts", async () => {
    const { address, asked } = await serve({ ranges: false });
    await mkdir(path.dirname(target));
    await writeFile(part(), content.subarray(0, 150_000));
    await get(address);
    expect(Buffer.compare(await readFile(target), content)).toBe(0);
    expect(asked).toEqual(["file.zip bytes=150000-"]);
  });

  it("asks again where the server says that it is busy, and not for ever", async () => {
    const { address, asked } = await serve({ status: request => (request < 3 ? 503 : undefined) });
    pauses.length = 0;
    await get(address);
    expect([asked.length, pauses]).toEqual([3, [1000, 2000]]);
    server!.behaviour = { files: {}, status: 500 };
    target = path.join(folder, "set/other.zip");
    await expect(get(address)).rejects.toThrow(/cannot be fetched: the server answered 500 Internal Server Error; or fetch it elsewhere/);
    expect(asked.length).toBe(7);
  });

  it("a file of another content is refused and removed, and fetched anew by the next call", async () => {
    const other = Buffer.from(content);
    other[77] ^= 1;
    const { address } = await serve({ files: { "file.zip": other } });
    await expect(get(address)).rejects.toThrow(
      `ufom: ${address}/file.zip must be the file as it was published; received SHA-256 ${sha256(other)} in place of ${sha256(content)}, which was removed.`,
    );
    expect(await there()).toEqual([]);
    server!.behaviour = { files: { "file.zip": content } };
    await get(address);
    expect(await there()).toEqual(["file.zip"]);
  });

  it("a part of another file is found out, and a longer file as soon as it is", async () => {
    const { address } = await serve();
    await mkdir(path.dirname(target));
    await writeFile(part(), new Uint8Array(150_000));
    await expect(get(address)).rejects.toThrow(/must be the file as it was published; received SHA-256 .* which was removed\.$/);
    expect(await there()).toEqual([]);
    await writeFile(part(), new Uint8Array(250_000));
    await expect(get(address)).rejects.toThrow(/received 250000 bytes in place of 200000, which was removed\.$/);
    server!.behaviour = { files: { "file.zip": Buffer.concat([content, content]) } };
    await expect(get(address)).rejects.toThrow(
      /more came than the 200000 bytes of the published file, so that it is another; or fetch it elsewhere/,
    );
    expect(await there()).toEqual(["file.zip.part"]);
    expect((await readFile(part())).length).toBe(0);
  });

  it("a server that has not the file is told in one sentence with what to do then", async () => {
    const { address, asked } = await serve({ files: {} });
    const refused = await get(address).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(FailedError);
    expect((refused as Error).message).toBe(
      `ufom: ${address}/file.zip cannot be fetched: the server answered 404 Not Found; or fetch it elsewhere, and give it with --from FILE or put it in ${path.dirname(target)}.`,
    );
    expect([asked.length, await there()]).toEqual([1, []]);
  });

  it("so is a machine that is offline, and one that cuts every connection, with what is kept", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await new Promise(done => closed.once("listening", done));
    const { port } = closed.address() as AddressInfo;
    await new Promise(done => closed.close(done));
    await expect(get(`http://127.0.0.1:${port}`)).rejects.toThrow(
      /cannot be fetched: the connection was refused \(ECONNREFUSED\); or fetch it elsewhere/,
    );
    const { address } = await serve({ cutAfter: 0 });
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(part(), content.subarray(0, 150_000));
    await expect(get(address)).rejects.toThrow(
      /\/file\.zip cannot be fetched: the connection was cut \(\w+\) \(150 kB of 200 kB are kept, and the same command goes on from there\); or fetch/,
    );
    expect((await readFile(part())).length).toBe(150_000);
  });

  it("two at once do each other no harm", async () => {
    const { address } = await serve({ slowly: 40_000 });
    await mkdir(path.dirname(target));
    await writeFile(part(), content.subarray(0, 50_000));
    await Promise.all([get(address), get(address)]);
    expect([Buffer.compare(await readFile(target), content), await there()]).toEqual([0, ["file.zip"]]);
  });

  it("can be stopped, and goes on from there", async () => {
    const { address, asked } = await serve({ slowly: 40_000 });
    const controller = new AbortController();
    const stopped = get(address, { signal: controller.signal, there: bytes => void (bytes >= 80_000 && controller.abort()) });
    await expect(stopped).rejects.toThrow(
      /^ufom: file\.zip was not fetched whole: it was stopped \(\d+ kB of 200 kB are kept, and the same command/,
    );
    const { length } = await readFile(part());
    expect(length).toBeGreaterThanOrEqual(80_000);
    server!.behaviour = { files: { "file.zip": content } };
    await get(address);
    expect(asked).toEqual(["file.zip", `file.zip bytes=${length}-`]);
    expect([Buffer.compare(await readFile(target), content), await there()]).toEqual([0, ["file.zip"]]);
  });
});

describe("take", () => {
  const known = { bytes: content.length, sha256: sha256(content) };
  const files = [{ name: "file.zip", known }, { name: "labels.gz" }];
  const into = () => path.join(folder, "set");
  const from = async (name: string, bytes: Uint8Array): Promise<string> => {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), bytes);
    return path.join(folder, name);
  };

  it("copies a file, known by its checksum whatever its name, or by its name", async () => {
    expect(await take(await from("downloads/renamed (1).zip", content), "set", files, into())).toEqual(["file.zip"]);
    expect(await take(await from("labels.gz", Buffer.from("x")), "set", files, into())).toEqual(["labels.gz"]);
    expect([await there(), Buffer.compare(await readFile(target), content)]).toEqual([["file.zip", "labels.gz"], 0]);
  });

  it("copies what a folder has, in it or in one of the set's name, and leaves what is in its place", async () => {
    await from("have/set/file.zip", content);
    expect(await take(path.join(folder, "have"), "set", files, into())).toEqual(["file.zip"]);
    expect(await take(into(), "set", files, into())).toEqual(["file.zip"]);
    expect(await there()).toEqual(["file.zip"]);
  });

  it("knows a gzip file that was packed again by what it holds", async () => {
    const [published, again] = [gzipSync(content, { level: 9 }), gzipSync(content, { level: 1 })];
    const packed = { bytes: published.length, sha256: sha256(published), unpacked: { sha256: sha256(content) } };
    const all = [{ name: "images.gz", known: packed }];
    expect(await take(await from("usr/images.gz", again), "set", all, into())).toEqual(["images.gz"]);
    const other = gzipSync(content.subarray(1), { level: 1 });
    await expect(take(await from("x/images.gz", other), "set", all, into())).rejects.toThrow(/must be the file as it was published/);
    await expect(take(await from("y/images.gz", again.subarray(0, 999)), "set", all, into())).rejects.toThrow(
      /received 999 bytes in place of/,
    );
  });

  it("refuses what is none of the files, or was changed, and leaves nothing", async () => {
    const names = "file.zip, labels.gz";
    await expect(take(path.join(folder, "none"), "set", files, into())).rejects.toThrow(
      /^ufom: --from must name a file or a folder; there is no \S+none\.$/,
    );
    await expect(take(await from("a.txt", Buffer.from("abc")), "set", files, into())).rejects.toThrow(
      new RegExp(`^ufom: --from must name one of ${names}; \\S+a\\.txt \\(3 bytes\\) is none of them\\.$`),
    );
    await mkdir(path.join(folder, "empty"));
    await expect(take(path.join(folder, "empty"), "set", files, into())).rejects.toThrow(
      /--from must name a folder with .*; \S+empty has none of them\.$/,
    );
    const changed = Buffer.from(content);
    changed[5] ^= 1;
    const refused = await take(await from("x/file.zip", changed), "set", files, into()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UsageError);
    expect((refused as Error).message).toMatch(
      /^ufom: \S+x\/file\.zip must be the file as it was published; received SHA-256 \w+ in place of \w+\.$/,
    );
    await expect(take(await from("y/file.zip", content.subarray(0, 9)), "set", files, into())).rejects.toThrow(
      "received 9 bytes in place of 200000.",
    );
    expect(await there()).toEqual([]);
  });
});
