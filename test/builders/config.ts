/** Configs for tests: only what a test is about is written in it. */
import { stringify } from "smol-toml";
import type { ApiFile, GlobalFile, ServiceFile, WebhookFile, WindowFile } from "../../src/config/file.ts";
import type { ApiSettings } from "../../src/model/service.ts";

/** What the parser makes of a config without `[api]`. */
export const noApi: ApiSettings = {
  group: null,
  cert: null,
  key: null,
  clientCa: null,
  clients: [],
  insecure: false,
  loopback: "read",
};

/** The machine that a service is for, and the name that a test host has to answer to. */
export const machine = "alpha";

/** The checkouts' parent; the default service's checkout is `/srv/gitopper/app`. */
export const mount = "/srv/gitopper";

/** A `[[services]]` entry: unit `app`, with the action reload, and `app/etc` of the repository at `/etc/app`. */
export function aService(overrides: ServiceFile = {}): ServiceFile {
  return {
    machine,
    service: "app",
    action: "reload",
    dirs: [{ local: "/etc/app", link: "app/etc" }],
    ...overrides,
  };
}

/** The text of a config.toml. Nothing settles unless a test says so: most are about other things. */
export function aConfig(
  upstream: string,
  services: readonly ServiceFile[] = [aService()],
  global: GlobalFile = {},
  windows: readonly WindowFile[] = [],
  api: ApiFile = {},
  webhooks: readonly WebhookFile[] = [],
) {
  return stringify({
    global: { upstream, mount, settle: "0s", ...global },
    services,
    windows,
    api,
    webhooks,
  });
}
