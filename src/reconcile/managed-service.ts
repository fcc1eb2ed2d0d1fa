/** A service of this host with all that its turns need, and what the last look at it saw. */
import type { WrongAttribute } from "../git/checkout/attributes.ts";
import type { CheckoutSeen } from "../git/checkout/checkout.ts";
import type { Staged } from "../git/checkout/stage.ts";
import type { Store } from "../git/types.ts";
import type { Account } from "../model/account.ts";
import type { Service } from "../model/service.ts";
import type { UnderWay } from "./apply/under-way.ts";
import type { History } from "./history-reader.ts";

/** What is at a checkout's place, and what git cannot tell of it. */
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
  /** The checkout has just been made, and is mounted nowhere yet: nobody can have edited it. */
  fresh: boolean;
  /** A commit that is beside the checkout, and may have checks to pass before it is published. */
  staged: Staged | null;
  /** What is still to be done for published files, while the unit is told of them. */
  pendingIndexUpdate: Promise<void> | null;
  /** It was mounted without a word in the journal, so that its unit is still to be told. */
  pendingReload: boolean;
  /** The deployment that is under way; null: none is. */
  underWay: UnderWay | null;
  /** The package is there, so that nobody asks again. */
  packageKnown: boolean;
}
