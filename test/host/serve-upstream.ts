/** usage: serve-upstream DIR REPOSITORY CERT KEY — serves it over HTTPS on 127.0.0.1:443, in a host of its own. */
import { readFileSync } from "node:fs";
import { serveUpstream } from "./http-upstream.ts";

const [dir = "", repository = "", cert = "", key = ""] = process.argv.slice(2);
const tls = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
await serveUpstream(dir, repository, { tls, port: 443 });
