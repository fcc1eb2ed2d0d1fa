/** A gitopperctl for completion: its first word is a path that the name of a hostile service makes, if a shell obeys it. */
import { servicesReply } from "../../src/api/original-shapes.ts";
import { tryOut } from "../builders/ctl.ts";

const [owned = "", ...words] = process.argv.slice(2);

function services(...names: readonly string[]) {
  const rest = { hash: "", state: "OK", stateinfo: "", change: "" };
  return {
    "GET /list/services": servicesReply.parse({ services: names.map((service) => ({ service, ...rest })) }),
  };
}

const config = '[hosts]\nweb1 = { via = "ssh" }\nweb2 = {}\n[groups]\ndb = ["web1"]\n';
const { stdout } = await tryOut(words, {
  hosts: { web1: services("nginx", "getty@tty1", `$(touch\${IFS}${owned})`), "this host": services("caddy") },
  files: { "/home/ann/.config/gitopper/config.toml": config },
  socket: true,
});
process.stdout.write(stdout);
