import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { startGitopper } from "../host/gitopper.ts";
import { bootHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { makeUpstream } from "../host/upstream.ts";

const main = `user www-data;
worker_processes 1;
pid /run/nginx.pid;
events { worker_connections 64; }
http { include /etc/nginx/sites-enabled/*; }
`;

const site = (port: number, text: string): string =>
  `server { listen 127.0.0.1:${port}; location / { return 200 "${text}"; } }\n`;

async function answerOf(url: string): Promise<string> {
  const response = await fetch(url, { headers: { connection: "close" }, signal: AbortSignal.timeout(5_000) });
  return response.text();
}

/** Sends requests without a pause until it is stopped; old and new workers answer side by side for a moment. */
async function askUntil(url: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const answers = new Set<string>();
  while (!signal.aborted) {
    const answer = await answerOf(url).catch((error: Error) => `refused: ${error.message}`);
    answers.add(answer);
  }
  return answers;
}

test("a push changes what nginx serves, and no request is refused meanwhile", async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const files = { "nginx/nginx.conf": main, "nginx/sites/app": site(port, "one") };
  await using upstream = await makeUpstream({ files });
  await using host = await bootHost({ name: "alpha" });
  const gitopper = await startGitopper(host, {
    config: aConfig((await upstream.serve()).url, [
      aService({
        service: "nginx",
        package: "nginx",
        dirs: [
          { local: "/etc/nginx/nginx.conf", link: "nginx/nginx.conf", file: true },
          { local: "/etc/nginx/sites-enabled", link: "nginx/sites" },
        ],
      }),
    ]),
  });
  const failure = (): Promise<string> => gitopper.journal();
  const wait = { everyMs: 20, timeoutMs: 30_000, failure };
  await poll(
    () => answerOf(url).catch(() => ""),
    (text) => text === "one",
    wait,
  );
  const pid = await host.sh("systemctl show --value --property=MainPID nginx");
  const enough = new AbortController();
  const asking = askUntil(url, enough.signal);

  const second = await upstream.commit({ "nginx/sites/app": site(port, "two") });
  await gitopper.pull("nginx");
  await poll(
    () => answerOf(url),
    (text) => text === "two",
    wait,
  );
  await gitopper.until("nginx", (row) => row.hash === second && row.state === "OK");
  enough.abort();

  expect(await asking).toEqual(new Set(["one", "two"]));
  expect(await host.sh("systemctl show --value --property=MainPID nginx")).toBe(pid);

  const bad = await upstream.commit({ "nginx/nginx.conf": "nonsense;\n" });
  await gitopper.pull("nginx");
  const { state, commit, info } = await gitopper.untilReason("nginx", "rolled-back");
  expect({ state, commit }).toEqual({ state: "DIFF", commit: second });
  expect(info).toMatch(new RegExp(` ${bad.slice(0, 8)}: .*nginx`));
  expect(await answerOf(url)).toBe("two");
});
