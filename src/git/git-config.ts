/** The config that every git of ours reads; `localUpstreams` are trusted though another user owns them. */
export function renderGitConfig(localUpstreams: readonly string[]): string {
  const trusted = localUpstreams.map((path) => `\tdirectory = ${JSON.stringify(path)}\n`).join("");
  return `# Written by gitopper at every start.
[core]
\thooksPath = /dev/null
\tfsmonitor = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
[advice]
\tdetachedHead = false
\tupdateSparsePath = false
[submodule]
\trecurse = false
[fetch]
\trecurseSubmodules = false
[http]
\tlowSpeedLimit = 100
\tlowSpeedTime = 60
[safe]
${trusted}`;
}
