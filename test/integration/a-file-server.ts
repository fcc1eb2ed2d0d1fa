/** Serves a directory like a plain web server: git treats it as a dumb server. */
import { once } from "node:events";
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll } from "vitest";

/** Returns its URL. */
export async function serveFiles(directory: string): Promise<string> {
  const server = createServer((request, response) => {
    const path = join(directory, new URL(request.url ?? "/", "http://x").pathname);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) createReadStream(path).pipe(response);
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
