/** The gates of a config; their code is loaded only if it has windows. */
import type { Settings } from "../model/service.ts";
import type { Gate } from "../rollout/gates/gate.ts";

export async function gatesOf({
  windows,
  services,
}: Pick<Settings, "windows" | "services">): Promise<readonly Gate[]> {
  if (windows.length === 0) return [];
  const { createWindowGate } = await import("../rollout/gates/window.ts");
  return [
    createWindowGate(
      windows,
      services.map(({ name }) => name),
    ),
  ];
}
