import { expect, test } from "vitest";
import { tryOut } from "../../../test/builders/ctl.ts";
import { parseClientConfig } from "./config-file.ts";

const path = "/home/ann/.config/gitopper/config.toml";
const hosts = { "*": { "GET /api/v1/services": { services: [] } } };

test("a way that was said and worked is remembered, and said", async () => {
  const seen = await tryOut("status @web1:2200 -i /keys/ops", { hosts });
  expect(seen.files[path]).toBe('[hosts.web1]\naddress = "web1:2200"\nvia = "ssh"\nidentity = "/keys/ops"\n');
  expect(seen.stderr).toBe(`gitopperctl: from now on @web1:2200 is asked over ssh, as ${path} has it\n`);
});

test("a token is not", async () => {
  const { files, stderr } = await tryOut("status @web1.example.org --token secret", { hosts });
  expect(files[path]).toBe('[hosts."web1.example.org"]\nvia = "https"\n');
  expect(JSON.stringify([files, stderr])).not.toContain("secret");
});

test("what is in the file stays, and hosts of one command go in one after the other", async () => {
  const before = '# mine\n[groups]\nweb = ["web1", "web2"]';
  const { files } = await tryOut("status @web --via https", { hosts, files: { [path]: before } });
  expect(files[path]).toBe(`${before}\n\n[hosts.web1]\nvia = "https"\n\n[hosts.web2]\nvia = "https"\n`);
  expect(Object.keys(parseClientConfig(files[path] ?? "", path).hosts)).toEqual(["web1", "web2"]);
});

test.each([
  ["it failed", "status @web1 --via https", { hosts: { "*": "no" } }],
  ["nothing was said of the way", "status @web1", { hosts, env: { GITOPPER_TOKEN: "t" } }],
  ["no host was named", "status --via http", { hosts }],
  ["the host has an entry", "status @web1 --via https", { hosts, files: { [path]: "[hosts.web1]\n" } }],
  ["the file would be none", "status @web1 --via https", { hosts, files: { [path]: "hosts = {}\n" } }],
])("nothing is written when %s", async (_, line, around: Parameters<typeof tryOut>[1]) => {
  const { files } = await tryOut(line, around);
  expect(files[path]).toBe(around?.files?.[path]);
});
