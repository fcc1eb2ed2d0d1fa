import { expect, test } from "vitest";
import { missingPrograms } from "./unit-files.ts";

const lacks = (program: string) =>
  `a.service: Command ${program} is not executable: No such file or directory\n`;

test("programs that are not there are named where nothing else is wrong", () => {
  expect(missingPrograms(lacks("/bin/x") + lacks("/bin/y"))).toEqual(["/bin/x", "/bin/y"]);
  expect(missingPrograms(`${lacks("/bin/x")}Unit a.service has a bad unit file setting.\n`)).toEqual([
    "/bin/x",
  ]);
  expect(
    missingPrograms(`${lacks("/bin/x")}a.service:3: Unknown key 'B' in section [Service], ignoring.\n`),
  ).toBeNull();
});
