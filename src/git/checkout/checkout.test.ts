import { expect, test } from "vitest";
import { enoughUntracked, parseStatus } from "./checkout.ts";

const head = "1".repeat(40);

test("status: HEAD, changed files with spaces in their names, and unknown files", async () => {
  const records = [
    `# branch.oid ${head}`,
    "# branch.head (detached)",
    `1 .M N... 100644 100644 100644 ${head} ${head} app/etc/my conf`,
    `u UU N... 100644 100644 100644 100644 ${head} ${head} ${head} app/clash`,
    "? app/new file",
    "! app/cache/",
    "",
  ];
  expect(await parseStatus([records])).toEqual({
    is: "present",
    head,
    edits: [
      { path: "app/etc/my conf", untracked: false },
      { path: "app/clash", untracked: false },
      { path: "app/new file", untracked: true },
    ],
    ignored: true,
  });
});

test("status: of more untracked files than the limit there are the first, and a word that there are more", async () => {
  const changed = `1 .M N... 100644 100644 100644 ${head} ${head} conf`;
  const records = [`# branch.oid ${head}`, changed, "? a", "? b", "? c"];
  const [a, b, c] = ["a", "b", "c"].map((path) => ({ path, untracked: true }));
  const seen = { is: "present", head, ignored: false };
  const conf = { path: "conf", untracked: false };
  expect(await parseStatus([records], 2)).toEqual({ ...seen, edits: [conf, a, b], flooded: true });
  expect(await parseStatus([records], 3)).toEqual({ ...seen, edits: [conf, a, b, c] });
});

test("status is read until the limit is exceeded or an ignored file comes, however the output is split", () => {
  const heard = (text: string, size: number) => {
    const enough = enoughUntracked(2);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) if (enough(bytes.subarray(at, at + size))) return true;
    return false;
  };
  for (const size of [1, 2, 3, 4, 1_000]) {
    expect(heard("# branch.oid x\0? a\0? b\0? c\0", size)).toBe(true);
    expect(heard("# branch.oid x\0? a? \0? b! \0", size)).toBe(false);
    expect(heard("# branch.oid x\0! a\0! b\0", size)).toBe(true);
  }
});

test("status: a checkout without a commit is unfit", async () => {
  expect(await parseStatus([["# branch.oid (initial)"]])).toEqual({ is: "unfit", why: "it has no HEAD" });
});
