/** The usual scene of a scenario: an upstream, a host, the unit `app`, and gitopper that manages it. */
import type { ApiFile, GlobalFile, ServiceFile, WebhookFile, WindowFile } from "../../src/config/file.ts";
import { type Gitopper, startGitopper } from "../host/gitopper.ts";
import type { GitopperOptions } from "../host/gitopper-unit.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import type { ServedUpstream } from "../host/http-upstream.ts";
import { addService, type ServiceOptions } from "../host/unit.ts";
import { type FileChanges, makeUpstream, type Upstream } from "../host/upstream.ts";
import { aConfig, aService, machine } from "./config.ts";

export interface SceneOptions {
  /** The first commit; default is one file, `app/etc/conf`, with `one`. */
  readonly files?: FileChanges;
  readonly branches?: readonly string[];
  /** Changes to the usual service's entry in the config. */
  readonly service?: ServiceFile;
  /** More entries beside it; their units are the test's own business. */
  readonly more?: readonly ServiceFile[];
  readonly global?: GlobalFile;
  readonly api?: ApiFile;
  readonly windows?: readonly WindowFile[];
  readonly webhooks?: readonly WebhookFile[];
  /** The unit `app`; it reads `/etc/app/conf`. */
  readonly unit?: ServiceOptions;
  readonly gitopper?: Omit<GitopperOptions, "config">;
  /** Runs before gitopper is started for the first time. */
  readonly prepare?: (stage: Stage) => Promise<unknown>;
}

/** What there is before gitopper is. */
export interface Stage {
  readonly upstream: Upstream;
  readonly served: ServedUpstream;
  readonly host: TestHost;
}

export interface Scene extends Stage, AsyncDisposable {
  readonly gitopper: Gitopper;
}

/** Boots it all; gitopper is ready, and nothing more is waited for. `await using` ends and removes it. */
export async function aScene(options: SceneOptions = {}): Promise<Scene> {
  await using made = new AsyncDisposableStack();
  const files = options.files ?? { "app/etc/conf": "one\n" };
  const upstream = made.use(await makeUpstream({ files, branches: options.branches ?? [] }));
  const served = await upstream.serve();
  const host = made.use(await bootHost({ name: machine }));
  await addService(host, "app", { readsFile: "/etc/app/conf", ...options.unit });
  await options.prepare?.({ upstream, served, host });
  const services = [aService(options.service), ...(options.more ?? [])];
  const { global, windows, api, webhooks } = options;
  const config = aConfig(served.url, services, global, windows, api, webhooks);
  const gitopper = await startGitopper(host, { config, ...options.gitopper });
  const kept = made.move();
  return { upstream, served, host, gitopper, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
