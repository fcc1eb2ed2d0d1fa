/** Explains errors of the program ssh in one sentence with what to do; pure. */
import { visible } from "../output/visible.ts";
import type { SshTransport } from "./connection.ts";

export interface SshOutput {
  /** 255 is ssh's own error; null: it did not end by itself. */
  readonly status: number | null;
  readonly text: string;
}

type Explain = (transport: SshTransport, text: string) => string;

const accept = ({ host, port }: SshTransport): string => `ssh -p ${port} ${host} /list/machine`;
const nameIn = ({ host, port }: SshTransport): string => (port === 22 ? host : `[${host}]:${port}`);

/** In this order; the first match is the most specific. */
const known: readonly (readonly [RegExp, Explain])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    (transport, text) => {
      const shown = /SHA256:[\w+/]+/.exec(text)?.[0] ?? "another one";
      return `its host key has changed: it shows ${shown}, and another one is known; another machine may be intercepting the connection. If it was changed on purpose: ssh-keygen -R "${nameIn(transport)}", then ${accept(transport)}`;
    },
  ],
  [
    /Host key verification failed|host key is known|authenticity of host/i,
    (transport) =>
      `its host key is not known here; accept it once: ${accept(transport)} (the daemon logs its fingerprint)`,
  ],
  [
    / not accessible: No such file/,
    ({ identity }) => `the key ${identity} of -i or of your config cannot be read; check its path`,
  ],
  [
    /Permission denied/,
    ({ identity }) =>
      identity === null
        ? "none of your keys may come in; name the right one with -i, or see what the agent has: ssh-add -l"
        : `the key ${identity} may not come in; check that its public key is in the [global] keys of the host's config`,
  ],
  [
    /Too many authentication failures/,
    () => "the agent offers too many keys before the right one; name that one with -i",
  ],
  [
    /Connection refused/,
    () => "connection refused; check that gitopper runs there, and that its config has keys (or -s)",
  ],
  [
    /timed out during banner exchange/i,
    () => "it accepted the connection, but does not speak SSH; check the port, usually 2222",
  ],
  [/timed out/i, () => "no answer; check the host, the port, and the firewalls between"],
  [
    /no answer in/,
    (_transport, text) =>
      `${/no answer in [\d.]+ s/.exec(text)?.[0]}; see on that host: journalctl -u gitopper; --timeout gives it more time`,
  ],
  [/Could not resolve hostname/, ({ host }) => `there is no address for "${host}"; check the name`],
  [
    /No route to host|Network is unreachable/,
    () => "there is no way to the host; check that it is up, and the network",
  ],
  [
    /no matching (?:key exchange|cipher|MAC|host key)/,
    () => "ssh here is too old for gitopper's algorithms; upgrade it",
  ],
  [/spawn ssh ENOENT/, () => "there is no program ssh here; install OpenSSH's client (openssh-client)"],
  [
    /Connection (?:closed|reset)|kex_exchange_identification|banner line|Bad remote protocol/i,
    () => "it hangs up; check the port, usually 2222, and whether many others are connected",
  ],
];

export function explainSsh({ status, text }: SshOutput, transport: SshTransport): string {
  const [, explain] = known.find(([pattern]) => pattern.test(text)) ?? [];
  if (explain !== undefined && (status === 255 || status === null)) return explain(transport, text);
  if (status !== 255 && status !== null)
    return `what answers there is not gitopper; check the port, usually 2222`;
  const last = text.trim().split("\n").at(-1) ?? "";
  return `ssh says: ${visible(last)}`;
}
