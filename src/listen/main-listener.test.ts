import { expect, test } from "vitest";
import { noApi as api } from "../../test/builders/config.ts";
import { listenerKindOf } from "./main-listener.ts";

const withCert = { ...api, cert: "c", key: "k" };

test.each([
  ["loopback", "plain inside the host", api, true],
  ["tls", "HTTPS anywhere else, even without a certificate of one's own", api, false],
  ["tls", "HTTPS inside the host where there is a certificate", withCert, true],
  ["tls", "HTTPS with it", withCert, false],
  ["insecure", "plain where that was asked for", { ...api, insecure: true }, false],
  ["loopback", "and inside the host that changes nothing", { ...api, insecure: true }, true],
])("%s: %s", (kind, _, settings, inside) => {
  expect(listenerKindOf(settings, inside)).toBe(kind);
});
