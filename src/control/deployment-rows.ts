/** The deployments of a service, in the shapes of the API, with subject and author of their commits. */
import type { Page } from "../api/host.ts";
import type { DeploymentRow } from "../api/shapes.ts";
import type { Git } from "../git/git.ts";
import { type CommitInfo, commitInfos } from "../git/history/log.ts";
import type { KeptDeployment } from "../history/kept.ts";
import type { Commit } from "../model/commit.ts";
import { ExecFailure } from "../platform/process/exec.ts";
import type { Records } from "../reconcile/records.ts";
import type { KeptCommits } from "../sync/store/kept-commits.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { wordsOf } from "./deploying.ts";

export interface DeploymentPorts {
  readonly records: Pick<Records, "deployments">;
  readonly git: Git;
}

type Loop = Pick<UpstreamLoop, "managed"> & { readonly kept: Pick<KeptCommits, "isGone"> };

/** Newest first. If git cannot read the commits, the deployments have neither subject nor author. */
export async function deploymentRows(
  service: string,
  page: Page,
  loop: Loop,
  { records, git }: DeploymentPorts,
): Promise<readonly DeploymentRow[]> {
  const kept = records.deployments(service, page);
  const infos = await infosOf(kept, loop.managed(service)?.store, git);
  return kept.map((row) => deploymentRow(row, infos.get(row.to) ?? null, loop.kept.isGone(row.to)));
}

type Infos = ReadonlyMap<Commit, CommitInfo>;

async function infosOf(
  rows: readonly KeptDeployment[],
  store: Parameters<typeof commitInfos>[0] | undefined,
  git: Git,
): Promise<Infos> {
  if (store === undefined) return new Map();
  return commitInfos(
    store,
    rows.map(({ to }) => to),
    git,
  ).catch((error: unknown): Infos => {
    if (error instanceof ExecFailure) return new Map();
    throw error;
  });
}

function deploymentRow(
  { startedAt, evidence, failedAt, ...rest }: KeptDeployment,
  info: CommitInfo | null,
  gone: boolean,
): DeploymentRow {
  const shown = { output: evidence?.output ?? null, journal: evidence?.journal ?? null };
  const failed = { failedAt: rest.result === "failed" ? failedAt : null };
  return {
    ...rest,
    ...wordsOf(info),
    ...failed,
    ...shown,
    startedAt: startedAt.toISOString(),
    ...(gone && { gone }),
  };
}
