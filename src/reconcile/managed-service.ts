/** A service of this host, its store and history, and what the last reconcile knows of it. */
import type { WrongAttribute } from "../git/checkout/attributes.ts";
import type { CheckoutSeen } from "../git/checkout/checkout.ts";
import type { Staged } from "../git/checkout/stage.ts";
import type { Store } from "../git/types.ts";
import type { Account } from "../model/account.ts";
import type { Service } from "../model/service.ts";
import type { UnderWay } from "./apply/under-way.ts";
import type { History } from "./history-reader.ts";

/** What is at the path of a checkout, with the modes and owners that git does not record. */
export interface FilesSeen {
  readonly checkout: CheckoutSeen;
  readonly attributes: readonly WrongAttribute[];
}

export interface ManagedService {
  readonly service: Service;
  readonly account: Account;
  readonly store: Store;
  readonly history: History;
  /** What git said of the checkout when its files had this stamp. */
  seen: ({ readonly stamp: string } & FilesSeen) | null;
  /** The checkout is new and not mounted yet: it has no local edits. */
  fresh: boolean;
  /** A commit that is beside the checkout, and may have checks to pass before it is published. */
  staged: Staged | null;
  /** The update of index and HEAD after a publish, which runs while the unit is reloaded. */
  pendingIndexUpdate: Promise<void> | null;
  /** It was mounted without a record in the journal: its unit is still to be reloaded. */
  pendingReload: boolean;
  /** The deployment that is under way; null: none is. */
  underWay: UnderWay | null;
  /** The package was found installed. */
  packageKnown: boolean;
}
