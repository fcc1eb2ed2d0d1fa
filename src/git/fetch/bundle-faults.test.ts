import { expect, test } from "vitest";
import { faultIn, faultText } from "./bundle-faults.ts";

const first = "2494b147018036d0677b28758248adaba1c36141";

test("what git says of a bundle becomes what is wrong with it", () => {
  const lacks = `error: Repository lacks these prerequisite commits:\nerror: ${first} \n`;
  expect(faultIn(lacks)).toEqual({ is: "continues", commit: first });
  expect(
    faultIn("error: some prerequisite commits exist in the object store, but are not connected\n"),
  ).toEqual({ is: "continues", commit: "" });
  const noRepository = "fatal: '/x.bundle' does not appear to be a git repository\nfatal: Could not read\n";
  expect(faultIn(noRepository)).toEqual({ is: "foreign" });
  expect(faultIn("fatal: invalid gitfile format: /x.bundle\n")).toEqual({ is: "foreign" });
  expect(faultIn("fatal: early EOF\nerror: index-pack died\n")).toEqual({ is: "damaged" });
  expect(faultIn("error: /x.bundle did not send all necessary objects\n")).toEqual({ is: "partial" });
  expect(faultIn("fatal: error opening '/x.bundle': Permission denied\n")).toEqual({ is: "foreign" });
});

test("a full disk and damage of the store are no faults of a bundle", () => {
  for (const other of [
    "fatal: write error: No space left on device\nerror: index-pack died\n",
    "fatal: packed object 0cfb (stored in /s/objects/pack/a.pack) is corrupt\n",
    "",
  ])
    expect(faultIn(other)).toBeNull();
});

test("the text names the commit that a bundle continues from", () => {
  expect(faultText({ is: "continues", commit: first }, "alice")).toContain("commit 2494b1470180, which");
  expect(faultText({ is: "unreadable" }, "alice")).toMatch(/^user "alice" may not read it; /);
});
