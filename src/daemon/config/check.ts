/** The text of `--check`: what this host would do with a config. */

import { bundlePath } from "../../git/upstream.ts";
import type { Link, Probe, Service, Settings } from "../../model/service.ts";
import { renderDuration } from "../../model/text/duration.ts";
import { maskSecrets } from "../../model/text/mask.ts";
import type { Webhook } from "../../model/webhook.ts";
import { concerns, type Window } from "../../model/window.ts";
import { whoseServices } from "./load-config.ts";

export function renderCheck(
  path: string,
  settings: Pick<Settings, "services" | "windows" | "webhooks" | "machines">,
  hosts: readonly string[],
  hides: Hides = () => "",
): string {
  const { services, windows, webhooks, machines } = settings;
  const count = `${services.length} service${services.length === 1 ? "" : "s"}`;
  const whose = services.length === 0 ? whoseServices(machines) : "";
  const head = `${path}: valid; ${count} for this host, which answers to ${hosts.join(", ")}${whose}\n`;
  const ofService = ({ name }: Service) => windows.filter((window) => concerns(window, name));
  const parts = [
    head,
    ...services.map((service) => renderService(service, ofService(service), hides)),
    ...webhooks.map(renderWebhook),
  ];
  return parts.join("");
}

/** What a mount would hide of the host; empty for nothing. */
type Hides = (service: Service, link: Link) => string;

function renderService(service: Service, windows: readonly Window[], hides: Hides): string {
  const { name, upstream, branch, checkout, user, action, intervalMs } = service;
  const every = intervalMs === null ? "" : `, every ${renderDuration(intervalMs)}`;
  const bundle = bundlePath(upstream) === null ? "" : "the bundle ";
  const lines = [
    `${name}`,
    `  track ${bundle}${maskSecrets(upstream)}, branch ${branch}${every}${service.fastForwardOnly ? ", fast-forward only" : ""}`,
    `  check out to ${checkout} as ${user}`,
    ...(service.package ? [`  install package ${service.package} where it is missing`] : []),
    ...service.links.map((link) => renderLink(link, hides(service, link))),
    ...(name.includes("@") && action ? [`  systemctl enable ${name}`] : []),
    ...renderCheckCommands(service),
    `  ${action ? `systemctl ${action} ${name}, when one of them changes` : "leave systemd alone"}`,
    ...service.actions.map(
      ({ path, action }) => `  ${action ? `${action} it` : "do nothing"} when ${path} changes`,
    ),
    ...renderCare(service),
    ...windows.map((window) => `  ${renderWindow(window)}`),
  ];
  return `${lines.join("\n")}\n`;
}

function renderLink({ local, link, file, access }: Link, hides: string): string {
  const what = `${file ? "file" : "directory"} ${link}`;
  const where = local === null ? `check out ${what}, mounted nowhere` : `mount ${what} at ${local}`;
  const mode = access?.mode ? `, mode ${access.mode.toString(8).padStart(4, "0")}` : "";
  const group = access?.group ? `, group ${access.group}` : "";
  return `  ${where}${mode}${group}${hides ? `, which hides ${hides}` : ""}`;
}

function renderCheckCommands({ check, user, verify }: Service): readonly string[] {
  const signed = verify && `  take only signed commits (${verify.mode})`;
  const commands = (check?.commands ?? []).map(
    (argv) => `  check with ${argv.join(" ")} as ${check?.user ?? user} before anything is seen`,
  );
  return [...(signed ? [signed] : []), ...commands];
}

function renderCare({ action, health, readOnly, drift }: Service): readonly string[] {
  const judged = action !== null || health.probes.length > 0;
  const span = health.settleMs === 0 ? "" : `for ${renderDuration(health.settleMs)} `;
  const failing = health.onFailure === "rollback" ? "rolled back" : "BROKEN";
  const probes = health.probes.map(
    (probe) => `  probe ${renderProbe(probe)} for up to ${renderDuration(probe.deadlineMs)}`,
  );
  return [
    ...(judged ? [`  it has to be well ${span}afterwards, or it is ${failing}`] : []),
    ...probes,
    ...(readOnly ? ["  mount read-only"] : []),
    ...(drift.mode === "heal" ? [`  heal drift, ${drift.healsPerHour} times an hour at most`] : []),
  ];
}

function renderProbe(probe: Probe): string {
  switch (probe.kind) {
    case "http":
      return `${probe.url} for ${probe.status}${probe.body === null ? "" : ` and ${probe.body}`}`;
    case "tcp":
      return `${probe.host} port ${probe.port}`;
    case "command":
      return probe.argv.join(" ");
    case "unit":
      return `that ${probe.unit} is active`;
  }
}

function renderWebhook({ name, kind, upstreams }: Webhook): string {
  const woken = upstreams?.map(maskSecrets).join(", ") ?? "the upstream of the push";
  return `/webhook/${name}\n  look at ${woken} at once when ${kind} tells of a push\n`;
}

/** `let commits in from 0 2 * * * Europe/Amsterdam for 2h30m ("nightly")`. */
function renderWindow({ name, kind, start, timezone, durationMs }: Window): string {
  const rule = kind === "allow" ? "let commits in" : "let no commits in";
  const title = name === null ? "" : ` (${JSON.stringify(name)})`;
  return `${rule} from ${start} ${timezone} for ${renderDuration(durationMs)}${title}`;
}
