/** What makes a verification fail; it becomes a problem where there is a journal to go with it. */

export class Unhealthy extends Error {
  /** The end of what the failing probe got. */
  readonly output: string;
  /** Whatever the service has read is not to blame. */
  readonly byHost: boolean;
  constructor(reason: string, { output = "", byHost = false } = {}) {
    super(reason);
    this.name = "Unhealthy";
    this.output = output;
    this.byHost = byHost;
  }
}
