/** The parts of the help and the man page that do not come from command definitions. */
import type { Section } from "./definition.ts";

export const description = "Shows and controls the services that gitopper manages on hosts.";

export const notes = `@host[:port], anywhere on the line, selects the daemon: @web1, @web1:8001, @[::1]:8000; several at once: @web1,web2, or @group from the config. The default is the daemon of this host.
gitopperctl connects over ssh (port 2222, with your agent and ssh config), unless flags or the config say otherwise; to a loopback address over http (port 8000).
Commands may be abbreviated: "ls s" is "list service", "s r" is "state rollback".`;

export const examples = `Examples:
  gitopperctl status @web1,web2
  gitopperctl unfreeze nginx @web1 --wait
  gitopperctl freeze nginx --for 2h --reason "disk is being replaced"
  gitopperctl list service @web1 nginx --machine-readable
  gitopperctl state rollback @web1 nginx 1a2b3c4d
  gitopperctl do pull nginx`;

export const exitStatus = `Exit status: 0 success, 1 an operation failed (on at least one host; or doctor found a failure), 2 the command line is invalid or needs an answer from a terminal, 3 done, but a service is BROKEN or DIFF (status, --wait).`;

/** The first words of two-word commands. */
export const groups: Readonly<Record<string, { readonly section: Section; readonly summary: string }>> = {
  list: { section: "As in the original", summary: "list machines or services: machines, services, service" },
  state: { section: "As in the original", summary: "change a service: freeze, unfreeze, rollback, pull" },
  do: { section: "As in the original", summary: "the same as state" },
  token: { section: "Access", summary: "tokens for HTTPS: new, list, revoke" },
};
