import { expect, test } from "vitest";
import { servicesIn } from "../config-text.ts";
import { renderEntry } from "../entry.ts";
import { matchesPattern } from "./known-service.ts";
import { findKnown, knownServices } from "./known-services.ts";

test("people's names for a service find it, also with .service", () => {
  expect(knownServices).toHaveLength(20);
  expect(findKnown("bind9.service")?.names[0]).toBe("named");
  expect(findKnown("sshd")?.names[0]).toBe("ssh");
  expect(findKnown("unknown")).toBeNull();
});

test.each(knownServices.map((known) => [known.names[0] ?? "", known] as const))(
  "the entry of %s is one that the daemon takes",
  async (service, { action, check = null, checkUser = "root", checkNetwork = false, probes = [], paths }) => {
    const dirs = paths.map((local) => {
      const file = local.endsWith(".conf") || local.endsWith(".yml") || local === "/etc/crontab";
      return { local, link: `x${local}`, file, access: { mode: null, gid: 0 } };
    });
    const about = { machine: "web1", service, user: "root", gid: 0, groups: new Map(), outside: [] };
    const entry = renderEntry({ ...about, action, check, checkUser, checkNetwork, dirs, probes });
    const text = `[global]\nupstream = "https://example.org/config"\nmount = "/srv"\n\n${entry}`;
    const [read] = await servicesIn(text, "config.toml", "web1");
    expect(read).toMatchObject({ name: service, action });
    expect(read?.links.map(({ local }) => local).toSorted()).toEqual(paths.toSorted());
    expect(read?.check?.commands ?? null).toEqual(check && [check]);
    expect(read?.health.probes).toHaveLength(probes.length);
  },
);

test("a pattern has one star, for a part of one name", () => {
  expect(matchesPattern("/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_*")).toBe(true);
  expect(matchesPattern("/etc/ssh/a/ssh_host_x", "/etc/ssh/*_x")).toBe(false);
  expect(matchesPattern("/etc/dovecot/private/key", "/etc/dovecot/private")).toBe(true);
  expect(matchesPattern("/etc/dovecot/privateer", "/etc/dovecot/private")).toBe(false);
});
