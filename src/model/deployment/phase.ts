/** How far the newest deployment of a service has come, and of which commit the service's files are. */
import { type Commit, parseCommit } from "../commit.ts";
import type { DeploymentResult } from "./deployment.ts";

interface Deploying {
  /** The commit that is deployed. */
  readonly to: Commit;
  /** `running`: it has not ended, or the daemon was killed before it did. */
  readonly result: Exclude<DeploymentResult, "done"> | "running";
}

/** Stored with the service when a deployment begins and ends, and before files change: after a crash the host may be ahead. */
export type Phase =
  /** No deployment remains to be completed. `head`: the commit of the files; null: there are none. */
  | { readonly at: "verified"; readonly head: Commit | null }
  /** The host is as it was before. `wasVerified`: no earlier deployment remained to be completed. */
  | (Deploying & {
      readonly at: "begun" | "staged" | "checked";
      readonly head: Commit | null;
      readonly wasVerified?: boolean;
    })
  /** Some files may be those of `to`: as a whole they are of no commit. */
  | (Deploying & { readonly at: "publishing" })
  /** The files are in place. `published`: the unit has not been reloaded; `told`: it has, and may not be well. */
  | (Deploying & { readonly at: "published" | "told"; readonly head: Commit });

export const noFiles: Phase = { at: "verified", head: null };

const places = ["verified", "begun", "staged", "checked", "publishing", "published", "told"] as const;
const results = ["running", "failed", "superseded", "interrupted"] as const;

/** Reads what `JSON.stringify` wrote. @throws Error when it makes no sense */
export function parsePhase(text: string): Phase {
  const written = JSON.parse(text) as Record<string, unknown>;
  const at = places.find((known) => known === written.at);
  const [head, to] = [parseCommit(written.head), parseCommit(written.to)];
  const result = results.find((known) => known === written.result) ?? "failed";
  if (at === "verified") return { at, head };
  if (at === undefined || !to) throw new Error(`phase ${text}`);
  if (at === "publishing") return { at, to, result };
  if (at !== "published" && at !== "told")
    return { at, to, result, head, ...(written.wasVerified === true && { wasVerified: true }) };
  return head ? { at, to, result, head } : { at: "publishing", to, result };
}
