/** Git's protocol over ssh(1), as far as a question after refs goes: what `git ls-remote` has done, without git. */
import type { Writable } from "node:stream";
import type { Account } from "../../model/account.ts";
import type { Exec } from "../../platform/process/exec.ts";
import { readConversation, renderLsRefs } from "./ls-refs.ts";
import { flush, readFirstLine } from "./pkt-line.ts";
import { answerMaxBytes, NotOurs, type RefServer, timeoutMs } from "./ref-server.ts";
import type { Tips } from "./tip-refs.ts";

export class SmartSsh implements RefServer {
  readonly #argv: readonly string[];
  readonly #account: Account;
  readonly #exec: Exec;

  /** `argv` begins git-upload-pack(1) on the other side; the account is the one whose keys it uses. */
  constructor(argv: readonly string[], account: Account, exec: Exec) {
    this.#argv = argv;
    this.#account = account;
    this.#exec = exec;
  }

  async lsRefs(branches: readonly string[], stopping: AbortSignal): Promise<Tips> {
    const conversation = new Conversation(branches);
    const { name: USER, home: HOME } = this.#account;
    try {
      await this.#exec(this.#argv, {
        // Untied: it ends by itself with the connection that it would lose.
        account: this.#account,
        timeoutMs,
        env: { HOME, USER, GIT_PROTOCOL: "version=2" },
        dialog: conversation,
        signal: AbortSignal.any([stopping, conversation.tooLong]),
      });
    } catch (error) {
      if (conversation.tooLong.aborted) throw new NotOurs("too many refs");
      throw error;
    }
    return conversation.tips();
  }
}

/** A server of protocol 2 says what it can and waits to be asked; an older one lists all its refs at once. */
class Conversation {
  readonly #branches: readonly string[];
  readonly #overflow = new AbortController();
  #stdin: Writable | null = null;
  #heard: Buffer = Buffer.alloc(0);

  constructor(branches: readonly string[]) {
    this.#branches = branches;
  }

  get tooLong(): AbortSignal {
    return this.#overflow.signal;
  }

  begin = (stdin: Writable): void => {
    this.#stdin = stdin;
  };

  hear = (chunk: Buffer): void => {
    if (this.#heard.length > answerMaxBytes) this.#overflow.abort();
    if (this.tooLong.aborted) return;
    this.#heard = Buffer.concat([this.#heard, chunk]);
    const first = readFirstLine(this.#heard);
    if (first === null) return;
    this.#stdin?.end((first === "version 2" ? renderLsRefs(this.#branches) : "") + flush);
    this.#stdin = null;
  };

  /** @throws NotOurs */
  tips(): Tips {
    const tips = readConversation(this.#heard);
    if (tips === null) throw new NotOurs("no list of refs");
    return tips;
  }
}
