/** `--check --online`: also observes whether upstreams and systemd have what the config names. */
import { parse } from "smol-toml";
import { renderFindings } from "../../config/errors/config-error.ts";
import { Findings } from "../../config/errors/finding.ts";
import { missingUnits, observeUnits } from "../../daemon/config/unit-warnings.ts";
import type { Options } from "../../daemon/options.ts";
import { type Checked, checkConfig } from "../../daemon/setup.ts";
import { hostNames } from "../../host/host-names.ts";
import type { Account } from "../../model/account.ts";
import { shortCommit } from "../../model/commit.ts";
import type { Service } from "../../model/service.ts";
import { maskSecrets } from "../../model/text/mask.ts";
import { cannotReload, renderAdvice } from "../../model/unit-name.ts";
import { createLimit } from "../../platform/fair-semaphore.ts";
import { exec } from "../../platform/process/exec.ts";
import { isUnreloadable } from "../../rollout/unit/unit.ts";
import { type Group, groupServices } from "../../sync/create-services.ts";
import { type Fault, faultsOf, missingBranch } from "./findings-of.ts";
import { observeUpstream, type UpstreamSeen } from "./observe-upstream.ts";
import { type ConfigDocument, type Places, placesIn } from "./places.ts";
import { makeTempStores } from "./temp-stores.ts";

export interface OnlineCheck {
  /** What the host would do, and what was found to be well, or could not be checked. */
  readonly text: string;
  /** How many services the config has for this host. */
  readonly services: number;
  /** What is wrong, a line each. */
  readonly faults: readonly string[];
}

const upstreamsAtOnce = 4;
const defaultBranch = "main";

/** @throws StartFailure when the config is not valid; an abort of `stopping` as itself */
export async function checkOnline(options: Options, stopping: AbortSignal): Promise<OnlineCheck> {
  const checked = await checkConfig(options);
  const { setup, valid } = checked;
  const document: ConfigDocument = parse(valid.text);
  const places = placesIn(document);
  const found = [
    ...(await checkGroups(groupServices(valid.settings.services), { checked, places, stopping })),
    ...(await checkGlobal(document, checked, stopping)),
    await checkUnits(valid.settings.services, places),
  ];
  const findings = new Findings();
  for (const { path, message } of found.flatMap(({ faults }) => faults))
    findings.add(path, maskSecrets(message));
  return {
    services: valid.settings.services.length,
    text: [
      checked.shown,
      checked.removed,
      ...found.flatMap(({ notes }) => notes.map((note) => `${note}\n`)),
    ].join(""),
    faults: await renderFindings({ path: setup.configPath, text: valid.text }, findings),
  };
}

interface Found {
  readonly notes: readonly string[];
  readonly faults: readonly Fault[];
}

interface Online {
  readonly checked: Checked;
  readonly places: Places;
  readonly stopping: AbortSignal;
}

async function checkGroups(
  groups: readonly Group[],
  { checked, places, stopping }: Online,
): Promise<readonly Found[]> {
  if (groups.length === 0) return [];
  await using stores = await makeTempStores(groups.map(({ upstream }) => upstream));
  const limit = createLimit(upstreamsAtOnce);
  const check = async (group: Group): Promise<Found> => {
    const { account, note } = accountFor(group, checked);
    if (account === null) return { notes: note, faults: [] };
    const branches = [...new Set(group.services.map(({ branch }) => branch))];
    const unsigned = group.services.some(({ verify }) => verify === null);
    const links = group.services.flatMap((service) => service.links.map(({ link }) => link));
    const polled = { upstream: group.upstream, account, branches, unsigned, links };
    const seen = await observeUpstream(polled, { ...stores, stopping });
    return {
      notes: [...note, ...renderReached(group.upstream, account, seen)],
      faults: faultsOf({ ...group, user: account.name }, seen, places),
    };
  };
  return await Promise.all(groups.map((group) => limit(() => check(group))));
}

/** Without services of this host, the upstream of `[global]` is all that can be polled. */
async function checkGlobal(
  { global }: ConfigDocument,
  { setup, valid }: Checked,
  stopping: AbortSignal,
): Promise<readonly Found[]> {
  const { upstream, branch = defaultBranch } = global ?? {};
  if (!upstream || valid.settings.services.length > 0) return [];
  await using stores = await makeTempStores([upstream]);
  const polled = { upstream, account: setup.user, branches: [branch], unsigned: true, links: [] };
  const seen = await observeUpstream(polled, { ...stores, stopping });
  const reached = renderReached(upstream, setup.user, seen);
  const path = (key: string) => ["global", key];
  if (seen.is === "unreachable")
    return [
      {
        notes: [],
        faults: [{ path: path("upstream"), message: `${seen.problem.message} (as ${setup.user.name})` }],
      },
    ];
  if (seen.tips.has(branch)) return [{ notes: reached, faults: [] }];
  const message = missingBranch({ upstream, branch }, seen.branches ?? []);
  // A new repository is as it should be.
  if (seen.branches?.length === 0) return [{ notes: [maskSecrets(message)], faults: [] }];
  return [{ notes: [], faults: [{ path: path(global?.branch ? "branch" : "upstream"), message }] }];
}

/** Only root can poll as the user of a service; other users poll as themselves. */
function accountFor({ user, upstream }: Group, { setup, valid }: Checked) {
  const at = maskSecrets(upstream);
  if (setup.user.uid !== 0) {
    const note =
      user === setup.user.name
        ? []
        : [`${at}: polled as user ${setup.user.name}; to poll as user ${user}, run this as root`];
    return { account: setup.user, note };
  }
  const account: Account | null = valid.accounts.get(user) ?? null;
  const missing = `${at}: not polled, because there is no user ${user} yet`;
  return { account, note: account === null ? [missing] : [] };
}

function renderReached(upstream: string, { name }: Account, seen: UpstreamSeen): readonly string[] {
  if (seen.is === "unreachable") return [];
  const tips = [...seen.tips].map(([branch, tip]) => `; ${branch} is at ${shortCommit(tip)}`);
  return [`${maskSecrets(upstream)}: reached as ${name}${tips.join("")}`];
}

async function checkUnits(services: readonly Service[], places: Places): Promise<Found> {
  const names = hostNames([]).map((name) => name.toLowerCase());
  const [own, others] = [services, services].map((all, index) =>
    all.filter(({ machine }) => names.includes(machine.toLowerCase()) === (index === 0)),
  ) as [Service[], Service[]];
  const units = await observeUnits(own, exec);
  const missing = new Set(missingUnits(own, units));
  const notes = [...new Set(others.map(({ machine }) => machine))].map(
    (machine) => `${machine}: its units cannot be checked on ${names[0]}`,
  );
  if (own.length > 0 && units.size === 0) notes.push("systemd does not answer here: units are not checked");
  const faults = own.flatMap((service) => {
    const path = places.key(service, "service");
    const unit = units.get(service.name);
    if (missing.has(service.name))
      return [
        {
          path,
          message: `this host has no unit "${service.name}"; correct the name, or install what brings it`,
        },
      ];
    return unit && isUnreloadable(service, unit)
      ? [{ path, message: renderAdvice(cannotReload(service.name)) }]
      : [];
  });
  return { notes, faults };
}
