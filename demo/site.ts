/** The repository of the demo: a web server's configuration, its page, and something of another service. */
import type { FileChanges } from "../test/host/upstream.ts";

/** `broken`: nginx -t refuses nginx.conf. `unhealthy`: nginx takes it, and does not find the page. */
type Quality = "sound" | "broken" | "unhealthy";

/** The files of a release. */
export function siteFiles(port: number, release: number, quality: Quality = "sound"): FileChanges {
  return {
    "web/page/index.html": `<h1>Release ${release}</h1>\n`,
    "web/nginx.conf": nginxConf(port, release, quality),
  };
}

/** What only the other services of the repository read. */
export function otherFiles(count: number): FileChanges {
  return { "database/settings.ini": `connections = ${100 + count}\n` };
}

/** Only a reloaded nginx knows the answer to /release. */
function nginxConf(port: number, release: number, quality: Quality): string {
  return `user www-data;
pid /run/nginx.pid;
events {}
http {
  default_type text/html;
  access_log off;
  log_not_found off;
  server {
    listen 127.0.0.1:${port};
    root ${quality === "unhealthy" ? "/srv/wwww" : "/srv/www"};
    location = /release { return 200 "release ${release}\\n"; }${quality === "broken" ? "\n    lisen 80;" : ""}
  }
}
`;
}

/** The config of gitopper on the host; a change counts as good after a second, so that the demo is short. */
export function gitopperConfig(upstream: string, webPort: number): string {
  return `[global]
upstream = "${upstream}"
mount = "/srv/gitopper"
settle = "1s"

[[services]]
machine = "web1"
service = "nginx"
action = "reload"
check = ["nginx", "-t"]
dirs = [
  { local = "/srv/www", link = "web/page" },
  { local = "/etc/nginx/nginx.conf", link = "web/nginx.conf", file = true },
]

[[services.health]]
http = "http://127.0.0.1:${webPort}/"
interval = "100ms"
timeout = "1s"
`;
}
