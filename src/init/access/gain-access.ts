/** Sees to it that git reaches the upstream: polls, does what is missing, and polls again. */
import { hostname } from "node:os";
import { StartFailure } from "../../daemon/setup.ts";
import type { Account } from "../../model/account.ts";
import { shortCommit } from "../../model/commit.ts";
import { maskSecrets } from "../../model/text/mask.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { Answers } from "../answers.ts";
import { missingBranch } from "../online/findings-of.ts";
import { observeUpstream, type UpstreamSeen } from "../online/observe-upstream.ts";
import { makeTempStores } from "../online/temp-stores.ts";
import type { InitFlags } from "../options.ts";
import type { Person } from "../person.ts";
import { type AccessFault, accessFault } from "./access-fault.ts";
import { ensureDeployKey } from "./deploy-key.ts";
import { learnHostKey } from "./host-key.ts";
import { keepLogin, obtainLogin, withUserPart } from "./login.ts";
import { resolveServer, type SshTarget, sshTarget } from "./ssh-server.ts";

export interface AccessPorts {
  readonly flags: InitFlags;
  readonly person: Person | null;
  readonly say: (line: string) => void;
  readonly exec: Exec;
  /** Git runs as this user. */
  readonly account: Account;
  readonly stopping: AbortSignal;
}

type Followed = Pick<Answers, "upstream" | "branch">;
type Unreachable = Extract<UpstreamSeen, { is: "unreachable" }>;

const triesMax = 10;

/** @throws StartFailure when the upstream cannot be reached, or does not have the branch */
export async function gainAccess(followed: Followed, ports: AccessPorts): Promise<void> {
  const met = new Set<AccessFault>();
  for (let tries = 0; tries < triesMax; tries++) {
    const seen = await poll(followed, ports);
    if (seen.is === "reached") return tell(followed, seen, ports);
    const fault = accessFault(seen.problem);
    // A key may be added to the forge late, and a token mistyped; what else is met again has not helped.
    if (met.has(fault) && (ports.person === null || !["key-refused", "login-wanted"].includes(fault)))
      throw failure(seen);
    met.add(fault);
    await remedy(fault, followed, seen, ports);
  }
  throw new StartFailure([`Cannot reach ${maskSecrets(followed.upstream)}: gave up after ${triesMax} tries`]);
}

async function poll(
  { upstream, branch }: Followed,
  { account, stopping }: AccessPorts,
): Promise<UpstreamSeen> {
  await using stores = await makeTempStores([upstream]);
  return await observeUpstream(
    { upstream, account, branches: [branch], unsigned: true, links: [] },
    { ...stores, stopping },
  );
}

function tell(
  { upstream, branch }: Followed,
  { tips, branches }: Extract<UpstreamSeen, { is: "reached" }>,
  { say, account }: AccessPorts,
): void {
  const tip = tips.get(branch);
  const missing = missingBranch({ upstream, branch }, branches ?? []);
  if (tip !== undefined)
    say(`reached ${maskSecrets(upstream)} as ${account.name}: ${branch} is at ${shortCommit(tip)}`);
  else if (branches?.length === 0)
    say(`reached ${maskSecrets(upstream)} as ${account.name}: it has no commit yet`);
  else throw new StartFailure([maskSecrets(missing)]);
}

async function remedy(
  fault: AccessFault,
  { upstream, branch }: Followed,
  seen: Unreachable,
  ports: AccessPorts,
): Promise<void> {
  const target = sshTarget(upstream);
  if (fault === "host-key-unknown" && target !== null)
    return learnHostKey(
      await resolveServer(target, ports.exec),
      ports.flags.hostKey,
      ports.account.home,
      ports,
    );
  if (fault === "host-key-changed" && target !== null)
    throw new StartFailure([await changedKey(target, ports.exec)]);
  if (fault === "key-refused" && target !== null) return offerKey(target.host, ports);
  if (fault === "login-wanted" && /^https?:/.test(upstream)) return offerLogin({ upstream, branch }, ports);
  throw failure(seen);
}

async function changedKey(target: SshTarget, exec: Exec): Promise<string> {
  const { knownAs } = await resolveServer(target, exec);
  const name = knownAs.startsWith("[") ? `'${knownAs}'` : knownAs;
  return `${knownAs} shows another host key than the one in known_hosts: it may be another server. If its administrator confirms the change, run ssh-keygen -R ${name} and then gitopper init again`;
}

function failure({ problem }: Unreachable): StartFailure {
  return new StartFailure([`${problem.message}; correct that, and run gitopper init again`]);
}

async function offerKey(server: string, { account, person, say, exec }: AccessPorts): Promise<void> {
  const { path, publicLine, isNew } = await ensureDeployKey(account.home, hostname(), exec);
  say(isNew ? `made the key ${path}` : `${server} does not accept the key ${path}`);
  say(`Add this line as a deploy key of the repository, read only:\n\n${publicLine}\n`);
  if (person === null)
    throw new StartFailure([`${server} does not accept the key yet: add it, and run gitopper init again`]);
  await person.untilEnter("Press Enter when it is added; after ^C gitopper init goes on from here");
}

async function offerLogin(followed: Followed, ports: AccessPorts): Promise<void> {
  const { upstream } = followed;
  const login = await obtainLogin(upstream, ports.flags, ports.person);
  const seen = await poll({ ...followed, upstream: withUserPart(upstream, login) }, ports);
  if (seen.is === "unreachable") {
    if (accessFault(seen.problem) !== "login-wanted") throw failure(seen);
    const refused = `${login.host} does not accept this token for user ${login.user}`;
    if (ports.person === null || ports.flags.tokenFile !== null) throw new StartFailure([refused]);
    return ports.say(refused);
  }
  ports.say(`added the login for ${login.host} to ${keepLogin(login, ports.account.home)}`);
}
