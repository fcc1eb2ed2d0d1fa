/** A service of this host, its store and its history. */
import type { Store } from "../git/types.ts";
import type { Account } from "../model/account.ts";
import type { Service } from "../model/service.ts";
import type { History } from "./history-reader.ts";

export interface ManagedService {
  readonly service: Service;
  readonly account: Account;
  readonly store: Store;
  readonly history: History;
}
