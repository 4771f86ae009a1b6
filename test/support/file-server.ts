import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How a server behaves that has files to give. */
export interface Behaviour {
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Whether it goes on from where a part ends. */
  readonly ranges?: boolean;
  /** After how many bytes each answer's connection is cut. */
  readonly cutAfter?: number;
  /** Bytes a tenth of a second, so that there is time to do something meanwhile. */
  readonly slowly?: number;
  /** Answers so, for all or for the first requests. */
  readonly status?: number | ((request: number) => number | undefined);
  /** Says how long the file is. */
  readonly saysLength?: boolean;
}

/** A server on this machine, and what it was asked for: the name, and the range if one was given. */
export class FileServer {
  readonly asked: string[] = [];
  readonly #server;

  private constructor(behaviour: Behaviour) {
    this.#server = createServer((request, response) => void this.#answer(request, response, this.behaviour));
    this.behaviour = behaviour;
  }

  behaviour: Behaviour;

  static async start(behaviour: Behaviour): Promise<FileServer> {
    const made = new FileServer(behaviour);
    await new Promise<void>(done => made.#server.listen(0, "127.0.0.1", done));
    return made;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise(done => this.#server.close(() => done()));
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    { files, ranges = true, cutAfter, slowly, status, saysLength = true }: Behaviour,
  ) {
    const name = request.url!.slice(1);
    const { range } = request.headers;
    this.asked.push(range === undefined ? name : `${name} ${range}`);
    const said = typeof status === "function" ? status(this.asked.length) : status;
    const file = files[name];
    if (said !== undefined || file === undefined) {
      response.writeHead(said ?? 404).end("no file, but these words");
      return;
    }
    const from = ranges && range !== undefined ? Number(/^bytes=(\d+)-$/.exec(range)![1]) : 0;
    if (from >= file.length && from > 0) {
      response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
      return;
    }
    const body = file.subarray(from);
    const length = saysLength ? { "content-length": body.length } : {};
    if (ranges && range !== undefined)
      response.writeHead(206, { ...length, "content-range": `bytes ${from}-${file.length - 1}/${file.length}` });
    else response.writeHead(200, length);
    if (slowly !== undefined) {
      for (let at = 0; at < body.length && !response.destroyed; at += slowly) {
        response.write(body.subarray(at, at + slowly));
        await new Promise(done => setTimeout(done, 100));
      }
      response.end();
    } else if (cutAfter !== undefined && cutAfter < body.length) {
      response.write(body.subarray(0, cutAfter), () => setTimeout(() => (saysLength ? response.destroy() : response.end()), 20));
    } else response.end(body);
  }
}
