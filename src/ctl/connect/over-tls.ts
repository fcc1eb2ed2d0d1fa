/** The HTTPS transport: trusts certificates of the system's CAs, and otherwise the first certificate seen. */
import { once } from "node:events";
import { isIP } from "node:net";
import { addAbortSignal } from "node:stream";
import type { TLSSocket } from "node:tls";
import { fingerprintOf } from "../../model/fingerprint.ts";
import { Failure } from "../failure.ts";
import { renderNamed } from "../hosts/named.ts";
import type { CertificateStore, Target } from "./connection.ts";
import { checkPin } from "./known-hosts.ts";
import type { Peer } from "./over-http.ts";
import { networkReason } from "./over-plain.ts";

export function openTls(target: Target, certificates: CertificateStore): Pick<Peer, "open" | "reason"> {
  const network = networkReason(target.host);
  return {
    open: async (signal, connected) => {
      const socket = await dial(target, signal, connected);
      try {
        if (!socket.authorized)
          await checkPin({ at: renderNamed(target), shows: shownBy(socket) }, certificates);
        return socket;
      } catch (error) {
        socket.destroy();
        throw error;
      }
    },
    reason: (code, late) =>
      code === "EPROTO" || code.startsWith("ERR_SSL_")
        ? "what answers there does not speak TLS; check the port (usually 8000)"
        : network(code, late),
  };
}

/** The handshake is done, and nothing was sent; `authorized` includes the right name. */
async function dial({ host, port }: Target, signal: AbortSignal, connected: () => void): Promise<TLSSocket> {
  const { connect, getCACertificates } = await import("node:tls");
  signal.throwIfAborted();
  const socket = connect({
    host,
    port,
    ...(isIP(host) === 0 && { servername: host }),
    ca: [...getCACertificates("default"), ...getCACertificates("system")],
    minVersion: "TLSv1.2",
    // Checked right after: by CA or by known certificate.
    rejectUnauthorized: false,
  });
  addAbortSignal(signal, socket);
  socket.once("connect", connected);
  await once(socket, "secureConnect");
  return socket;
}

/** The fingerprint of the certificate. */
function shownBy(socket: TLSSocket): string {
  const raw = socket.getPeerX509Certificate()?.raw;
  if (raw === undefined)
    throw new Failure("Cannot trust the other side: it shows no certificate; check the port");
  return fingerprintOf(raw);
}
