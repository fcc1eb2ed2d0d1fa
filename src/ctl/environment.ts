/** What gitopperctl has around it; tests bring their own. */
import type { Clock } from "../platform/clock.ts";
import type { Connection, Limits, Transport } from "./connect/connection.ts";
import type { Terminal } from "./output/terminal.ts";

export interface Environment {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** What this host calls itself. */
  readonly hostname: string;
  readonly clock: Pick<Clock, "now" | "monotonicMs" | "sleep">;
  readonly connect: (transport: Transport, limits: Limits) => Connection;
  readonly files: Files;
  /** From now on Ctrl-C does not end the process, but aborts this. */
  readonly untilInterrupted: () => AbortSignal;
}

export interface Files {
  /** Null: there is none. @throws the file system's errors */
  read(path: string): string | null;
  /** Whether there is a socket that this user may write to. */
  isUsableSocket(path: string): boolean;
}
