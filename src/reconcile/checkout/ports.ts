/** What the checkouts of a host are kept with. */
import type { StoreTools } from "../../git/store/store.ts";
import type { AbsPath } from "../../model/path.ts";
import type { Service } from "../../model/service.ts";
import type { Life } from "../../platform/life.ts";
import type { Records } from "../records.ts";

export interface CheckoutPorts extends Life {
  readonly tools: Pick<StoreTools, "git" | "exec">;
  readonly records: Pick<Records, "get">;
  /** Reports every change of the service's files from now on. */
  readonly files: { cover(service: Service): Promise<void> };
  readonly findGroup: FindGroup;
  readonly stateDir: AbsPath;
}

/** The number of a group of this host; null where it has none of that name. */
export type FindGroup = (name: string) => Promise<number | null>;
