/** The tables of the state file. */
import type { DatabaseSync } from "node:sqlite";

/** A new version is a new entry at the end. */
const migrations: readonly string[] = [
  `
  CREATE TABLE services (
    service    TEXT PRIMARY KEY,
    "commit"   TEXT,                -- last applied; null before the first deployment
    origin     TEXT NOT NULL,       -- store and branch that the commit is from
    head       TEXT,                -- what the checkout has as a whole; null while it is changed
    links      TEXT NOT NULL,       -- JSON: what the checkout was narrowed to
    checkout   TEXT NOT NULL,
    store      TEXT NOT NULL,       -- path; the upstream itself may hold a password
    user       TEXT NOT NULL,
    state      TEXT NOT NULL,       -- JSON: model/state.ts
    changed_at INTEGER NOT NULL     -- ms since 1970
  ) STRICT;
  CREATE TABLE deployments (
    id         INTEGER PRIMARY KEY,
    service    TEXT NOT NULL,
    "from"     TEXT,
    "to"       TEXT NOT NULL,
    trigger    TEXT NOT NULL,
    result     TEXT,                -- null while under way, or cut off
    reason     TEXT NOT NULL DEFAULT '',
    tries      INTEGER NOT NULL DEFAULT 1,
    started_at INTEGER NOT NULL,    -- ms since 1970
    took_ms    INTEGER
  ) STRICT;
  CREATE INDEX deployments_service ON deployments (service, id);
  CREATE TABLE mounts (
    target     TEXT PRIMARY KEY,
    service    TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE events (
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,    -- ms since 1970
    type       TEXT NOT NULL,
    service    TEXT NOT NULL,
    text       TEXT NOT NULL,
    "commit"   TEXT,
    state      TEXT
  ) STRICT;
  CREATE TABLE tokens (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    role         TEXT NOT NULL,
    hash         BLOB NOT NULL,     -- SHA-256 of the secret
    created_at   INTEGER NOT NULL,  -- ms since 1970
    created_by   TEXT NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER,
    revoked_at   INTEGER
  ) STRICT;
  CREATE TABLE audit (
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,    -- ms since 1970
    who        TEXT NOT NULL,
    "from"     TEXT NOT NULL,
    door       TEXT NOT NULL,
    credential TEXT NOT NULL,
    what       TEXT NOT NULL,
    reason     TEXT NOT NULL,
    status     INTEGER NOT NULL,
    result     TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_done ON audit (id) WHERE status < 400;
  CREATE INDEX audit_refused ON audit (id) WHERE status >= 400;
  `,
  `
  ALTER TABLE services ADD COLUMN enabled INTEGER NOT NULL DEFAULT 0; -- its unit was, when last deployed or since
  ALTER TABLE deployments ADD COLUMN failed_at TEXT;
  ALTER TABLE deployments ADD COLUMN output TEXT;
  ALTER TABLE deployments ADD COLUMN journal TEXT;
  CREATE TABLE bad_commits (
    service     TEXT NOT NULL,
    fingerprint TEXT NOT NULL,      -- of what the service would have got, and of how it is judged
    "commit"    TEXT NOT NULL,
    verdict     TEXT NOT NULL,
    reason      TEXT NOT NULL,
    at          INTEGER NOT NULL,   -- ms since 1970
    PRIMARY KEY (service, fingerprint)
  ) STRICT;
  `,
  `
  ALTER TABLE mounts ADD COLUMN source TEXT NOT NULL DEFAULT ''; -- where the checkout was: device, and path on it, a line each
  `,
  `
  ALTER TABLE deployments ADD COLUMN by TEXT NOT NULL DEFAULT ''; -- the person whose request it was
  `,
  `
  CREATE TABLE host_before (        -- until the first deployment of a service has worked
    service    TEXT PRIMARY KEY,
    ran        INTEGER NOT NULL,    -- its unit did
    disabled   INTEGER NOT NULL,    -- its unit was
    made       TEXT NOT NULL        -- JSON: mount points that were not there
  ) STRICT;
  `,
  `
  ALTER TABLE events ADD COLUMN reason TEXT; -- the code of the state's reason; null: none
  `,
  `
  ALTER TABLE services ADD COLUMN phase TEXT NOT NULL DEFAULT '{"at":"verified","head":null}'; -- JSON: model/deployment/phase.ts
  UPDATE deployments SET result = 'running' WHERE result IS NULL;
  UPDATE services SET phase = coalesce((
    SELECT CASE
      WHEN last.result = 'done' THEN json_object('at', 'verified', 'head', services.head)
      WHEN services.head IS NULL THEN json_object('at', 'publishing', 'to', last."to", 'result', last.result)
      ELSE json_object('at', iif(last.failed_at = 'health', 'told', 'published'),
                       'to', last."to", 'result', last.result, 'head', services.head)
    END
    FROM deployments AS last
    WHERE last.service = services.service AND last.failed_at IS NOT 'check'
    ORDER BY last.id DESC LIMIT 1
  ), json_object('at', 'verified', 'head', services.head));
  ALTER TABLE services DROP COLUMN head;
  `,
];

/** Brings the tables up to date; to be run in a transaction. Gives the version that there was, 0 for a new file. @throws Error when a newer gitopper wrote them */
export function migrate(db: DatabaseSync): number {
  const version = Number(db.prepare("PRAGMA user_version").get()?.user_version);
  if (version > migrations.length) {
    throw new Error(
      `A newer gitopper wrote it (version ${version}, this one knows ${migrations.length}): update gitopper, or choose another --state-dir`,
    );
  }
  // On a full disk nothing can be written, and a start has to work all the same.
  if (version === migrations.length) return version;
  for (const statements of migrations.slice(version)) db.exec(statements);
  db.exec(`PRAGMA user_version = ${migrations.length}`);
  return version;
}
