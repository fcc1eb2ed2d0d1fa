/**
 * The wire format of D-Bus, as much of it as calls and received signals take; bodies are skipped.
 * https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol-messages
 */
export interface Header {
  readonly type: "call" | "reply" | "error" | "signal" | "unknown";
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** The unique name of the sender, which the bus guarantees. */
  readonly sender: string;
  /** The serial of the call that this replies to; 0: no reply. */
  readonly replyTo: number;
  /** The error's name, in an error. */
  readonly error: string;
}

export interface Call {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** The only argument; absent: the call has none. */
  readonly argument?: string;
}

/** The peer does not speak D-Bus. */
export class WireFailure extends Error {}

const types: readonly Header["type"][] = ["unknown", "call", "reply", "error", "signal"];
const codes = {
  path: 1,
  interface: 2,
  member: 3,
  error: 4,
  replyTo: 5,
  destination: 6,
  sender: 7,
  signature: 8,
};
const fixedBytes = 16;
/** The specification's limit. */
const messageMaxBytes = 128 * 1024 * 1024;
/** Headers of systemd and the bus have a few hundred bytes; longer ones are skipped. */
const headerMaxBytes = 4_096;

/** A method call, little-endian. `serial` is above 0. */
export function encodeCall(serial: number, call: Call): Buffer {
  const body = call.argument === undefined ? Buffer.alloc(0) : text(call.argument);
  const fields = [
    field(codes.path, "o", text(call.path)),
    field(codes.destination, "s", text(call.destination)),
    field(codes.interface, "s", text(call.interface)),
    field(codes.member, "s", text(call.member)),
    ...(body.length > 0 ? [field(codes.signature, "g", Buffer.from([1, charCode("s"), 0]))] : []),
  ];
  const array = Buffer.concat(fields.map((each, index) => (index < fields.length - 1 ? padded(each) : each)));
  const fixed = Buffer.alloc(fixedBytes);
  fixed.set([charCode("l"), types.indexOf("call"), 0, 1]);
  fixed.writeUInt32LE(body.length, 4);
  fixed.writeUInt32LE(serial, 8);
  fixed.writeUInt32LE(array.length, 12);
  return Buffer.concat([fixed, padded(array), body]);
}

function field(code: number, type: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([code, 1, charCode(type), 0]), value]);
}

function text(value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value), Buffer.alloc(1)]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(align(bytes.length, 8) - bytes.length)]);
}

function align(offset: number, to: number): number {
  return Math.ceil(offset / to) * to;
}

function charCode(char: string): number {
  return char.charCodeAt(0);
}

/** Parses a stream in chunks; keeps at most one header in memory. */
export class MessageReader {
  #pending: Buffer = Buffer.alloc(0);
  #skipBytes = 0;

  /** The headers that are complete. @throws WireFailure */
  push(chunk: Buffer): Header[] {
    const headers: Header[] = [];
    for (let rest = this.#skip(chunk); rest.length > 0; rest = this.#skip(rest)) {
      const bytes = Buffer.concat([this.#pending, rest]);
      this.#pending = Buffer.alloc(0);
      const size = sizeOf(bytes);
      const keeps = size !== null && size.headerBytes <= headerMaxBytes;
      if (size === null || (keeps && bytes.length < size.headerBytes)) {
        this.#pending = bytes;
        return headers;
      }
      if (keeps) headers.push(parseHeader(bytes.subarray(0, size.headerBytes)));
      this.#skipBytes = size.messageBytes;
      rest = bytes;
    }
    return headers;
  }

  #skip(bytes: Buffer): Buffer {
    const skipped = Math.min(this.#skipBytes, bytes.length);
    this.#skipBytes -= skipped;
    return bytes.subarray(skipped);
  }
}

/** Null: incomplete. */
function sizeOf(bytes: Buffer): { readonly headerBytes: number; readonly messageBytes: number } | null {
  if (bytes.length < fixedBytes) return null;
  if (bytes[0] !== charCode("l") && bytes[0] !== charCode("B"))
    throw new WireFailure("a message of no byte order");
  if (bytes[3] !== 1) throw new WireFailure(`a message of version ${bytes[3]}`);
  const headerBytes = fixedBytes + align(uint32(bytes, 12), 8);
  const messageBytes = headerBytes + uint32(bytes, 4);
  if (messageBytes > messageMaxBytes) throw new WireFailure(`a message of ${messageBytes} bytes`);
  return { headerBytes, messageBytes };
}

function uint32(bytes: Buffer, offset: number): number {
  return bytes[0] === charCode("l") ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset);
}

function parseHeader(bytes: Buffer): Header {
  const values = new Map<number, string | number>();
  const end = fixedBytes + uint32(bytes, 12);
  for (let offset = fixedBytes; offset < end; ) {
    const { code, value, next } = parseField(bytes, offset);
    values.set(code, value);
    offset = align(next, 8);
  }
  const string = (code: number) => String(values.get(code) ?? "");
  return {
    type: types[bytes[1] ?? 0] ?? "unknown",
    path: string(codes.path),
    interface: string(codes.interface),
    member: string(codes.member),
    sender: string(codes.sender),
    replyTo: Number(values.get(codes.replyTo) ?? 0),
    error: string(codes.error),
  };
}

interface Field {
  readonly code: number;
  readonly value: string | number;
  readonly next: number;
}

/** A field's code and variant. Fields and header are aligned to 8, so the eight bytes of the type exist. */
function parseField(bytes: Buffer, offset: number): Field {
  const [code = 0, length, type = 0, zero] = bytes.subarray(offset, offset + 4);
  if (length !== 1 || zero !== 0) throw new WireFailure("a header with a field of no simple type");
  const at = offset + 4;
  switch (String.fromCharCode(type)) {
    case "u":
      return { code, value: uint32(bytes, at), next: at + 4 };
    case "s":
    case "o":
      return { code, ...parseText(bytes, at + 4, uint32(bytes, at)) };
    case "g":
      return { code, ...parseText(bytes, at + 1, bytes[at] ?? 0) };
    default:
      throw new WireFailure("a header with a field of an unknown type");
  }
}

function parseText(bytes: Buffer, start: number, length: number): Omit<Field, "code"> {
  const end = start + length;
  if (bytes[end] !== 0) throw new WireFailure("a header with a string that does not end");
  return { value: bytes.toString("utf8", start, end), next: end + 1 };
}
