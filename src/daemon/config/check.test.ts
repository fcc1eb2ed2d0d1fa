import { expect, test } from "vitest";
import type { AbsPath, RepoPath } from "../../model/path.ts";
import { plainService, type Service } from "../../model/service.ts";
import type { Window } from "../../model/window.ts";
import { renderCheck } from "./check.ts";

const aService = (name: string): Service => ({
  ...plainService,
  name,
  machine: "web1",
  upstream: "https://bob:secret@git.example.org/config.git",
  branch: "main",
  checkout: `/srv/${name}` as AbsPath,
  user: "root",
  action: "reload",
});
const aWindow = (more: Partial<Window>): Window => ({
  name: null,
  kind: "allow",
  start: "0 2 * * *",
  durationMs: 9_000_000,
  timezone: "UTC",
  services: null,
  ...more,
});

test("each service has the windows that apply to it", () => {
  const windows = [
    aWindow({ name: "nights", timezone: "Europe/Amsterdam" }),
    aWindow({ kind: "deny", start: "0 0 L * *", durationMs: 86_400_000, services: ["web"] }),
  ];
  const settings = {
    services: [aService("app"), aService("web")],
    windows,
    machines: ["web1"],
    webhooks: [],
  };
  expect(
    renderCheck("c.toml", settings, ["web1"])
      .split("\n")
      .filter((line) => !/track|check out|be well/.test(line)),
  ).toEqual([
    "c.toml: valid; 2 services for this host, which answers to web1",
    "app",
    "  systemctl reload app, when one of them changes",
    '  let commits in from 0 2 * * * Europe/Amsterdam for 2h30m ("nights")',
    "web",
    "  systemctl reload web, when one of them changes",
    '  let commits in from 0 2 * * * Europe/Amsterdam for 2h30m ("nights")',
    "  let no commits in from 0 0 L * * UTC for 24h",
    "",
  ]);
});

test("a service says how it is checked, probed and healed", () => {
  const service: Service = {
    ...aService("web"),
    check: { commands: [["nginx", "-t"]], user: "www-data", timeoutMs: 1, network: false },
    verify: { mode: "all", allowedSigners: "k", gpgKeyring: null },
    actions: [{ path: "web/unit" as RepoPath, action: "restart" }],
    health: {
      settleMs: 10_000,
      onFailure: "stay",
      probes: [{ kind: "tcp", host: "::1", port: 80, intervalMs: 1, timeoutMs: 1, deadlineMs: 5_000 }],
    },
    readOnly: true,
    drift: { mode: "heal", healsPerHour: 6 },
  };
  expect(
    renderCheck("c.toml", { services: [service], windows: [], machines: ["web1"], webhooks: [] }, ["web1"])
      .split("\n")
      .slice(4, -1),
  ).toEqual([
    "  take only signed commits (all)",
    "  check with nginx -t as www-data before anything is seen",
    "  systemctl reload web, when one of them changes",
    "  restart it when web/unit changes",
    "  it has to be well for 10s afterwards, or it is BROKEN",
    "  probe ::1 port 80 for up to 5s",
    "  mount read-only",
    "  heal drift, 6 times an hour at most",
  ]);
});

test("an interval of a service, and the webhooks, are printed", () => {
  const settings = {
    services: [{ ...aService("web"), intervalMs: 60_000 }],
    windows: [],
    machines: ["web1"],
    webhooks: [
      { name: "ci", kind: "github", secrets: [], upstreams: null },
      {
        name: "mirror",
        kind: "gitlab",
        secrets: [],
        upstreams: ["https://bob:secret@git.example.org/a.git"],
      },
    ] as const,
  };
  const lines = renderCheck("c.toml", settings, ["web1"]).split("\n");
  expect(lines).toContain("  track https://***@git.example.org/config.git, branch main, every 1m");
  expect(lines.slice(-5)).toEqual([
    "/webhook/ci",
    "  look at the upstream of the push at once when github tells of a push",
    "/webhook/mirror",
    "  look at https://***@git.example.org/a.git at once when gitlab tells of a push",
    "",
  ]);
});
