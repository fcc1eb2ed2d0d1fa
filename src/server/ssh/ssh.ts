/** The SSH listener: callers authenticate with public keys, and each command is one request to the route table. */
import { createServer, type Server, type Socket } from "node:net";
import type { Algorithms, Connection, Server as SshServer } from "ssh2";
import type { Role } from "../../api/caller.ts";
import { findKey, type KnownKey } from "../../model/ssh-public-key.ts";
import { unmapped } from "../address.ts";
import type { Router } from "../dispatch.ts";
import { Connections } from "../http/connections.ts";
import type { Listener } from "../http/http.ts";
import type { FailedLogins } from "../identity/failed-logins.ts";
import { close, listen } from "../listen.ts";
import { acceptKey, announceSignatureAlgorithms } from "./algorithm-names.ts";
import { usage } from "./command.ts";
import { callerOf, judge } from "./login.ts";
import { end, runCommand } from "./run-command.ts";

export interface SshOptions {
  /** `host:port`, `:port` or `[::1]:port`. */
  readonly address: string;
  /** The flag that the address came from, for errors. */
  readonly flag: string;
  /** A private key in OpenSSH format. */
  readonly hostKey: string;
  /** The accepted keys; called at each login and each command. */
  readonly keys: () => readonly KnownKey[];
  readonly router: Router;
  readonly failedLogins: Pick<FailedLogins, "record" | "isLimited">;
  /** How long an unauthenticated connection may stay open. */
  readonly loginTimeoutMs?: number;
}

const loginTimeoutMs = 20_000;
const idleTimeoutMs = 60_000;
/** An endless stream is cut off after this time; its reader reconnects. */
const connectionMaxMs = 60 * 60_000;
const connectionsMax = { total: 200, each: 50 };
const channelsMax = { atOnce: 10, ever: 1_000 };
/** Login attempts on one connection; a peer with too many failures within a minute has one wrong attempt. */
const attemptsMax = { all: 30, wrong: 6 };

/** Sound, and cheap before authentication: no group exchange, no NIST curves, encrypt-then-MAC only. */
const algorithms: Algorithms = {
  kex: ["curve25519-sha256", "curve25519-sha256@libssh.org"],
  serverHostKey: ["ssh-ed25519"],
  cipher: ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr"],
  hmac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"],
  compress: ["none"],
};

/** A TCP connection, from before its first byte. */
interface OpenSocket {
  readonly socket: Socket;
  /** Lifts the login time-out, and protects the connection from eviction according to its role. */
  readonly onLogin: (role: Role) => void;
}

type OpenSockets = Map<string, OpenSocket>;

/**
 * Listens, and answers until it is closed.
 * @throws ListenFailure
 */
export async function serveSsh(options: SshOptions): Promise<Listener> {
  const { default: ssh2 } = await import("ssh2");
  const sockets: OpenSockets = new Map();
  const protocol = new ssh2.Server({ hostKeys: [options.hostKey], ident: "gitopper", algorithms });
  protocol.on("connection", (connection, { ip, port }) => {
    const open = sockets.get(keyOf(ip, port));
    announceSignatureAlgorithms(connection);
    if (open === undefined) connection.end();
    else authenticate(connection, { ...open, from: unmapped(ip), options });
  });
  const server = createTcpServer(protocol, sockets, options.loginTimeoutMs ?? loginTimeoutMs);
  const address = await listen(server, options.address, options.flag, options.router.log);
  const closeConnections = () => {
    for (const { socket } of sockets.values()) socket.destroy();
  };
  return { address, close: () => close(server, closeConnections) };
}

/** ssh2 identifies a connection only by its address. */
const keyOf = (ip: string | undefined, port: number | undefined) => `${ip} ${port}`;

/** Admits connections up to the limit, and closes those that do not log in. */
function createTcpServer(protocol: SshServer, sockets: OpenSockets, loginMs: number): Server {
  const connections = new Connections(connectionsMax);
  return createServer((socket) => {
    if (!connections.admit(socket)) return;
    const name = keyOf(socket.remoteAddress, socket.remotePort);
    const timer = setTimeout(() => socket.destroy(), loginMs);
    const onLogin = (role: Role) => {
      clearTimeout(timer);
      connections.setRole(socket, role);
    };
    sockets.set(name, { socket, onLogin });
    socket.once("close", () => {
      clearTimeout(timer);
      sockets.delete(name);
    });
    socket.setTimeout(idleTimeoutMs, () => socket.destroy());
    socket.setNoDelay(true);
    protocol.injectSocket(socket);
  });
}

interface Client extends OpenSocket {
  readonly from: string;
  readonly options: SshOptions;
}

function authenticate(connection: Connection, client: Client): void {
  const { options, from, onLogin } = client;
  const { failedLogins } = options;
  const attempts = { all: 0, wrong: 0 };
  let key: KnownKey | null = null;
  // ssh2 closes the connection itself; protocol errors of unknown peers are not logged.
  connection.on("error", () => {});
  connection.on("close", () => {
    if (key === null && attempts.wrong > 0) failedLogins.record("ssh", from);
  });
  connection.on("authentication", (attempt) => {
    const verdict = judge(attempt, options.keys());
    attempts.all++;
    if (verdict.is === "good") key = verdict.key;
    if (verdict.is === "wrong") attempts.wrong++;
    if (verdict.is === "good" || verdict.is === "sign first") acceptKey(attempt);
    else attempt.reject(["publickey"]);
    const wrongMax = failedLogins.isLimited(from) ? 1 : attemptsMax.wrong;
    if (key === null && (attempts.all >= attemptsMax.all || attempts.wrong >= wrongMax)) connection.end();
  });
  connection.on("ready", () => {
    if (key === null) return;
    onLogin(key.readOnly ? "read" : "operate");
    serveCommands(connection, key, client);
  });
}

/** Finds the key again for each command, so that a removed key loses access at once. */
function serveCommands(connection: Connection, key: KnownKey, { socket, options, from }: Client): void {
  const running = new Set<() => void>();
  let total = 0;
  const idle = setInterval(() => {
    if (running.size === 0) connection.end();
  }, idleTimeoutMs);
  const oldest = setTimeout(() => connection.end(), connectionMaxMs);
  connection.on("close", () => {
    clearInterval(idle);
    clearTimeout(oldest);
    for (const endCommand of running) endCommand();
  });
  connection.on("session", (accept, reject) => {
    if (running.size >= channelsMax.atOnce) return reject();
    const known = findKey(options.keys(), key);
    if (known === null || ++total > channelsMax.ever) return connection.end();
    const caller = callerOf(known, from);
    const gone = new AbortController();
    const endCommand = () => {
      running.delete(endCommand);
      gone.abort();
      idle.refresh();
    };
    running.add(endCommand);
    const session = accept().once("close", endCommand);
    session.once("shell", (open) => end({ channel: open() }, 1, usage));
    session.once("exec", (open, _refuse, { command }) => {
      const channel = open();
      channel.on("error", endCommand).once("close", endCommand);
      channel.stderr.on("error", endCommand);
      void runCommand(command, { channel, socket, caller, hungUp: gone.signal }, options.router);
    });
  });
}
