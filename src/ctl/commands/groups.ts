/** The first words of two-word commands. */
import type { Section } from "../cli/definition.ts";

export const groups: Readonly<Record<string, { readonly section: Section; readonly summary: string }>> = {
  list: { section: "As in the original", summary: "list machines or services: machines, services, service" },
  state: { section: "As in the original", summary: "change a service: freeze, unfreeze, rollback, pull" },
  do: { section: "As in the original", summary: "the same as state" },
  token: { section: "Access", summary: "tokens for HTTPS: new, list, revoke" },
};
