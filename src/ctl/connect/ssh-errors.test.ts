import { expect, test } from "vitest";
import type { SshTransport } from "./connection.ts";
import { explainSsh } from "./ssh-errors.ts";

const way: SshTransport = { via: "ssh", host: "web1", port: 2222, identity: null };

const named = { ...way, identity: "keys/ops" };

const changed = `@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
The fingerprint for the ED25519 key sent by the remote host is
SHA256:hdzRTnIELFRhdGtSZg/oUzzVRBcgkkp4Bq4jrY7jLq8.
Host key verification failed.`;

test.each<[string, number | null, SshTransport, string]>([
  [changed, 255, way, "shows SHA256:hdzRTnIELFRhdGtSZg/oUzzVRBcgkkp4Bq4jrY7jLq8, and another one is known"],
  [changed, 255, way, 'If it was changed on purpose: ssh-keygen -R "[web1]:2222", then ssh -p 2222 web1'],
  [
    "No ED25519 host key is known for [web1]:2222",
    255,
    way,
    "accept it once: ssh -p 2222 web1 /list/machine",
  ],
  ["Host key verification failed.", 255, { ...way, port: 22 }, "accept it once: ssh -p 22 web1"],
  ["root@web1: Permission denied (publickey).", 255, way, "name the right one with -i, or see"],
  ["root@web1: Permission denied (publickey).", 255, named, "the key keys/ops may not come in"],
  [
    "Warning: Identity file keys/ops not accessible: No such file or directory.\nroot@web1: Permission denied (publickey).",
    255,
    named,
    "the key keys/ops of -i or of your config cannot be read; check its path",
  ],
  ["ssh: connect to host web1 port 2222: Connection refused", 255, way, "check that gitopper runs there"],
  ["ssh: connect to host web1 port 2222: Connection timed out", 255, way, "no answer; check the host"],
  ["no answer in 10 s", null, way, "no answer in 10 s; see on that host: journalctl -u gitopper"],
  [
    "Connection timed out during banner exchange\nConnection to web1 port 2222 timed out",
    255,
    way,
    "it accepted the connection, but does not speak SSH; check the port",
  ],
  ["ssh: Could not resolve hostname web1: Name or service not known", 255, way, 'no address for "web1"'],
  ["ssh: connect to host web1 port 2222: No route to host", 255, way, "there is no way to the host"],
  ["kex_exchange_identification: Connection closed by remote host", 255, way, "it hangs up; check the port"],
  ["ssh -T: spawn ssh ENOENT", null, way, "there is no program ssh here"],
  ["bash: line 1: GET: command not found", 127, way, "what answers there is not gitopper"],
  ["Permission denied", 126, way, "what answers there is not gitopper"],
  ["one\n\x1b[2Jtwo\n", 255, way, "ssh says: \\x1b[2Jtwo"],
])("%j, %s", (text, status, asked, sentence) => {
  expect(explainSsh({ status, text }, asked)).toContain(sentence);
});
