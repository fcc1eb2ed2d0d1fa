/** Example values for messages about values of the wrong type, by key names without list indexes. */

/** One table of a list that is usually written on one line. */
const tables: Readonly<Record<string, string>> = {
  "api.clients": '{ subject = "CN=prometheus", role = "read" }',
  "global.keys": '{ path = "ops.pub" }',
  "global.verify": '{ mode = "head", allowed_signers = "keys/allowed_signers" }',
  "services.actions": '{ path = "nginx/conf.d", action = "restart" }',
  "services.dirs": '{ local = "/etc/nginx", link = "nginx/etc" }',
  "services.verify": '{ mode = "head", allowed_signers = "keys/allowed_signers" }',
};

const commands: Readonly<Record<string, string>> = {
  "services.check": '["nginx", "-t"]',
  "services.health.command": '["/usr/local/bin/probe"]',
};

const texts: Readonly<Record<string, string>> = {
  "global.interval": '"5m"',
  "global.settle": '"10s"',
  "services.dirs.mode": '"0640"',
  "services.interval": '"5m"',
  "services.settle": '"10s"',
};

/** Begins with a comma; empty when the type says enough. */
const suchAs = (example: string | undefined): string => (example === undefined ? "" : `, such as ${example}`);

export const aText = (name: string): string => `a string in quotes${suchAs(texts[name])}`;

export const aTable = (name: string): string => `a table${suchAs(tables[name])}`;

export const aListOfTables = (name: string): string =>
  `a list of tables${suchAs(name in tables ? `[${tables[name]}]` : `[[${name}]]`)}`;

export const aListOfTexts = (name: string): string =>
  `a list of strings${suchAs(commands[name] ?? '["nginx"]')}`;
