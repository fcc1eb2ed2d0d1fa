/** A cable between two hosts with a network of their own (veth(4)). */
import type { TestHost } from "./host.ts";
import { run } from "./run.ts";

/** Gives both an `eth0`, with the addresses `10.0.0.1` and `10.0.0.2`. */
export async function wire(one: TestHost, other: TestHost): Promise<void> {
  const ends = [one, other].map(({ leaderPid }) => ["netns", String(leaderPid), "name", "eth0"]);
  await run(["ip", "link", "add", ...(ends[0] ?? []), "type", "veth", "peer", ...(ends[1] ?? [])]);
  for (const [index, host] of [one, other].entries())
    await host.sh(`ip address add 10.0.0.${index + 1}/24 dev eth0 && ip link set eth0 up`);
}
