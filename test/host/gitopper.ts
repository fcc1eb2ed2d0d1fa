/** The daemon as an admin runs it on a host: a unit, a config file, its API and its client. */
import { type EventRow, eventRow } from "../../src/api/event-shapes.ts";
import { type ServiceRow, servicesReply } from "../../src/api/original-shapes.ts";
import { type ServiceDetails, serviceDetails } from "../../src/api/shapes.ts";
import type { StateReason } from "../../src/model/reason/state-reason.ts";
import { configPath, type GitopperOptions, gitopperctlBin, renderGitopperUnit } from "./gitopper-unit.ts";
import type { TestHost } from "./host.ts";
import { poll } from "./poll.ts";
import { freePort } from "./port.ts";
import type { RunResult } from "./run.ts";

export interface HttpReply {
  readonly status: number;
  readonly text: string;
  /** The parsed body; null when it is not JSON. */
  readonly json: unknown;
}

/** Installs the daemon and starts it. @throws with the end of its journal, when it does not become ready. */
export async function startGitopper(host: TestHost, options: GitopperOptions): Promise<Gitopper> {
  const gitopper = await installGitopper(host, options);
  await gitopper.start();
  return gitopper;
}

/** Writes the config and an enabled unit `gitopper.service`, and starts nothing. */
export async function installGitopper(host: TestHost, options: GitopperOptions): Promise<Gitopper> {
  const gitopper = new Gitopper(host, options.port ?? (await freePort()));
  if (options.config !== undefined) await gitopper.writeConfig(options.config);
  await host.write("/etc/systemd/system/gitopper.service", renderGitopperUnit(gitopper.address, options));
  await host.run(["systemctl", "enable", "--quiet", "gitopper"]);
  await host.run(["systemctl", "daemon-reload"]);
  return gitopper;
}

export class Gitopper {
  readonly #host: TestHost;
  /** Where its API is, for the host and for the test alike: they share loopback. */
  readonly address: string;

  /** Use `startGitopper` or `installGitopper`. */
  constructor(host: TestHost, port: number) {
    this.#host = host;
    this.address = `127.0.0.1:${port}`;
  }

  async start(): Promise<void> {
    await this.#systemctl("start");
  }

  async stop(): Promise<void> {
    await this.#systemctl("stop");
  }

  async restart(): Promise<void> {
    await this.#systemctl("restart");
  }

  /** Sends a signal to the daemon alone, not to what it runs. */
  async signal(name: "HUP" | "TERM" | "INT" | "KILL"): Promise<void> {
    await this.#host.run(["systemctl", "kill", "--kill-who=main", `--signal=${name}`, "gitopper"]);
  }

  /** Kills the daemon, and comes back when systemd has noticed; a `restart` other than `no` starts it again. */
  async kill9(): Promise<void> {
    const before = await this.mainPid();
    await this.signal("KILL");
    await poll(
      () => this.mainPid(),
      (pid) => pid !== before,
      { everyMs: 20, timeoutMs: 10_000, failure: (pid) => `Killed gitopper, but it still runs as ${pid}` },
    );
  }

  /** The daemon's process in the host; 0 when it does not run. */
  async mainPid(): Promise<number> {
    return Number(await this.#host.sh("systemctl show --value --property=MainPID gitopper"));
  }

  async writeConfig(toml: string): Promise<void> {
    await this.#host.write(configPath, toml);
  }

  /** Runs gitopperctl in the host, an `@` among the words being this daemon. @throws when it fails. */
  async ctl(...words: readonly string[]): Promise<string> {
    return (await this.#host.run(this.#ctlArgv(words))).stdout;
  }

  /** Like `ctl`, for when its exit status is what matters. */
  tryCtl(...words: readonly string[]): Promise<RunResult> {
    return this.#host.run(this.#ctlArgv(words), { allowFailure: true });
  }

  get(path: string): Promise<HttpReply> {
    return this.request("GET", path);
  }

  /** `body` is sent as JSON. */
  post(path: string, body?: unknown): Promise<HttpReply> {
    return this.request("POST", path, body === undefined ? {} : { body: JSON.stringify(body) });
  }

  delete(path: string): Promise<HttpReply> {
    return this.request("DELETE", path);
  }

  /** The events after one, `count` of them. @throws when they do not come */
  async events(lastEventId: number, count: number): Promise<EventRow[]> {
    const headers = { "Last-Event-ID": String(lastEventId) };
    const signal = AbortSignal.timeout(20_000);
    const response = await fetch(`http://${this.address}/api/v1/events`, { headers, signal });
    const found: EventRow[] = [];
    let text = "";
    // Leaving the loop hangs up.
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines)
        if (line.startsWith("data: ") && !line.includes('"type":"progress"'))
          found.push(eventRow.parse(JSON.parse(line.slice("data: ".length))));
      if (found.length >= count) break;
    }
    return found.slice(0, count);
  }

  /** Requests a poll of the upstream. @throws when the daemon refuses. */
  async pull(service: string): Promise<void> {
    const reply = await this.post(`/state/pull/${service}`);
    if (reply.status !== 200) throw new Error(`Cannot pull "${service}": ${reply.status} ${reply.text}`);
  }

  async services(): Promise<ServiceRow[]> {
    return servicesReply.parse((await this.get("/list/services")).json).services;
  }

  /** Waits until a service's row matches, and returns it. `underWay`: also during a deployment. */
  async until(
    service: string,
    isWanted: (row: ServiceRow) => boolean,
    { timeoutMs = 30_000, underWay = false } = {},
  ): Promise<ServiceRow> {
    let seen = "";
    const rows = await poll(
      async () => {
        const all = await this.services().catch((error: unknown) => {
          seen = String(error);
          return [];
        });
        const named = all.filter((row) => row.service === service);
        if (all.length > 0) seen = JSON.stringify(named);
        return named.filter((row) => underWay || isAtRest(row));
      },
      (found) => found.some(isWanted),
      {
        everyMs: 50,
        timeoutMs,
        failure: async () =>
          [
            `"${service}" did not become ${isWanted} in ${timeoutMs} ms; it is ${seen}`,
            await this.journal(40),
          ].join("\n"),
      },
    );
    return rows[0] as ServiceRow;
  }

  /** A service as version 1 of the API has it. */
  async details(service: string): Promise<ServiceDetails> {
    return serviceDetails.parse((await this.get(`/api/v1/services/${service}`)).json);
  }

  /**
   * Waits until a service's state has a reason, null for none, no deployment is under way and the details match; gives
   * the details.
   */
  async untilReason(
    service: string,
    reason: StateReason | null,
    isWanted: (details: ServiceDetails) => boolean = () => true,
  ): Promise<ServiceDetails> {
    return poll(
      () => this.details(service),
      (details) => details.deploying === null && details.reason === reason && isWanted(details),
      {
        everyMs: 50,
        timeoutMs: 30_000,
        failure: async (details) =>
          `"${service}" has no reason ${reason} with ${isWanted}; it is ${JSON.stringify(details)}\n${await this.journal(40)}`,
      },
    );
  }

  /** The last lines that it logged. */
  journal(lines = 1000): Promise<string> {
    return this.#host.sh(`journalctl -u gitopper -n ${lines} --no-pager --output=short-iso-precise`);
  }

  async #systemctl(verb: "start" | "stop" | "restart"): Promise<void> {
    const argv = ["systemctl", verb, "gitopper"];
    const { status, stderr } = await this.#host.run(argv, { allowFailure: true, timeoutMs: 90_000 });
    if (status !== 0) throw new Error(`Cannot ${verb} gitopper: ${stderr}${await this.journal(40)}`);
  }

  #ctlArgv(words: readonly string[]): string[] {
    return [gitopperctlBin, ...words.map((word) => (word === "@" ? `@${this.address}` : word))];
  }

  /** Any request, as fetch sends it. */
  async request(method: string, path: string, init: RequestInit = {}): Promise<HttpReply> {
    const signal = AbortSignal.timeout(20_000);
    const response = await fetch(`http://${this.address}${path}`, { ...init, method, signal });
    const text = await response.text();
    return { status: response.status, text, json: parseJson(text) };
  }
}

/** False while more is expected: before the first deployment, and during one. */
function isAtRest({ stateinfo }: ServiceRow): boolean {
  return stateinfo !== "not deployed yet" && !stateinfo.startsWith("deploying ");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
