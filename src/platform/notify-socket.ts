/** Sends datagrams to systemd's Unix socket (sd_notify(3)), which node itself cannot. */
import { closeSync } from "node:fs";
import { openCLibrary } from "./c-library.ts";

/** Sends the lines in one message; false: it was not accepted. */
export type SendNotification = (lines: readonly string[]) => boolean;

const symbols = {
  socket: { arguments: ["i32", "i32", "i32"], return: "i32" },
  sendto: { arguments: ["i32", "pointer", "u64", "i32", "pointer", "u32"], return: "i64" },
} as const;
// From <sys/socket.h> and <sys/un.h>.
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const pathMaxBytes = 107;

/** `address` is as in NOTIFY_SOCKET. Null: not possible for this kind of socket, or with this node. */
export function findNotifySocket(address: string): SendNotification | null {
  if (!/^[/@]/.test(address) || Buffer.byteLength(address) > pathMaxBytes) return null;
  const library = openCLibrary(symbols);
  if (library === null) return null;
  const { socket, sendto } = library.functions;
  const to = socketAddress(address);
  return (lines) => {
    const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    try {
      const data = Buffer.from(lines.join("\n"));
      const sent = sendto(fd, data, BigInt(data.length), MSG_DONTWAIT | MSG_NOSIGNAL, to, to.length);
      return sent === BigInt(data.length);
    } finally {
      closeSync(fd);
    }
  };
}

/** `struct sockaddr_un`; a leading `@` stands for the null byte of an abstract name (unix(7)). */
function socketAddress(address: string): Buffer {
  const family = Buffer.from(new Uint16Array([AF_UNIX]).buffer);
  return Buffer.concat([family, Buffer.from(address.replace(/^@/, "\0"))]);
}
