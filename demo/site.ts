/** The repository of the demo: a web server's configuration, its page, and something of another service. */
import type { FileChanges } from "../test/host/upstream.ts";

/** The files of a release. A broken one has an nginx.conf that nginx refuses. */
export function siteFiles(port: number, release: number, health: "sound" | "broken" = "sound"): FileChanges {
  return {
    "web/page/index.html": `<h1>Release ${release}</h1>\n`,
    "web/nginx.conf": nginxConf(port, release, health),
  };
}

/** What only the other services of the repository read. */
export function otherFiles(count: number): FileChanges {
  return { "database/settings.ini": `connections = ${100 + count}\n` };
}

/** Only a reloaded nginx knows the answer to /release. */
function nginxConf(port: number, release: number, health: "sound" | "broken"): string {
  return `user www-data;
pid /run/nginx.pid;
events {}
http {
  default_type text/html;
  access_log off;
  server {
    listen 127.0.0.1:${port};
    root /srv/www;
    location = /release { return 200 "release ${release}\\n"; }${health === "broken" ? "\n    lisen 80;" : ""}
  }
}
`;
}

/** The config of gitopper on the host. */
export function gitopperConfig(upstream: string): string {
  return `[global]
upstream = "${upstream}"
mount = "/srv/gitopper"

[[services]]
machine = "web1"
service = "nginx"
action = "reload"
dirs = [
  { local = "/srv/www", link = "web/page" },
  { local = "/etc/nginx/nginx.conf", link = "web/nginx.conf", file = true },
]
`;
}
