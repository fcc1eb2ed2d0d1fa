/** The environment of gitopperctl; tests pass their own. */
import type { Clock } from "../platform/clock.ts";
import type { Connection, Limits, Transport } from "./connect/connection.ts";
import type { Terminal } from "./output/terminal.ts";

export interface Environment {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The hostname of this host. */
  readonly hostname: string;
  readonly clock: Pick<Clock, "now" | "monotonicMs" | "sleep">;
  readonly connect: (transport: Transport, limits: Limits) => Connection;
  readonly files: {
    /** Null: the file does not exist. @throws other file system errors */
    read(path: string): string | null;
    /** Whether there is a socket that this user may write to. */
    isUsableSocket(path: string): boolean;
  };
  /** From now on Ctrl-C aborts this signal instead of ending the process. */
  readonly untilInterrupted: () => AbortSignal;
}
