import { describe, expect, test } from "vitest";
import type { Transport } from "../connect/connection.ts";
import type { HostEntry } from "./config-file.ts";
import { parseNamed } from "./named.ts";
import { resolveTransport, type TransportQuery } from "./resolve.ts";

const noEntry: HostEntry = {};

interface Case {
  readonly entry?: Partial<HostEntry>;
  readonly via?: TransportQuery["flags"]["via"];
  readonly identity?: string;
  readonly token?: string;
  readonly env?: string;
  readonly socket?: boolean;
}

function resolve(host: string, { entry, via, identity, token, env, socket }: Case): Transport {
  return resolveTransport({
    named: host === "" ? null : parseNamed(host),
    entry: entry === undefined ? null : { ...noEntry, ...entry },
    flags: { via: via ?? null, identity: identity ?? null, token: token ?? null },
    env: { GITOPPER_TOKEN: env },
    home: "/home/ann",
    hostname: "desk.example.org",
    files: { isUsableSocket: () => socket ?? false, read: (path) => `token-of:${path}` },
  });
}

/** `via host:port`, with identity or token. */
function tell(transport: Transport): string {
  if (transport.via === "socket") return `socket ${transport.path}`;
  const credential = transport.via === "ssh" ? transport.identity : transport.token;
  return `${transport.via} ${transport.host} ${transport.port}${credential === null ? "" : ` ${credential}`}`;
}

describe("the way", () => {
  const key = { identity: "~/.ssh/ops" };
  const file = { token_file: "~/ci.token" };
  test.each<[string, Case, string]>([
    ["", { socket: true }, "socket /run/gitopper/gitopper.sock"],
    ["", {}, "http localhost 8000"],
    ["", { socket: true, via: "http" }, "http localhost 8000"],
    ["", { socket: true, token: "t" }, "https localhost 8000 t"],
    ["", { socket: true, env: "t" }, "socket /run/gitopper/gitopper.sock"],
    ["desk", { socket: true }, "socket /run/gitopper/gitopper.sock"],
    ["Desk.example.org", { socket: true, env: "t" }, "socket /run/gitopper/gitopper.sock"],
    ["desk", { socket: true, via: "socket" }, "socket /run/gitopper/gitopper.sock"],
    ["desk", {}, "http localhost 8000"],
    ["desk.example.com", { socket: true }, "ssh desk.example.com 2222"],
    ["desk:2222", { socket: true }, "ssh desk 2222"],
    ["desk", { socket: true, via: "ssh" }, "ssh desk 2222"],
    ["desk", { socket: true, identity: "k" }, "ssh desk 2222 k"],
    ["desk", { socket: true, token: "t" }, "https desk 8000 t"],
    ["desk", { socket: true, entry: { via: "https" }, env: "t" }, "https desk 8000 t"],
    ["localhost", { socket: true }, "http localhost 8000"],
    ["127.0.0.2:81", {}, "http 127.0.0.2 81"],
    ["[::1]", {}, "http ::1 8000"],
    ["web1", {}, "ssh web1 2222"],
    ["web1:22", {}, "ssh web1 22"],
    ["web1", { identity: "k" }, "ssh web1 2222 k"],
    ["localhost", { identity: "k" }, "ssh localhost 2222 k"],
    ["web1", { token: "t" }, "https web1 8000 t"],
    ["web1", { env: "t" }, "https web1 8000 t"],
    ["web1", { env: "t", via: "ssh" }, "ssh web1 2222"],
    ["web1", { env: "t", via: "http" }, "http web1 8000"],
    ["localhost", { env: "t" }, "http localhost 8000"],
    ["web1", { via: "https" }, "https web1 8000"],
    ["web1", { entry: {} }, "ssh web1 2222"],
    ["web1", { entry: { address: "web1.example.org:8443", via: "https" } }, "https web1.example.org 8443"],
    ["web1:99", { entry: { address: "web1.example.org:8443", via: "https" } }, "https web1.example.org 99"],
    ["web1", { entry: key }, "ssh web1 2222 /home/ann/.ssh/ops"],
    ["web1", { entry: key, env: "t" }, "ssh web1 2222 /home/ann/.ssh/ops"],
    ["web1", { entry: key, identity: "k" }, "ssh web1 2222 k"],
    ["web1", { entry: key, token: "t" }, "https web1 8000 t"],
    ["web1", { entry: file }, "https web1 8000 token-of:/home/ann/ci.token"],
    ["web1", { entry: file, token: "t" }, "https web1 8000 t"],
    ["web1", { entry: { via: "https" }, env: "t" }, "https web1 8000 t"],
    ["web1", { entry: { via: "socket", address: "/run/x.sock" } }, "socket /run/x.sock"],
    ["web1", { entry: { via: "socket", address: "/run/x.sock" }, via: "ssh" }, "ssh web1 2222"],
    ["web1", { entry: { address: "localhost:8001" } }, "http localhost 8001"],
  ])("@%s %j", (host, given, transport) => {
    expect(tell(resolve(host, given))).toBe(transport);
  });
});

describe("what makes no sense is refused", () => {
  test.each<[string, Case, string]>([
    ["web1", { identity: "k", token: "t" }, "give one of them"],
    ["web1", { identity: "k", via: "https" }, "not for --via https"],
    ["web1", { token: "t", via: "ssh" }, "not for --via ssh"],
    ["web1", { token: "" }, "the --token is empty"],
    ["web1", { via: "socket" }, "the socket is this host's"],
  ])("@%s %j", (host, given, message) => {
    expect(() => resolve(host, given)).toThrow(message);
  });

  test.each<[Case]>([[{ token: "t", via: "http" }], [{ entry: { via: "http", token_file: "f" } }]])(
    "a token is never sent over plain http to another host: %j",
    (given) => {
      expect(() => resolve("web1", given)).toThrow("A token would be readable on the way to web1");
    },
  );
});
