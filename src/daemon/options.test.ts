import { describe, expect, test } from "vitest";
import { parseDuration } from "../model/text/duration.ts";
import { parseOptions } from "./options.ts";

describe("durations", () => {
  test.each([
    ["1s", 1_000],
    ["5m0s", 300_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["100ms", 100],
  ])("%s", (text, ms) => expect(parseDuration(text)).toBe(ms));
  test.each(["", "5", "m5", "5 m", "-5m", "5x", "1h30"])("%j is none", (text) =>
    expect(parseDuration(text)).toBeNull(),
  );
});

describe("options", () => {
  const parse = (...argv: string[]) => parseOptions(["-c", "config.toml", ...argv]);
  const options = (...argv: string[]) => {
    const parsed = parse(...argv);
    if (!parsed.ok) throw new Error(parsed.text);
    return parsed.options;
  };

  test("the defaults", () => {
    expect(options()).toEqual({
      hosts: [],
      config: "config.toml",
      address: "127.0.0.1:8000",
      metric: null,
      socket: "/run/gitopper/gitopper.sock",
      ssh: null,
      debug: false,
      restart: false,
      root: true,
      online: false,
      everyMs: 300_000,
      bootstrap: null,
      stateDir: "/var/lib/gitopper",
      trace: null,
      check: false,
      allowRemoval: false,
      release: null,
    });
  });
  test("a release needs no config", () => {
    expect(parseOptions(["--release"])).toMatchObject({ ok: true, options: { release: "files" } });
    expect(parseOptions(["--release=unmount"])).toMatchObject({ ok: true, options: { release: "unmount" } });
    expect(parseOptions(["--release=all"])).toMatchObject({
      ok: false,
      text: expect.stringContaining("files, unmount"),
    });
  });
  test("hosts are comma separated and repeatable", () => {
    expect(options("-h", "a,b", "--hosts", "c").hosts).toEqual(["a", "b", "c"]);
  });
  test("the socket can be elsewhere, or nowhere", () => {
    expect(options("--socket", "/run/x.sock").socket).toBe("/run/x.sock");
    expect(options("--socket=").socket).toBeNull();
  });
  test.each([["-o=false"], ["--root=false"], ["-o", "false"]])("root can be waived: %s %s", (...argv) => {
    expect(options(...argv).root).toBe(false);
  });
  test("bootstrapping has the original's defaults", () => {
    expect(options("-U", "https://example.com/x", "-M", "/tmp/").bootstrap).toEqual({
      upstream: "https://example.com/x",
      directory: "gitopper",
      branch: "main",
      mount: "/tmp",
      pull: false,
    });
  });
  test.each([
    [["-t", "5"], "It has to be a time such as 30s, 5m0s or 1h30m."],
    [["-t", "10ms"], "1s or more"],
    [["--nonsense"], "unknown option '--nonsense'"],
    [["-U", "x"], "needs both -U <url> and -M"],
    [["--state-dir", "x"], "absolute path"],
    [["--socket", "x"], "absolute path, or empty"],
    [["extra"], "too many arguments"],
  ])("%j is refused in one line", (argv, message) => {
    const parsed = parse(...argv);
    expect(parsed).toMatchObject({ ok: false, status: 1 });
    if (!parsed.ok) {
      expect(parsed.text).toContain(message);
      expect(parsed.text).not.toContain("\n");
    }
  });
  test("without a config there is nothing to do", () => {
    expect(parseOptions([])).toMatchObject({
      ok: false,
      status: 1,
      text: "A config file is needed: gitopper -c config.toml; gitopper init writes one",
    });
  });
  test("help and version are no errors", () => {
    expect(parseOptions(["--help"])).toMatchObject({ ok: false, status: 0 });
    expect(parseOptions(["--version"])).toMatchObject({ ok: false, status: 0 });
  });
});
