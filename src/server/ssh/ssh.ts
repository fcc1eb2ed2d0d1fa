/** The SSH door: public keys let callers in, and each command is one request to the route table. */
import { createServer, type Server, type Socket } from "node:net";
import type { Algorithms, Connection, Server as SshServer } from "ssh2";
import type { Role } from "../../api/caller.ts";
import { findKey, type KnownKey } from "../../model/ssh-public-key.ts";
import { unmapped } from "../address.ts";
import type { Desk } from "../dispatch.ts";
import { Connections } from "../http/connections.ts";
import type { Listener } from "../http/http.ts";
import type { FailedLogins } from "../identity/failed-logins.ts";
import { listen } from "../listen.ts";
import { acceptKey, tellSignatureAlgorithms } from "./algorithm-names.ts";
import { Patience } from "./auth-attempt-limiter.ts";
import { usage } from "./command.ts";
import { callerOf, judge } from "./login.ts";
import { end, runCommand } from "./run-command.ts";

export interface SshOptions {
  /** `host:port`, `:port` or `[::1]:port`. */
  readonly address: string;
  /** The flag that the address is from, for the message of an error. */
  readonly flag: string;
  /** A private key in OpenSSH's form. */
  readonly hostKey: string;
  /** Who may come in now; asked at each login. */
  readonly keys: () => readonly KnownKey[];
  readonly desk: Desk;
  readonly failedLogins: Pick<FailedLogins, "note">;
  /** How long a stranger may take. */
  readonly loginTimeoutMs?: number;
}

const loginTimeoutMs = 20_000;
const idleTimeoutMs = 60_000;
/** A stream that goes on for ever ends then, and its reader comes again. */
const connectionMaxMs = 60 * 60_000;
const closeMs = 1_000;
const connectionsMax = { total: 200, each: 50 };
const channelsMax = { atOnce: 10, ever: 1_000 };
/** Requests to log in on one connection. */
const triesMax = 30;

/** What is sound, and cheap enough for strangers: no group exchange, no NIST curves, encrypt-then-MAC alone. */
const algorithms: Algorithms = {
  kex: ["curve25519-sha256", "curve25519-sha256@libssh.org"],
  serverHostKey: ["ssh-ed25519"],
  cipher: ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr"],
  hmac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"],
  compress: ["none"],
};

/** A connection, from before its first byte. */
interface Arrival {
  readonly socket: Socket;
  /** It may stay longer than a stranger, and goes later where there are too many. */
  readonly loggedIn: (role: Role) => void;
}

type Arrivals = Map<string, Arrival>;

/**
 * Listens, and answers until it is closed.
 * @throws ListenFailure
 */
export async function serveSsh(options: SshOptions): Promise<Listener> {
  const { default: ssh2 } = await import("ssh2");
  const arrivals: Arrivals = new Map();
  const patience = new Patience(options.failedLogins);
  const protocol = new ssh2.Server({ hostKeys: [options.hostKey], ident: "gitopper", algorithms });
  protocol.on("connection", (connection, { ip, port }) => {
    const arrival = arrivals.get(nameOf(ip, port));
    tellSignatureAlgorithms(connection);
    if (arrival === undefined) connection.end();
    else welcome(connection, { ...arrival, from: unmapped(ip), options, patience });
  });
  const server = createDoor(protocol, arrivals, options.loginTimeoutMs ?? loginTimeoutMs);
  const address = await listen(server, options.address, options.flag, options.desk.log);
  return { address, close: () => close(server, arrivals) };
}

/** The library tells of a connection by its address alone. */
const nameOf = (ip: string | undefined, port: number | undefined) => `${ip} ${port}`;

/** Takes connections as long as there is room, and hangs up on those who do not log in. */
function createDoor(protocol: SshServer, arrivals: Arrivals, patienceMs: number): Server {
  const connections = new Connections(connectionsMax);
  return createServer((socket) => {
    if (!connections.admit(socket)) return;
    const name = nameOf(socket.remoteAddress, socket.remotePort);
    const timer = setTimeout(() => socket.destroy(), patienceMs);
    const loggedIn = (role: Role) => {
      clearTimeout(timer);
      connections.serve(socket, role);
    };
    arrivals.set(name, { socket, loggedIn });
    socket.once("close", () => {
      clearTimeout(timer);
      arrivals.delete(name);
    });
    socket.setTimeout(idleTimeoutMs, () => socket.destroy());
    socket.setNoDelay(true);
    protocol.injectSocket(socket);
  });
}

interface Visitor extends Arrival {
  readonly from: string;
  readonly options: SshOptions;
  readonly patience: Patience;
}

function welcome(connection: Connection, visitor: Visitor): void {
  const { options, from, patience, loggedIn } = visitor;
  const tries = { all: 0, wrong: 0 };
  let key: KnownKey | null = null;
  // The library ends the connection itself; what a stranger's bytes did wrong is nobody's news.
  connection.on("error", () => {});
  connection.on("close", () => {
    if (key === null && tries.wrong > 0) patience.disappointed(from);
  });
  connection.on("authentication", (attempt) => {
    const verdict = judge(attempt, options.keys());
    tries.all++;
    if (verdict.is === "good") key = verdict.key;
    if (verdict.is === "wrong") tries.wrong++;
    if (verdict.is === "good" || verdict.is === "sign first") acceptKey(attempt);
    else attempt.reject(["publickey"]);
    if (key === null && (tries.all >= triesMax || tries.wrong >= patience.wrongMaxFor(from)))
      connection.end();
  });
  connection.on("ready", () => {
    if (key === null) return;
    loggedIn(key.readOnly ? "read" : "operate");
    serveCommands(connection, key, visitor);
  });
}

/** The key is looked up anew for each command: one that was taken away in between has had its last. */
function serveCommands(connection: Connection, key: KnownKey, { socket, options, from }: Visitor): void {
  const running = new Set<() => void>();
  let ever = 0;
  const idle = setInterval(() => {
    if (running.size === 0) connection.end();
  }, idleTimeoutMs);
  const oldest = setTimeout(() => connection.end(), connectionMaxMs);
  connection.on("close", () => {
    clearInterval(idle);
    clearTimeout(oldest);
    for (const leave of running) leave();
  });
  connection.on("session", (accept, reject) => {
    if (running.size >= channelsMax.atOnce) return reject();
    const known = findKey(options.keys(), key);
    if (known === null || ++ever > channelsMax.ever) return connection.end();
    const caller = callerOf(known, from);
    const gone = new AbortController();
    const leave = () => {
      running.delete(leave);
      gone.abort();
      idle.refresh();
    };
    running.add(leave);
    const session = accept().once("close", leave);
    session.once("shell", (open) => end({ channel: open() }, 1, usage));
    session.once("exec", (open, _refuse, { command }) => {
      const channel = open();
      channel.on("error", leave).once("close", leave);
      channel.stderr.on("error", leave);
      void runCommand(command, { channel, socket, caller, hungUp: gone.signal }, options.desk);
    });
  });
}

/** Takes no new connections, and hangs up on everyone after a second. */
function close(server: Server, arrivals: Arrivals): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      for (const { socket } of arrivals.values()) socket.destroy();
    }, closeMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
