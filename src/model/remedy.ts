/** What a person does about a service that is BROKEN or DIFF. Pure. */
import { isVerdict } from "./bad-commit.ts";

export interface Trouble {
  readonly service: string;
  readonly state: "BROKEN" | "DIFF";
  /** Why, as it is shown. */
  readonly info: string;
  /** A commit of it was refused or rolled back, and is not tried again by itself. */
  readonly bad: boolean;
  readonly held: boolean;
}

/** What git could not do is said in full by `info`; of checks and units there is more to read. */
export function remedyFor({ service, state, info, bad, held }: Trouble): string {
  const isBad = isVerdict(info);
  if (state === "DIFF" && !isBad) {
    const anew = held ? "it is tried again by itself" : `gitopperctl pull ${service} --wait`;
    return `once that is fixed: ${anew}`;
  }
  const again = isBad || bad ? `, and once that is fixed: gitopperctl pull ${service} --again` : "";
  return `gitopperctl log ${service} --output shows what was said${again}`;
}

/** Whether the unit has to do with it, so that its journal says more. */
export function concernsUnit({ state, info }: { readonly state: string; readonly info: string }): boolean {
  return state === "BROKEN" || isVerdict(info, ["ROLLED BACK", "UNDONE"]);
}
