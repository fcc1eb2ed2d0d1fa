import { expect, test } from "vitest";
import { parsePasswd } from "./accounts.ts";

test("passwd: home is / where there is none", () => {
  expect(parsePasswd("root:x:0:0:root:/root:/bin/bash\nsvc:*:997:996::\n")).toEqual([
    { name: "root", uid: 0, gid: 0, home: "/root" },
    { name: "svc", uid: 997, gid: 996, home: "/" },
  ]);
});
