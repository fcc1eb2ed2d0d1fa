import { expect, test } from "vitest";
import { findName, userName } from "./users.ts";

const passwd = "root:x:0:0:root:/root:/bin/bash\nmiek:x:1000:1000::/home/miek:/bin/sh\nbroken\n";

test("a user is called as passwd(5) has it", () => {
  expect(findName(passwd, 1000)).toBe("miek");
  expect(findName(passwd, 100)).toBeNull();
});

test("root needs no file, and unknown users have a number", () => {
  expect(userName(0, "/nonexistent")).toBe("root");
  expect(userName(1000, "/nonexistent")).toBe("uid 1000");
});
