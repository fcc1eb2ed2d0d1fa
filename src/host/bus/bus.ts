/** A connection to the system's D-Bus: calls whose results are ignored, and signals. */
import { connect, type Socket } from "node:net";
import { type Call, encodeCall, type Header, MessageReader, WireFailure } from "./dbus.ts";

/** The address of the system bus on Linux. */
export const systemBusPath = "/run/dbus/system_bus_socket";

/** One buffer for all reads; a buffer per read would be 64 KiB of garbage each. */
const readBytes = 8_192;
const authLineMaxBytes = 1_024;
/** For all calls before the first signal; systemd answers none while it reloads its units. */
const callsMax = 2_048;

/** A connection that the bus has greeted. */
export type Bus = Pick<Connection, "call" | "ended" | "close">;

export const theBus = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
} as const;

/** Connects as the current user. Ends on abort. @throws Error when the connection fails */
export async function connectBus(
  path: string,
  onSignal: (signal: Header) => void,
  signal: AbortSignal,
): Promise<Bus> {
  const connection = new Connection(path, signal, onSignal);
  await connection.greeting.promise;
  await connection.call({ ...theBus, member: "Hello" });
  return connection;
}

class Connection {
  /** Resolves with the reason when the connection has ended. */
  readonly ended: Promise<string>;
  readonly #socket: Socket;
  readonly #onSignal: (signal: Header) => void;
  readonly #reader = new MessageReader();
  /** Resolves when the bus has authenticated us. */
  readonly greeting = Promise.withResolvers<void>();
  readonly #calls = new Map<number, PromiseWithResolvers<Header>>();
  #greetingText: string | null = "";
  #why = "it hung up";
  #serial = 0;

  constructor(path: string, signal: AbortSignal, onSignal: (signal: Header) => void) {
    const callback = (bytes: number, buffer: Uint8Array) => {
      this.#take(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
      return true;
    };
    const socket = connect({ path, signal, onread: { buffer: Buffer.alloc(readBytes), callback } });
    this.#socket = socket;
    this.#onSignal = onSignal;
    // The caller still gets the rejection from this promise.
    this.greeting.promise.catch(() => {});
    this.ended = new Promise((resolve) => socket.once("close", () => resolve(this.#end())));
    socket.on("error", (error) => (this.#why = error.message));
    // EXTERNAL: the kernel tells the bus our uid.
    const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString("hex");
    socket.once("connect", () => socket.write(`\0AUTH EXTERNAL ${uid}\r\n`));
  }

  /** Rejects when the bus refuses the call or the connection ends. */
  call(call: Call): Promise<Header> {
    const waiter = Promise.withResolvers<Header>();
    if (this.#socket.destroyed) waiter.reject(new Error(this.#why));
    else if (this.#calls.size >= callsMax) waiter.reject(new Error("too many calls"));
    else {
      this.#serial += 1;
      this.#calls.set(this.#serial, waiter);
      this.#socket.write(encodeCall(this.#serial, call));
    }
    return waiter.promise;
  }

  close(why: string): void {
    this.#why = why;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    try {
      const rest = this.#greetingText === null ? chunk : this.#greet(this.#greetingText, chunk);
      for (const header of this.#reader.push(rest)) this.#onHeader(header);
    } catch (error) {
      if (!(error instanceof WireFailure)) throw error;
      this.close(`it sent ${error.message}`);
    }
  }

  /** Returns what follows the greeting, which is one line; the bus sends nothing else before we begin. */
  #greet(before: string, chunk: Buffer): Buffer {
    const text = before + chunk.toString("latin1");
    const end = text.indexOf("\r\n");
    this.#greetingText = end < 0 ? text : null;
    if (text.length > authLineMaxBytes) throw new WireFailure("too long a greeting");
    if (end < 0) return Buffer.alloc(0);
    if (!text.startsWith("OK ")) throw new WireFailure(`"${text.slice(0, end)}" as its greeting`);
    this.#socket.write("BEGIN\r\n");
    this.greeting.resolve();
    return Buffer.from(text.slice(end + 2), "latin1");
  }

  #onHeader(header: Header): void {
    if (header.type === "signal") {
      // Whatever it claims to reply to: every user of the host may send one.
      this.#onSignal(header);
      return;
    }
    const waiter = this.#calls.get(header.replyTo);
    if (waiter === undefined) return;
    this.#calls.delete(header.replyTo);
    if (header.type === "reply") waiter.resolve(header);
    else waiter.reject(new Error(`it answered ${header.error}`));
  }

  #end(): string {
    const error = new Error(this.#why);
    this.greeting.reject(error);
    for (const waiter of this.#calls.values()) waiter.reject(error);
    this.#calls.clear();
    return this.#why;
  }
}
