/** Certificates for tests, by openssl(1). */
import { join } from "node:path";
import { run } from "../host/run.ts";

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** A CA in an existing directory. */
export async function makeCa(directory: string, name: string): Promise<Pair> {
  const pair = pairIn(directory, name);
  await openssl(
    ["req", "-x509", "-days", "2", "-subj", `/CN=${name}`, "-addext", "keyUsage=keyCertSign"],
    pair,
  );
  return pair;
}

/** A certificate of a CA; `subject` as openssl writes it: `/O=Example/CN=web1`. */
export async function issue(ca: Pair, directory: string, name: string, subject: string): Promise<Pair> {
  const pair = pairIn(directory, name);
  const of = ["-CA", ca.cert, "-CAkey", ca.key, "-days", "2"];
  const extensions = [
    "-addext",
    "subjectAltName=DNS:localhost,IP:127.0.0.1",
    "-addext",
    "basicConstraints=CA:FALSE",
  ];
  await openssl(["req", "-x509", "-subj", subject, ...extensions, ...of], pair);
  return pair;
}

/** A certificate that expired yesterday. */
export async function issueExpired(
  ca: Pair,
  directory: string,
  name: string,
  subject: string,
): Promise<Pair> {
  const pair = pairIn(directory, name);
  const request = join(directory, `${name}.csr`);
  await openssl(["req", "-new", "-subj", subject], { ...pair, cert: request });
  const of = ["-CA", ca.cert, "-CAkey", ca.key, "-CAcreateserial", "-days", "-1"];
  await run(["openssl", "x509", "-req", "-in", request, "-out", pair.cert, ...of]);
  return pair;
}

function pairIn(directory: string, name: string): Pair {
  return { cert: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) };
}

async function openssl(argv: readonly string[], { cert, key }: Pair): Promise<void> {
  const newKey = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-noenc",
    "-keyout",
    key,
    "-out",
    cert,
  ];
  await run(["openssl", ...argv, ...newKey]);
}
