/** What a config asks for that concerns all services. */
import type { Settings } from "../model/service.ts";
import type { Wired } from "./wire.ts";

/** The same parts with the config's limit and gates; the gates' code is loaded only where there are some. */
export async function withGates(
  wired: Wired,
  { windows, services, storeMaxBytes }: Settings,
): Promise<Wired> {
  if (windows.length === 0) return { ...wired, context: { ...wired.context, storeMaxBytes } };
  const { createWindowGate } = await import("../rollout/gates/window.ts");
  const names = services.map(({ name }) => name);
  return {
    ...wired,
    context: { ...wired.context, storeMaxBytes, gates: [createWindowGate(windows, names)] },
  };
}
