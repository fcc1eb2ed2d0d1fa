/** The schema of the config file: its keys and the types of their values. */
import * as z from "zod/mini";

const textMaxChars = 4096;

const line = z.string().check(
  z.maxLength(textMaxChars, `is longer than ${textMaxChars} characters; shorten it`),
  z.refine((value) => !/\p{Cc}/u.test(value), "has a control character or a line break; remove it"),
);
const text = z.optional(line);
const flag = z.optional(z.boolean());
const integer = z.optional(z.int());
const lines = z.optional(z.array(line));

const keyFile = z.strictObject({ path: text, ro: flag });

const verifyFile = z.strictObject({ mode: text, allowed_signers: text, gpg_keyring: text });

/** Settings of [global] that a service may override. */
const care = {
  interval: text,
  fast_forward_only: flag,
  settle: text,
  on_failure: text,
  read_only: flag,
  drift: text,
  heals_per_hour: integer,
  verify: z.optional(verifyFile),
};

const globalFile = z.strictObject({
  upstream: text,
  branch: text,
  mount: text,
  keys: z.optional(z.array(keyFile)),
  store_limit: text,
  ...care,
});

const dirFile = z.strictObject({ local: text, link: text, file: flag, mode: text, group: text });

const actionFile = z.strictObject({ path: text, action: text });

const probeFile = z.strictObject({
  http: text,
  status: integer,
  body: text,
  tcp: text,
  command: lines,
  unit: text,
  interval: text,
  timeout: text,
  deadline: text,
});

const commands = z.array(
  z.union([line, z.array(line)], {
    error: 'is no part of a command; use ["nginx", "-t"], or a list of such lists',
  }),
);

const serviceFile = z.strictObject({
  machine: text,
  service: text,
  upstream: text,
  branch: text,
  mount: text,
  user: text,
  package: text,
  action: text,
  actions: z.optional(z.array(actionFile)),
  action_timeout: text,
  check: z.optional(commands),
  check_user: text,
  check_timeout: text,
  check_network: flag,
  health: z.optional(z.array(probeFile)),
  outside_symlinks: lines,
  ...care,
  dirs: z.optional(z.array(dirFile)),
});

const windowFile = z.strictObject({
  name: text,
  kind: text,
  start: text,
  duration: text,
  timezone: text,
  services: lines,
});

const oneOrMore = z.optional(
  z.union([line, z.array(line)], { error: "is neither a string in quotes nor a list of them" }),
);

const webhookFile = z.strictObject({
  name: text,
  kind: text,
  secret_file: oneOrMore,
  secret_credential: oneOrMore,
  upstreams: lines,
});

const clientFile = z.strictObject({ subject: text, role: text });

const apiFile = z.strictObject({
  group: text,
  cert: text,
  key: text,
  client_ca: text,
  clients: z.optional(z.array(clientFile)),
  insecure: flag,
  loopback: text,
});

/** Every key is optional, so that a missing or invalid one does not hide other errors. */
export const configFile = z.strictObject({
  global: z.optional(globalFile),
  api: z.optional(apiFile),
  services: z.optional(z.array(serviceFile)),
  windows: z.optional(z.array(windowFile)),
  webhooks: z.optional(z.array(webhookFile)),
});

export type DirFile = z.infer<typeof dirFile>;
export type ApiFile = z.infer<typeof apiFile>;
export type GlobalFile = z.infer<typeof globalFile>;
export type ProbeFile = z.infer<typeof probeFile>;
export type VerifyFile = z.infer<typeof verifyFile>;
export type ServiceFile = z.infer<typeof serviceFile>;
export type WebhookFile = z.infer<typeof webhookFile>;
export type WindowFile = z.infer<typeof windowFile>;
export type ConfigFile = z.infer<typeof configFile>;

/** The keys of each table, by the table's dotted name; the top of the file is "". */
export const keysOfTables: ReadonlyMap<string, readonly string[]> = new Map([
  ["", Object.keys(configFile.shape)],
  ["global", Object.keys(globalFile.shape)],
  ["global.keys", Object.keys(keyFile.shape)],
  ["global.verify", Object.keys(verifyFile.shape)],
  ["api", Object.keys(apiFile.shape)],
  ["api.clients", Object.keys(clientFile.shape)],
  ["services", Object.keys(serviceFile.shape)],
  ["services.dirs", Object.keys(dirFile.shape)],
  ["services.actions", Object.keys(actionFile.shape)],
  ["services.health", Object.keys(probeFile.shape)],
  ["services.verify", Object.keys(verifyFile.shape)],
  ["windows", Object.keys(windowFile.shape)],
  ["webhooks", Object.keys(webhookFile.shape)],
]);
