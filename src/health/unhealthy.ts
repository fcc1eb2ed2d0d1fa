/** What makes a verification fail; it becomes a problem where there is a journal to go with it. */

export class Unhealthy extends Error {
  /** The end of what the failing probe got. */
  readonly output: string;
  constructor(reason: string, output = "") {
    super(reason);
    this.name = "Unhealthy";
    this.output = output;
  }
}
