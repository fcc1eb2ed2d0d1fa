/** Reads a directory lazily: its owner may have put millions of files there, and the reader may stop early. */
import { type Dirent, opendirSync, type PathLike } from "node:fs";
import { decodePath } from "../../model/text/path-bytes.ts";

export interface Listed {
  /** As `decodePath` returns it. */
  readonly name: string;
  /** Its name has one character per byte (latin1). */
  readonly entry: Dirent;
}

/** @throws as opendir(3) */
export function* listDirectory(path: PathLike): Generator<Listed> {
  const directory = opendirSync(path, { bufferSize: 256, encoding: "latin1" });
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync())
      yield { name: decodePath(Buffer.from(entry.name, "latin1")), entry };
  } finally {
    directory.closeSync();
  }
}
