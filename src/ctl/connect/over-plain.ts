/** The unencrypted transports: the Unix socket of this host, and HTTP. */
import { once } from "node:events";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { isLoopback } from "../hosts/named.ts";
import type { Target } from "./connection.ts";
import type { Late, Peer } from "./over-http.ts";

type Opener = Pick<Peer, "open" | "reason">;

export function openPlain({ host, port }: Target): Opener {
  return {
    open: (signal, connected) => dial({ host, port }, signal, connected),
    reason: networkReason(host),
  };
}

export function openSocket(path: string): Opener {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: `it is not running (there is no ${path}); start it: systemctl start gitopper`,
    ECONNREFUSED: `it is not running (nothing listens at ${path}); start it: systemctl start gitopper`,
    EACCES: `you may not use ${path}; be root, or of the group that the config's [api] group names`,
  };
  return {
    open: (signal, connected) => dial({ path }, signal, connected),
    reason: (code, late) =>
      reasons[code] ??
      (late === null
        ? `what answers there is not gitopper (${code}); check what listens at ${path}`
        : `no answer in ${late.afterMs / 1000} s; see what it does: journalctl -u gitopper; --timeout gives it more time`),
  };
}

/** Connects; an abort at any time destroys the socket. */
async function dial(to: NetConnectOpts, signal: AbortSignal, connected: () => void): Promise<Socket> {
  const socket = connect({ ...to, signal });
  await once(socket, "connect");
  connected();
  return socket;
}

/** Explains a network error. */
export function networkReason(host: string): Peer["reason"] {
  const noAddress = `there is no address for "${host}"; check the name`;
  const noWay = "there is no way to the host; check that it is up, and the network";
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: isLoopback(host)
      ? "it is not running on this host, or its -a has another port; start it: systemctl start gitopper"
      : "connection refused; check that it runs there, and that its -a is an address that can be reached from here",
    ENOTFOUND: noAddress,
    EAI_AGAIN: noAddress,
    EHOSTUNREACH: noWay,
    ENETUNREACH: noWay,
    ECONNRESET: "it hangs up; check the port, and go to a port of HTTPS with --via https",
  };
  const other = "what answers there is not gitopper; check the port, and go to a port of SSH with --via ssh";
  return (code, late) => (code === "ETIMEDOUT" ? renderLate(late) : (reasons[code] ?? other));
}

/** Address and firewalls are in question only where no connection was accepted. */
function renderLate(late: Late | null): string {
  const time = late === null ? "" : ` in ${late.afterMs / 1000} s`;
  return late?.connected
    ? `it accepted the connection, but gave no answer${time}; check the port (usually 8000) and, on that host, journalctl -u gitopper; --timeout gives it more time`
    : `no answer${time}; check the host, the port, and the firewalls between`;
}
