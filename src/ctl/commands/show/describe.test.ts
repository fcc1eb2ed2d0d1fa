import { describe, expect, test } from "vitest";
import { refused, tryOut } from "../../../../test/builders/ctl.ts";
import { aDeployment, aDetails, aStep, hashOf } from "../../../../test/builders/ctl-details.ts";
import { widthOf } from "../../output/visible.ts";

const nginx = "/api/v1/services/nginx";
const noDrift = { drift: "", edits: [], attributes: [], mounts: [], unit: null };

function hosts(
  details: ReturnType<typeof aDetails>,
  drift: unknown = noDrift,
  deployments = [aDeployment()],
) {
  return {
    "*": {
      [`GET ${nginx}`]: details,
      [`GET ${nginx}/drift`]: drift,
      [`GET ${nginx}/deployments?limit=5`]: { deployments, next: null },
    },
  };
}

describe("describe", () => {
  test("of a service that is well there is what it is, and nothing to do", async () => {
    const links = [
      { link: "nginx/etc", local: "/etc/nginx", file: false },
      { link: "nginx/doc", local: null, file: false },
    ];
    const mounts = [{ local: "/etc/nginx", link: "nginx/etc", is: "mounted" }];
    const seen = await tryOut("describe nginx", {
      hosts: hosts(aDetails({ links }), { ...noDrift, mounts }),
    });
    expect(seen.status).toBe(0);
    expect(seen.stdout).toBe(
      [
        "Service     nginx",
        "State       OK, changed 1 d ago",
        'Commit      aaaaaaaa "nginx: larger pages", 2 d ago',
        "Upstream    https://git.example.org/config.git, branch main",
        "Looked      1 min ago, next in 4 min",
        "Unit        active (running), since 4 d ago; action: reload",
        "Checkout    /srv/gitopper/nginx, of root",
        "Links       /etc/nginx from nginx/etc, mounted",
        "            nginx/doc, in the checkout alone",
        "Drift       none",
        "",
        "Last deployments",
        "WHEN     COMMIT               TRIGGER  RESULT  TOOK",
        "1 d ago  bbbbbbbb → aaaaaaaa  poll     done    1.2 s",
        "",
      ].join("\n"),
    );
  });

  test("an unhealthy service shows its reason, what to do, and its activity, at 80 columns", async () => {
    const at = "2026-03-05T11:00:00Z";
    const details = aDetails({
      state: "BROKEN",
      info: `it does not reload: ${"unknown directive ".repeat(6)}`,
      bad: { commit: hashOf("c"), verdict: "ROLLED BACK", reason: "exit status 1", at },
      waiting: { commit: hashOf("d"), at: "2026-03-05T22:00:00Z" },
      held: { commit: hashOf("a"), by: "ann", reason: "disk\x1b", since: at, until: "2026-03-05T14:00:00Z" },
      deploying: aStep("health", { probe: "healthy 4/10 s" }),
      tip: hashOf("d"),
      behind: 2,
    });
    const { stdout, status } = await tryOut("describe nginx", { hosts: hosts(details), width: 80 });
    expect(status).toBe(3);
    for (const line of [
      "Under way   deploying bbbbbbbb: health, healthy 4/10 s",
      "Waiting     dddddddd waits for a window, opens in 10 h",
      "Held        at aaaaaaaa by ann, 1 h ago, ends in 2 h: disk\\x1b",
      "Bad commit  cccccccc ROLLED BACK 1 h ago: exit status 1",
      "Upstream    https://git.example.org/config.git, branch main at dddddddd, 2",
    ])
      expect(stdout.split("\n")).toContain(line);
    expect(stdout).not.toContain("To do");
    expect(Math.max(...stdout.split("\n").map(widthOf))).toBeLessThanOrEqual(80);
  });

  test("the reason of a bad commit is shown once, with what to do", async () => {
    const at = "2026-03-05T11:00:00Z";
    const details = aDetails({
      state: "DIFF",
      reason: "refused",
      info: "REFUSED cccccccc: nginx -t: unknown directive",
      bad: { commit: hashOf("c"), verdict: "REFUSED", reason: "nginx -t: unknown directive", at },
    });
    const { stdout } = await tryOut("describe nginx", { hosts: hosts(details), width: 80 });
    expect(stdout.match(/unknown directive/g)).toHaveLength(1);
    expect(stdout).toContain(
      "To do       gitopperctl log nginx --output shows what was said, and once that is\n",
    );
  });

  test("when the drift cannot be read, describe says so and shows everything else", async () => {
    const around = hosts(aDetails({ commit: null }), refused(503, "the daemon is busy"), []);
    const { stdout, status } = await tryOut("describe nginx", { hosts: around });
    expect(status).toBe(0);
    expect(stdout).toContain("Commit      none yet\n");
    expect(stdout).toMatch(/Drift {7}not known: the daemon is busy\n\nno deployments yet\n$/);
  });

  test("drift that the state does not have yet is counted", async () => {
    const edits = [{ path: "a", kind: "changed" }];
    const mounts = [{ local: "/etc/nginx", link: "nginx/etc", is: "absent" }];
    const { stdout } = await tryOut("describe nginx", {
      hosts: hosts(aDetails(), { ...noDrift, edits, mounts }),
    });
    expect(stdout).toContain("Drift       1 file, 1 mount; gitopperctl drift nginx names them\n");
  });

  test("drift is said once, and how to see it", async () => {
    const drift = "drift: 1 local edit: nginx/etc/x";
    const details = aDetails({ state: "OK", reason: "local-edits", info: drift, drift });
    const { stdout } = await tryOut("describe nginx", { hosts: hosts(details, { ...noDrift, drift }) });
    expect(stdout).toContain("Drift       1 local edit: nginx/etc/x\n");
    expect(stdout).not.toMatch(/Reason|drift: /);
    expect(stdout).toContain("gitopperctl drift nginx");
  });

  test("--json is what the API gave, by its parts", async () => {
    const { stdout } = await tryOut("describe nginx --json", { hosts: hosts(aDetails()) });
    expect(JSON.parse(stdout)).toMatchObject({
      details: { service: "nginx" },
      drift: { drift: "" },
      deployments: { deployments: [{ id: 7 }] },
    });
  });

  test("several hosts come one below the other", async () => {
    const { stdout } = await tryOut("describe nginx @web1,web2", { hosts: hosts(aDetails()) });
    expect(stdout).toMatch(/^== web1 ==\nService[\s\S]*== web2 ==\nService/);
  });
});
