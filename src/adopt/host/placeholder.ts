/** Keeps an empty directory in git. Programs that read all files of a directory skip names that begin with a dot. */
export const placeholder = { name: ".gitkeep", content: Buffer.alloc(0) };
