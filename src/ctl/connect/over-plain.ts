/** The unencrypted transports: the Unix socket of this host, and HTTP. */
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { isLoopback } from "../hosts/named.ts";
import type { Peer } from "./over-http.ts";
import type { Target } from "./target.ts";

type Opener = Pick<Peer, "open" | "reason">;

export function openPlain(target: Target): Opener {
  const { host, port } = target;
  return { open: (signal) => dial({ host, port }, signal), reason: networkReason(target) };
}

export function openSocket(path: string): Opener {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: `it is not running (there is no ${path}); start it: systemctl start gitopper`,
    ECONNREFUSED: `it is not running (nothing listens at ${path}); start it: systemctl start gitopper`,
    EACCES: `you may not use ${path}; be root, or of the group that the config's [api] group names`,
  };
  return {
    open: (signal) => dial({ path }, signal),
    reason: (code, timedOutMs) =>
      reasons[code] ??
      (timedOutMs === null
        ? `what answers there is not gitopper (${code}); check what listens at ${path}`
        : `no answer in ${timedOutMs / 1000} s; see what it does: journalctl -u gitopper`),
  };
}

/** Connects; an abort at any time destroys the socket. */
function dial(to: NetConnectOpts, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...to, signal });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.removeListener("error", reject);
      resolve(socket);
    });
  });
}

/** Explains a network error. */
export function networkReason({ host }: Target): Peer["reason"] {
  return (code, timedOutMs) => {
    switch (code) {
      case "ECONNREFUSED":
        if (isLoopback(host))
          return "it is not running on this host, or its -a has another port; start it: systemctl start gitopper";
        return "connection refused; check that it runs there, and that its -a is an address that can be reached from here";
      case "ETIMEDOUT":
        return `no answer${timedOutMs === null ? "" : ` in ${timedOutMs / 1000} s`}; check the host, the port, and the firewalls between`;
      case "ENOTFOUND":
      case "EAI_AGAIN":
        return `there is no address for "${host}"; check the name`;
      case "EHOSTUNREACH":
      case "ENETUNREACH":
        return "there is no way to the host; check that it is up, and the network";
      default:
        return code === "ECONNRESET"
          ? "it hangs up; check the port, and go to a port of HTTPS with --via https"
          : "what answers there is not gitopper; check the port, and go to a port of SSH with --via ssh";
    }
  };
}
