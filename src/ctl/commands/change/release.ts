/** `release <service>` and `release --all`: leave the files on the host, and manage them no longer. */
import type { Command } from "../../cli/definition.ts";
import { maybeService, reasonOption, textOf } from "../arguments.ts";
import { requestChange } from "../requests.ts";

export const release: Command = {
  name: "release",
  example: 'release nginx --reason "it moves to another host"',
  section: "Change",
  summary: "put the files of a service in the place of their mounts, and manage it no longer",
  about:
    "The service sees the same files before and afterwards, and its unit is not touched. Then take the service out of " +
    "the config, or unfreeze it to manage it again.",
  arguments: [maybeService],
  options: [{ long: "all", help: "all services of the host" }, reasonOption],
  check: ({ arguments: { service }, options }) =>
    (service === undefined) === (options.all === undefined) ? "name a service, or say --all" : null,
  action: {
    over: "hosts",
    run: (input, { host }) => {
      const { service } = input.arguments;
      const body = { reason: textOf(input, "reason") ?? "", ...(service !== undefined && { service }) };
      return requestChange(host, { method: "POST", path: "/api/v1/release", body });
    },
  },
};
