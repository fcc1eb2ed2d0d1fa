/** A small real service that records what systemd does to it, and the content that it reads then. */
import type { TestHost } from "./host.ts";
import { poll } from "./poll.ts";

export interface ServiceOptions {
  /** The file whose content each event carries. */
  readonly readsFile?: string;
  /** Instead of the recorded reload; `/bin/false` makes it fail. Empty: the unit cannot reload. */
  readonly execReload?: string;
  /** More lines for the [Service] section. */
  readonly extra?: string;
  /** Default `exec`. */
  readonly type?: string;
}

const recorder = "/usr/local/sbin/record-event";

/**
 * Writes the unit `<name>.service` (a template for `name@…`) and reloads systemd; it starts nothing. Its events are
 * `start <content>`, `reload <content>` and `stop`; each is written before systemctl comes back.
 */
export async function addService(host: TestHost, name: string, options: ServiceOptions = {}): Promise<void> {
  await host.write(recorder, recorderScript, "0755");
  const file = name.replace(/@.*/, "@");
  await host.write(`/etc/systemd/system/${file}.service`, renderUnit(options));
  await host.run(["systemctl", "daemon-reload"]);
}

/** The events of a service, oldest first. */
export async function events(host: TestHost, name: string): Promise<string[]> {
  const text = await host.sh(`cat /var/log/${name}.events 2>/dev/null || true`);
  return text.split("\n").filter((line) => line !== "");
}

/** Waits for an event, and returns all events so far. */
export function untilEvent(
  host: TestHost,
  name: string,
  event: string,
  { timeoutMs = 30_000 } = {},
): Promise<string[]> {
  return poll(
    () => events(host, name),
    (seen) => seen.includes(event),
    {
      everyMs: 50,
      timeoutMs,
      failure: async (seen) =>
        `"${name}" has no event "${event}" after ${timeoutMs} ms, only ${JSON.stringify(seen)}\n` +
        (await host.sh(`journalctl -n 40 --no-pager`)),
    },
  );
}

const recorderScript = `#!/bin/sh
# usage: record-event EVENT [FILE]
[ -n "\${2-}" ] || { echo "$1"; exit 0; }
content=$(cat "$2" 2>&1) || content="(unreadable)"
echo "$1 $content" | tr '\\n' ' ' | sed 's/ *$//'
echo
`;

/** systemd itself opens the record, so a unit that may write nowhere (ProtectSystem=strict) is recorded too. */
function renderUnit(options: ServiceOptions): string {
  const record = (event: string): string => `${recorder} ${event} ${options.readsFile ?? ""}`.trim();
  return `[Service]
Type=${options.type ?? "exec"}
StandardOutput=append:/var/log/%N.events
ExecStartPre=${record("start")}
ExecStart=/bin/sleep infinity
ExecReload=${options.execReload ?? record("reload")}
ExecStop=${recorder} stop
${options.extra ?? ""}
[Install]
WantedBy=multi-user.target
`;
}
