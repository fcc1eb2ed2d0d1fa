/** What a host might be like, for the examples of the generated pages. */
import type { EventRow } from "../src/api/event-shapes.ts";
import type { Host } from "../src/api/host.ts";
import type { AuditEntry, ServiceDetails, TokenRow } from "../src/api/shapes.ts";
import type { Commit } from "../src/model/commit.ts";
import type { Deployment } from "../src/model/deployment/deployment.ts";
import type { Event, ServiceStatus } from "../src/model/event.ts";

const commit = "3f2a9c1e5b7d4860a1c2e3f405162738495a6b7c" as Commit;
const older = "d94b7b1c0a9f8e7d6c5b4a39281706f5e4d3c2b1" as Commit;
const changedAt = new Date(Date.UTC(2022, 10, 18, 9, 14, 52));

const tracking: ServiceStatus = {
  service: "grafana-server",
  commit,
  state: { name: "OK", drift: "" },
  changedAt,
};
const held: ServiceStatus = {
  service: "nginx",
  commit: older,
  state: {
    name: "FREEZE",
    hold: { kind: "rollback", commit: older, by: "root", reason: "", since: changedAt, until: null },
    drift: "",
  },
  changedAt,
};
const deployment: Deployment = {
  service: "grafana-server",
  from: older,
  to: commit,
  trigger: "poll",
  by: "",
  result: "done",
  reason: "",
  failedAt: null,
  evidence: null,
  startedAt: changedAt,
  tookMs: 63,
};

const { evidence: _, ...plainly } = deployment;

/** Enough to bring out every metric. */
export const sampleEvents: readonly Event[] = [
  { type: "git-ran", ok: true },
  { type: "state-changed", status: tracking, before: null },
  { type: "state-changed", status: held, before: null },
  { type: "deployment-ended", deployment },
  { type: "webhook-known", webhook: "github" },
  { type: "unit-seen", service: "nginx", active: true },
  {
    type: "progress",
    progress: {
      ...{
        service: "nginx",
        commit,
        trigger: "poll",
        by: "",
        step: "health",
        detail: "",
        probe: "healthy 4/10 s",
      },
      ...{ since: changedAt, stepSince: changedAt },
    },
  },
];

const at = changedAt.toISOString();
const agree = (message: string) => () => Promise.resolve({ ok: true as const, message });
const found = <T>(value: T) => Promise.resolve({ ok: true as const, value });

const details: ServiceDetails = {
  service: "nginx",
  commit: older,
  subject: "Serve the new pages",
  committedAt: at,
  state: "FREEZE",
  reason: "held-at-commit",
  info: `ROLLBACK: ${older}`,
  changedAt: at,
  held: { commit: older, by: "root", reason: "", since: at, until: null },
  waiting: null,
  bad: null,
  upstream: "https://git.example.org/config.git",
  branch: "main",
  tip: commit,
  behind: 1,
  drift: "",
  busy: false,
  deploying: null,
  lookedAt: at,
  nextLookAt: "2022-11-18T09:19:52.000Z",
  checkout: "/srv/gitopper/nginx",
  user: "root",
  action: "reload",
  unit: { active: "active", sub: "running", since: at, restarts: 0 },
  links: [{ link: "web/page", local: "/srv/www", file: false }],
};
const token: TokenRow = {
  id: "0f1e2d3c4b5a",
  name: "ci",
  role: "read",
  createdAt: at,
  createdBy: "root",
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
};
const event: EventRow = {
  id: 42,
  at,
  type: "state-changed",
  service: "nginx",
  text: `ROLLBACK → FREEZE: ROLLBACK: ${older}`,
  commit: older,
  state: "FREEZE",
  reason: "held-at-commit",
};
const audit: AuditEntry = {
  id: 7,
  at,
  who: "root",
  from: "local",
  door: "socket",
  credential: "",
  what: "POST /api/v1/services/nginx/rollback",
  reason: "the new pages are empty",
  status: 200,
  result: "nginx goes to d94b7b1c and stays there until you unfreeze it",
};
const diff = `diff --git a/web/page/index.html b/web/page/index.html
--- a/web/page/index.html
+++ b/web/page/index.html
@@ -1 +1 @@
-<h1>Release 1</h1>
+<h1>Release 2</h1>
`;

/** Answers as the daemon does. */
export const sampleHost: Host = {
  machines: () => [{ machine: "grafana.example.org", actual: "web1" }],
  services: () => [tracking, held],
  stuckReason: () => "",
  freeze: agree("nginx is frozen: it ignores its upstream until you unfreeze it"),
  unfreeze: agree("nginx tracks its upstream again"),
  rollback: agree("nginx goes to d94b7b1c and stays there until you unfreeze it"),
  pull: agree("nginx polls its upstream now"),
  aside: agree("unmounted /etc/default/nginx until 2026-03-05 12:15 UTC, or you resume"),
  resume: agree("mounting again: nginx"),
  release: agree("nginx is released; released /etc/nginx: plain files now"),
  about: () => ({
    hostname: "web1",
    names: ["web1", "grafana.example.org"],
    version: "0.1.0",
    startedAt: at,
    now: at,
    services: 2,
    states: { OK: 1, FREEZE: 1 },
    fingerprint: null,
  }),
  details: async () => [details],
  detailsOf: () => found(details),
  deployments: () => found([{ ...plainly, id: 12, tries: 1, startedAt: at, output: null, journal: null }]),
  ahead: () =>
    found({
      from: older,
      to: commit,
      commits: [{ commit, subject: "Fill the new pages", author: "Alice", committedAt: at }],
      truncated: false,
    }),
  diff: () => found({ from: older, to: commit, diff, truncated: false }),
  drift: () =>
    found({
      drift: "drift: 1 local edit: web/page/index.html",
      edits: [{ path: "web/page/index.html", kind: "changed" as const }],
      attributes: [{ path: "web/nginx.conf", is: "owner root", instead: "www-data" }],
      mounts: [{ local: "/srv/www", link: "web/page", is: "mounted" as const }],
      unit: { load: "loaded", active: "active", file: "enabled" },
      saved: ["/var/lib/gitopper/patches/nginx/20261122T105900000Z-1a2b3c4d.patch"],
    }),
  driftDiff: () => found({ base: commit, diff, truncated: false, omitted: [] }),
  plan: () =>
    found({
      to: commit,
      steps: [
        "stage 3f2a9c1e beside the checkout",
        "publish 3f2a9c1e",
        "systemctl reload nginx",
        "see that nginx is well for 10s",
      ],
    }),
  unitLog: () =>
    found(["2022-11-18T09:14:52+00:00 web1 nginx[812]: signal 1 (SIGHUP) received, reconfiguring"]),
  doctor: async () => [
    {
      name: "clock",
      result: "warning" as const,
      detail: "not synchronized",
      remedy: "switch on systemd-timesyncd or chrony",
    },
  ],
  events: () => [event],
  newestEvent: () => 42,
  followEvents: async function* () {
    yield event;
  },
  tokens: {
    create: () => ({ ok: true, token: "gitopper_0f1e2d3c4b5a_…", row: token }),
    list: () => [token],
    revoke: (which) => ({ ok: true, message: `Token ${which} is revoked` }),
    check: () => null,
  },
  audit: { record: () => {}, list: () => [audit] },
};

/** What stands for the parameters of a route. */
export const sampleParams: Readonly<Record<string, string>> = {
  service: "nginx",
  hash: "d94b7b1c",
  token: "ci",
};

/** What stands for the bodies of those routes that need one. */
export const sampleBodies: Readonly<Record<string, unknown>> = {
  "POST /api/v1/services/{service}/freeze": { reason: "release week", for: "72h" },
  "POST /api/v1/services/{service}/rollback": { commit: "d94b7b1c", reason: "the new pages are empty" },
  "POST /api/v1/services/{service}/pull": { overrideWindow: true, reason: "security fix" },
  "POST /api/v1/tokens": { name: "ci", role: "read" },
};
