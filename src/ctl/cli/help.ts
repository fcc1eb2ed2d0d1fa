/** The parts of the help and the man page that the list of commands does not tell. */
export const description = "Shows and steers the services that gitopper runs on hosts.";

export const notes = `@host[:port] says which daemon is asked, anywhere on the line: @web1, @web1:8001, @[::1]:8000, and several at once: @web1,web2, or @group from the config. Without it, it is the daemon of this host.
A host is reached over ssh (port 2222, the agent and ssh's own config), unless flags or the config say otherwise; a loopback address over http (port 8000).
A prefix is as good as the word: "ls s" is "list service", "s r" is "state rollback".`;

export const examples = `Examples:
  gitopperctl status @web1,web2
  gitopperctl unfreeze nginx @web1 --wait
  gitopperctl freeze nginx --for 2h --reason "disk is being replaced"
  gitopperctl list service @web1 nginx --machine-readable
  gitopperctl state rollback @web1 nginx 1a2b3c4d
  gitopperctl do pull nginx`;

export const exitStatus = `Exit status: 0 all well, 1 something could not be done (also on one host of several, and what doctor finds failed), 2 the command line is not understood, or needs an answer that nobody is there to give, 3 done, and a service is BROKEN or DIFF (status, --wait).`;
